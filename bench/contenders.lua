-- Runs what is measured in Lua, one contender at a time, as its lines on stdin say (see contenders_main.c):
--   NAME MS       for about MS milliseconds of CPU time -> NAME COUNT CPU-NANOSECONDS SAMPLE-IN-HEX
-- or, given NAME COUNT as arguments, does the work that often and ends (for callgrind).
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local bridge = require "skotos_bridge";
local probes = require "skotos_probes";
local jwt = require "util.jwt";
local hex = require "util.hex";

local SECRET = "a-secret-for-the-specs-of-40-characters!"; -- as in contenders.h
local BATCH = 256;
local now = os.time();

local issuer = assert(bridge.issuer {
	app_id = "skotos", domain = "meet.test", secrets = { SECRET }, algorithm = "HS256";
	default_validity = 600, max_validity = 86400, session_validity = 0, max_frame = 65536;
});
local verifier = assert(bridge.verifier {
	algorithm = "HS256", secrets = { SECRET }, issuers = { "skotos" }, audiences = { "jitsi" };
	require_room = true, leeway = 10, old_before = 0, old_until = 0;
});
local request = '{ "cmd": "jwt_token", "displayName": "Bob", "channel": "jitsi_chat_default", "moderator": false, "validFor": 600, "seq": 17 }';

local READ = 64; -- requests that one read of a link brings; a divisor of BATCH
local read = (request .. "\0"):rep(READ);

local function claims()
	return {
		iss = "skotos", aud = "jitsi", sub = "meet.test", room = "jitsi_chat_default", iat = now, nbf = now, exp = now + 600, moderator = false;
		context = { user = { id = "Bob", name = "Bob", moderator = false, affiliation = "member" } };
	};
end
local token = issuer:reply(request, now, 0):match('"token":"([^"]+)"'); -- its claims are those of the token that C checks

-- Each does its work `count` times and gives what it made last.
local contenders = {
	["answer-lua"] = function (count)
		local reply_to, reply = issuer.reply, nil;
		for _ = 1, count do reply = reply_to(issuer, request, now, 0); end
		return reply;
	end;
	["answer-lua-read"] = function (count)
		local answer_all, replies = probes.answer_all, nil;
		for _ = 1, count // READ do replies = answer_all(issuer, read, now, 0); end
		return (replies:match("^[^%z]*%z"));
	end;
	["check-lua"] = function (count)
		for _ = 1, count do assert(verifier:verify(token, now)); end
		return token;
	end;
	["claims-lua"] = function (count) -- no check: the least that Lua's part of one can be
		local made;
		for _ = 1, count do made = claims(); end
		return made and token;
	end;
	["make-prosody"] = function (count)
		local made;
		for _ = 1, count do made = jwt.sign(SECRET, claims()); end
		return made;
	end;
	["check-prosody"] = function (count)
		for _ = 1, count do
			local ok, seen = jwt.verify(SECRET, token);
			if not ok or seen.iss ~= "skotos" or seen.aud ~= "jitsi" or seen.exp <= now then error("not accepted"); end
		end
		return token;
	end;
};

local function measure(name, seconds)
	local run = assert(contenders[name], name);
	local count, sample, till = 0;
	run(BATCH);
	local from = os.clock();
	repeat
		sample = run(BATCH);
		count = count + BATCH;
		till = os.clock();
	until till - from >= seconds;
	io.write(("%s %d %d %s\n"):format(name, count, math.floor((till - from) * 1e9), hex.to(sample)));
	io.flush();
end

if arg[2] then
	contenders[arg[1]](tonumber(arg[2]));
	os.exit(true);
end

for line in io.lines() do
	local name, ms = line:match("^(%S+) (%d+)$");
	measure(name, tonumber(ms) / 1000);
end
