-- A folder that stands for / of a Jitsi host: configurations in the shape in which Jitsi's Debian packages write them.

local M = {};

M.HOST = "meet.test";
M.SECRET = "jitsis-own-secret-of-more-than-32-bytes!";

local meet = [=[
plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/" }

-- the mapper of tenants
muc_mapper_domain_base = "HOST";

external_service_secret = "turns-own-secret";
external_services = {
     { type = "stun", host = "HOST", port = 3478 },
     { type = "turn", host = "HOST", port = 3478, transport = "udp", secret = true, ttl = 86400, algorithm = "turn" },
};

cross_domain_bosh = false;
consider_bosh_secure = true;

ssl = {
    protocol = "tlsv1_2+";
    ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
}

unlimited_jids = {
    "focus@auth.HOST",
    "jvb@auth.HOST"
}

VirtualHost "HOST"
    authentication = "LOGIN" -- do not delete me
    -- what jitsi-meet-tokens fills in:
    IDapp_id="APPID"
    IDapp_secret="APPSECRET"
    -- "app_secret" in a remark, and --[[ brackets ]] too
    ssl = {
        key = "/etc/prosody/certs/HOST.key";
        certificate = "/etc/prosody/certs/HOST.crt";
    }
    av_moderation_component = "avmoderation.HOST"
    speakerstats_component = "speakerstats.HOST"
    -- bosh is needed
    modules_enabled = {
        "bosh";
        "pubsub";
        "ping"; -- mod_ping
        "speakerstats";
        "muc_lobby_rooms";
    }
    c2s_require_encryption = false
    lobby_muc = "lobby.HOST"
    main_muc = "conference.HOST"
    -- muc_lobby_whitelist = { "recorder.HOST" }

Component "conference.HOST" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = {
        "muc_meeting_id";
        "polls";
        MODERATION
        --"token_verification";
        "muc_rate_limit";
    }
    admins = { "focus@auth.HOST" }
    muc_room_locking = false
    muc_room_default_public_jids = true

Component "breakout.HOST" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = { "muc_meeting_id"; "polls"; }
    admins = { "focus@auth.HOST" }

Component "internal.auth.HOST" "muc"
    storage = "memory"
    admins = { "focus@auth.HOST", "jvb@auth.HOST" }

VirtualHost "auth.HOST"
    authentication = "internal_hashed"

Component "lobby.HOST" "muc"
    storage = "memory"
    restrict_room_creation = true

VirtualHost "jigasi.meet.jitsi"
    enabled = false -- for customers of Jitsi's components
    modules_enabled = {
      "ping";
    }
    authentication = "token"
    app_id = "jitsi";
    asap_accepted_audiences = { "jigasi.HOST" }
]=]

-- Jicofo's, as its package makes it and hocon then fills it.
M.JICOFO = [[
# Jicofo HOCON configuration. See reference.conf for
#available options, syntax, and default values.
jicofo {
  xmpp: {
    client: {
      client-proxy: "focus.HOST"
      password: "focus-password"
    }
    trusted-domains: [ "recorder.HOST" ]
  }
  bridge: {
    brewery-jid: "JvbBrewery@internal.auth.HOST"
  }
}
]]

-- The host's configuration. `o.login`: what people log in with (default "jitsi-anonymous"; "token" brings app_id and
-- app_secret with it); `o.secret`: another app_secret; `o.moderation`: token_moderation in the MUC.
function M.meet(o)
	local token = o.login == "token";
	local values = {
		HOST = M.HOST, LOGIN = o.login or "jitsi-anonymous", ID = token and "" or "--",
		APPID = token and "skotos" or "example_app_id";
		APPSECRET = token and (o.secret or M.SECRET) or "example_app_secret",
		MODERATION = o.moderation and '"token_moderation"; -- the old one' or "";
	};
	return (meet:gsub("        MODERATION\n", o.moderation and "%0" or ""):gsub("%u+", values));
end

local function put(path, text, mode)
	local file = assert(io.open(path, "wb"));
	assert(file:write(text));
	file:close();
	assert(os.execute(("chmod %s '%s'"):format(mode, path)));
end

function M.read(path)
	local file = io.open(path, "rb");
	if not file then return nil; end
	local text = file:read("a");
	file:close();
	return text;
end

-- Makes the tree in a new folder and gives { root =, meet = path, jicofo = path }; `o` as for meet, and `o.text`: the
-- host's configuration itself; `o.no_jicofo`.
function M.new(o)
	o = o or {};
	local pipe = assert(io.popen("mktemp -d"));
	local root = pipe:read("l");
	pipe:close();
	assert(os.execute(("mkdir -p %s/etc/prosody/conf.avail %s/etc/prosody/conf.d %s/etc/jitsi/jicofo %s/var/lib %s/run")
		:format(root, root, root, root, root)));
	put(root .. "/run/skotos-bridge-setup.lock", "", "644"); -- stays behind, as any lock's file
	local tree = { root = root, meet = root .. "/etc/prosody/conf.avail/" .. M.HOST .. ".cfg.lua",
		jicofo = root .. "/etc/jitsi/jicofo/jicofo.conf" };
	put(root .. "/etc/prosody/prosody.cfg.lua", 'modules_enabled = { "disco"; "saslauth"; "tls"; }\nauthentication = '
		.. '"internal_hashed"\nInclude "conf.d/*.cfg.lua"\n', "640");
	put(tree.meet, o.text or M.meet(o), "644");
	assert(os.execute(("ln -s ../conf.avail/%s.cfg.lua %s/etc/prosody/conf.d/"):format(M.HOST, root)));
	if not o.no_jicofo then put(tree.jicofo, (M.JICOFO:gsub("HOST", M.HOST)), "640"); end
	return tree;
end

-- Gives nil, which is what there is then.
function M.remove(tree) os.execute(("rm -rf '%s'"):format(tree.root)); end

-- Every file below the tree with its rights and a hash of its bytes, as one text.
function M.state(tree)
	local pipe = assert(io.popen(("cd '%s' && find . -printf '%%p %%m %%u %%g %%l\\n' | sort && find . -type f -exec "
		.. "sha256sum {} + | sort"):format(tree.root)));
	local text = pipe:read("a");
	pipe:close();
	return text;
end

return M;
