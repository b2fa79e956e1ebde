-- What allocation.c runs with the n-th allocation failing: every function of the binding once. A function may give nil
-- and why, or raise "not enough memory".
collectgarbage "stop"; -- a finalizer for which Lua has no stack is not run, which is nobody's fault here
local bridge = require "skotos_bridge";
local probes = require "skotos_probes";

local function have(value, why)
	if value == nil then error(why or "nothing", 0); end
	return value;
end

local function issuer_of(options)
	options.app_id, options.domain, options.secrets, options.algorithm = "skotos", "meet.test",
		{ "a secret of some length" }, "HS256";
	options.default_validity, options.max_validity, options.session_validity, options.max_frame = 600, 86400, 43200, 65536;
	return have(bridge.issuer(options));
end

local function verifier_of(options)
	options.issuers, options.audiences, options.require_room = { "skotos" }, { "jitsi" }, true;
	options.leeway, options.old_before, options.old_until = 10, 0, 0;
	return bridge.verifier(options);
end

local issuer = issuer_of {
	moderators = { "Skott", "Ann" }, rooms = { "tavern", "dev-*" }, request_members = { "features", "id" },
	commands = true;
};
local request =
	'{ "cmd": "jwt_token", "displayName": "%s", "channel": "tavern", "moderator": false, "validFor": 600, "seq": 7 }';
local raw = issuer:reply(request:format("Bob"), 1795511229, 8192);
issuer:reply(request:format("\xe9l\xe8ve"), 1795511229, 0);
issuer:reply(request:format('x", "features": {"recording": true}, "id": "u1'), 1795511229, 0);
issuer:reply(request:format("a\\"), 1795511229, 0);
local token = raw:match('"token":"(.-)"');
local verifier = have(verifier_of { algorithm = "HS256", secrets = { "other", "a secret of some length" },
	domain = "meet.test" });
if #token > 0 then
	local claims = verifier:verify(token, 1795511230, { ignore_exp = true });
	if claims then bridge.is_moderator(claims); end
end
verifier:verify("a.b.c", 1795511230);
verifier_of { algorithm = "RS256", public_key = "no key" };
have(bridge.fingerprint("x"));
bridge.room_matches("tavern", "[a]tavern", "a");
bridge.room_matches("Königshof", "k%c3%b6nigshof");
bridge.room_node("Königshof", "dev");
bridge.channel_of("[dev]k%c3%b6nigshof");
issuer_of({ owners = { issuer } }):reply(
	request:format("Bob"):gsub("tavern", "[dev]König", 1), 1795511229, 0);
probes.frames({ "ab", "", "c\0" .. ("d"):rep(300), "\0e\n" }, 256, true);
probes.judge { { { 1, true }, { 2, true } }, { { false, false }, { 3, true } } };
probes.driver_text("Bad\n{}");
probes.base64url_decode(probes.base64url_encode("xyz"));
probes.hmac("SHA256", "key", "data");
bridge.address_scope("127.0.0.1");
bridge.command(issuer, '{"cmd":"kick","channel":"tavern","id":"u1","seq":3}', {}, 8192);
bridge.command(issuer, '{"cmd":"occupants","channel":"tavern","seq":4}',
	{ success = true, occupants = { { occupant = "a", displayName = "A" } } }, 8192);
bridge.command(issuer, '{"cmd":"shoe","channel":"tavern","seq":5}', {}, 0);
bridge.event({ event = "joined", channel = "tavern", displayName = "A" }, 8192);
bridge.event({ event = "said", channel = "tavern", text = ("x"):rep(9000) }, 8192);
bridge.printable("a\0b");
bridge.tls { host = "127.0.0.1", ca = "/nowhere/ca.pem" };
local link = have(bridge.link(issuer, { reply_size = 8192, reply_interval = 0 }));
link:connect("127.0.0.1", 9);
for _ = 1, 3 do link:step(); end
link:set_issuer(issuer);
bridge.wants_event(link, "said", "tavern");
bridge.wants_event(link, "said");
link:stats();
link:close();
