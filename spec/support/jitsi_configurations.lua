-- Jitsis as there are, for the specs that boot a host: Debian's with and without tokens, one of 2021, a secure domain
-- with guests, two Jitsis on one machine, docker's as its templates render it. Each is
--   { name =, files = path below /etc/prosody -> text, domain = that of Jicofo's account (nil: auth.HOST),
--     setup = what skotos-bridge-setup gets beside the game's address, guest = a VirtualHost that asks for no token,
--     hosts = { { host =, muc =, setup =, port = the game's } }, warns = what check has a person look at (a pattern) }.
local tree = require "spec.support.jitsi_tree";

local M = {};

local HEAD = 'http_default_host = "%s"\nhttp_interfaces = { "127.0.0.1" }\n';

-- One file of Debian's, linked from conf.avail.
local function debian(text, host)
	return { ["conf.avail/" .. (host or tree.HOST) .. ".cfg.lua"] = HEAD:format(host or tree.HOST) .. text };
end

local OF_2021 = [=[
plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/" }

muc_mapper_domain_base = "meet.test";

turncredentials_secret = "turns-own-secret";

turncredentials = {
  { type = "stun", host = "meet.test", port = "3478" },
  { type = "turns", host = "meet.test", port = "5349", transport = "tcp" }
};

cross_domain_bosh = false;
consider_bosh_secure = true;
https_ports = { };
ssl = {
  protocol = "tlsv1_2+";
}

VirtualHost "meet.test"
        -- enabled = false -- Remove this line to enable this host
        authentication = "anonymous"
        -- app_id="example_app_id"
        -- app_secret="example_app_secret"
        ssl = {
                key = "/etc/prosody/certs/meet.test.key";
                certificate = "/etc/prosody/certs/meet.test.crt";
        }
        speakerstats_component = "speakerstats.meet.test"
        conference_duration_component = "conferenceduration.meet.test"
        modules_enabled = {
            "bosh";
            "pubsub";
            "ping"; -- Enable mod_ping
            "speakerstats";
            "turncredentials";
            "conference_duration";
            "muc_lobby_rooms";
        }
        c2s_require_encryption = false
        lobby_muc = "lobby.meet.test"
        main_muc = "conference.meet.test"

Component "conference.meet.test" "muc"
    storage = "memory"
    modules_enabled = {
        "muc_meeting_id";
        "muc_domain_mapper";
        --"token_verification";
    }
    admins = { "focus@auth.meet.test" }
    muc_room_locking = false
    muc_room_default_public_jids = true

Component "internal.auth.meet.test" "muc"
    storage = "memory"
    modules_enabled = {
        "ping";
    }
    admins = { "focus@auth.meet.test", "jvb@auth.meet.test" }

VirtualHost "auth.meet.test"
    ssl = {
        key = "/etc/prosody/certs/auth.meet.test.key";
        certificate = "/etc/prosody/certs/auth.meet.test.crt";
    }
    authentication = "internal_plain"

Component "focus.meet.test" "client_proxy"
    target_address = "focus@auth.meet.test"

Component "lobby.meet.test" "muc"
    storage = "memory"
    restrict_room_creation = true
]=];

local GUESTS = [=[

VirtualHost "guest.meet.test"
    authentication = "anonymous"
    modules_enabled = { "bosh"; "ping"; }
    c2s_require_encryption = false
]=];

-- As docker-jitsi-meet's template comes out; `login`: the lines of the VirtualHost's login, `options`: those of
-- XMPP_CONFIGURATION, `muc`: of XMPP_MUC_CONFIGURATION.
local function docker(login, options, muc)
	return (([=[
admins = {



    "focus@auth.meet.jitsi",
    "jvb@auth.meet.jitsi"
}

unlimited_jids = {
    "focus@auth.meet.jitsi",
    "jvb@auth.meet.jitsi"
}

plugin_paths = { "/prosody-plugins-custom", "/prosody-plugins/", "/prosody-plugins-contrib" }

muc_mapper_domain_base = "meet.jitsi";
muc_mapper_domain_prefix = "muc";

http_default_host = "meet.jitsi"
consider_bosh_secure = true;
consider_websocket_secure = true;

VirtualHost "meet.jitsi"


LOGIN
    enable_domain_verification = false

    ssl = {
        key = "/run/prosody/config/certs/meet.jitsi.key";
        certificate = "/run/prosody/config/certs/meet.jitsi.crt";
    }
    modules_enabled = {
        "bosh";
        "features_identity";

        "websocket";
        "smacks"; -- XEP-0198: Stream Management

        "conference_duration";

        "muc_lobby_rooms";


    }

    main_muc = "muc.meet.jitsi"

    lobby_muc = "lobby.meet.jitsi"


    c2s_require_encryption = true

    OPTIONS


VirtualHost "auth.meet.jitsi"
    modules_enabled = {
        "limits_exception";
        "smacks";
    }
    authentication = "internal_hashed"
    smacks_hibernation_time = 15;


Component "internal-muc.meet.jitsi" "muc"
    storage = "memory"
    modules_enabled = {
        "muc_hide_all";
        "muc_filter_access";
        }
    restrict_room_creation = true
    muc_filter_whitelist="auth.meet.jitsi"

Component "muc.meet.jitsi" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = {
        "muc_hide_all";
        "muc_meeting_id";
        "token_verification";

        "muc_domain_mapper";
        "muc_password_whitelist";

    }

    rate_limit_cache_size = 10000;

    muc_room_cache_size = 10000
    muc_room_locking = false
    muc_room_default_public_jids = true
    MUC
    muc_password_whitelist = {
        "focus@auth.meet.jitsi";
    }
    muc_tombstones = false
    muc_room_allow_persistent = false

Component "focus.meet.jitsi" "client_proxy"
    target_address = "focus@auth.meet.jitsi"
]=]):gsub("%u+", { LOGIN = login, OPTIONS = options or "", MUC = muc or "" }));
end

local LOGIN = '    authentication = "%s"\n    app_id = "%s"\n    app_secret = "%s"\n    allow_empty_token = false';

-- What packaging/docker/skotos.env has docker's template make: its login, and the lines of its two lists, with the game
-- on this machine.
local function docker_env()
	local env = {};
	for line in io.lines "packaging/docker/skotos.env" do
		local name, value = line:match "^([%u_]+)=(.*)$";
		if name then env[name] = value; end
	end
	return docker(LOGIN:format(env.JWT_AUTH_TYPE, env.JWT_APP_ID, tree.SECRET),
		(env.XMPP_CONFIGURATION:gsub(",", "\n    "):gsub("host%.docker%.internal", "127.0.0.1")), env.XMPP_MUC_CONFIGURATION);
end

local function docker_files(text)
	return { ["conf.d/jitsi-meet.cfg.lua"] = HEAD:format("meet.jitsi"):gsub("^[^\n]*\n", "") .. text };
end

local MEET = { host = tree.HOST, muc = "conference." .. tree.HOST };
local JITSI = { host = "meet.jitsi", muc = "muc.meet.jitsi" };

local function two()
	local files = debian(tree.meet {});
	local second = tree.meet {}:gsub("meet%.test", "two.test"):gsub("\nVirtualHost \"jigasi.*$", "\n");
	files["conf.avail/two.test.cfg.lua"] = second;
	return files;
end

M.list = {
	{ name = "Debian's, without tokens", files = debian(tree.meet {}), hosts = { MEET } };
	{ name = "Debian's, with tokens and the old plugin", hosts = { MEET };
		files = debian(tree.meet { login = "token", moderation = true }) };
	{ name = "one of 2021", files = debian(OF_2021), hosts = { MEET } };
	{ name = "a secure domain with guests", hosts = { MEET }, setup = "--replace-login";
		files = debian(tree.meet { login = "internal_hashed" } .. GUESTS);
		guest = "guest.meet.test", warns = "guest%.meet%.test" };
	{ name = "two Jitsis on one machine", files = two();
		hosts = { MEET, { host = "two.test", muc = "conference.two.test", setup = "--app-id two", port = 11092 } } };
	{ name = "docker's as rendered, with tokens", domain = "auth.meet.jitsi", hosts = { JITSI };
		files = docker_files(docker(LOGIN:format("token", "jitsi", tree.SECRET))) };
};

-- Docker's with the lines of packaging/docker/skotos.env, where no setup is run.
M.docker_env = { name = "docker's as rendered, with skotos.env", domain = "auth.meet.jitsi", hosts = { JITSI };
	files = docker_files(docker_env());
	warns = "enable%-auto%-owner" }; -- Jicofo's file is in another container, and .env has ENABLE_AUTO_OWNER=0

return M;
