-- prosodyctl mod_skotos_bridge verify: what a token says and whether it opens a door here, in words.

local hosts = module:require "skotos_bridge/ctl/hosts";
local person = module:require "skotos_bridge/login/person";
local json = require "util.json";

local M = {
	summary = "what a token says, and whether it is good";
	usage = "TOKEN|- [--host HOST] [--json]";
	words = 1;
	help = [[
Checks a token with the configuration's options, exactly as the login and the rooms do, and tells what it says.
With "-" the token is read from standard input, which is better: other users of the machine can see a command line.
    prosodyctl mod_skotos_bridge verify - < token.txt
Exit status: 0 the token is good, 2 it is not.]];
};

local USE_BY = "skotos_use_by"; -- luaclib/core/token/validity.h

local advice = {
	signature = "another secret signed it, or it was changed: compare app_secret (or skotos_secret_file) with the maker's";
	["not-yet-valid"] = "the clock of this machine or of the maker's is off: see timedatectl";
	expired = "its time is over; a player who was in with it lately may still reconnect (skotos_reconnect_grace)";
	issuer = "set asap_accepted_issuers if tokens of that issuer are welcome";
	audience = "set asap_accepted_audiences if tokens for that audience are welcome";
};

local function when(seconds, now)
	local away = math.abs(math.floor(seconds - now));
	return ("%s (%d s %s)"):format(os.date("%F %T %Z", math.floor(seconds)), away, seconds < now and "ago" or "from now");
end

-- Whom the claims name, as the rooms know him.
local function named(claims)
	local id, name = person.id_of(claims), person.name_of(claims);
	if not id then return "nobody, no user's id or name: it opens the door all the same, but bans and mutes need one of the two"; end
	return (name or "without a name") .. (id ~= name and (" (id %s)"):format(id) or "");
end

-- `old_until`: the last moment of tokens without `exp`.
local function words(claims, bridge, now, old_until)
	print(("  issued by  %s, for %s"):format(tostring(claims.iss), tostring(claims.sub or claims.aud)));
	print(("  room       %s%s"):format(tostring(claims.room), claims.room == "*" and " (every room)" or ""));
	print(("  person     %s"):format(named(claims)));
	print(("  moderator  %s"):format(bridge.is_moderator(claims) and "yes" or "no"));
	local used_by = claims[USE_BY];
	if type(claims.exp) ~= "number" then
		print(("  good until %s, as skotos_old_tokens_until says: it has no end of its own (exp)"):format(when(old_until, now)));
	elseif used_by then
		print(("  open until %s: the game's wish; by then it has to have been used for the first time"):format(when(used_by, now)));
		print(("  good until %s, while it is in use; a Jitsi page reads this one (exp)"):format(when(claims.exp, now)));
	else
		print(("  good until %s"):format(when(claims.exp, now)));
	end
end

-- The verdict of one host: { host =, valid =, code =, text =, claims = (verified, or expired and nothing else wrong) }.
local function judged(bridge, host, token, now)
	if not host.options then return { host = host.host, valid = false, code = "options", text = host.err }; end
	local verifier, err = bridge.verifier(host.options.verifier);
	if not verifier then return { host = host.host, valid = false, code = "options", text = err }; end
	local claims, refusal = verifier:verify(token, now);
	if claims then return { host = host.host, valid = true, claims = claims }; end
	return {
		host = host.host, valid = false, code = refusal.code, text = refusal.text;
		claims = refusal.expired and verifier:verify(token, now, { ignore_exp = true }) or nil;
	};
end

local function fail(given, text)
	if given.json then print(json.encode { valid = false, error = text }); else io.stderr:write(text, "\n"); end
	return 2;
end

function M.run(given)
	local token = given[1];
	if token == nil then return fail(given, "a token, or - to read one from standard input, is wanted"); end
	if token == "-" then token = io.read("l") or ""; end
	token = token:match("^%s*(.-)%s*$"):gsub("^.*[?&]jwt=", ""):gsub("[&#].*$", "");
	local ok, bridge = pcall(require, "skotos_bridge");
	if not ok then return fail(given, "the C module skotos_bridge.so does not load; see: prosodyctl mod_skotos_bridge check"); end
	local found, err = hosts.find(given.host);
	if not found then return fail(given, err); end
	local now, valid, verdicts = os.time(), false, {};
	for i, host in ipairs(found) do
		verdicts[i] = judged(bridge, host, token, now);
		valid = valid or verdicts[i].valid;
	end
	if given.json then
		print(json.encode { valid = valid, hosts = verdicts });
		return valid and 0 or 2;
	end
	for i, verdict in ipairs(verdicts) do
		print(("%s: the token is %s"):format(verdict.host, verdict.valid and "good" or ("refused: " .. verdict.text)));
		if advice[verdict.code] then print("  " .. advice[verdict.code]); end
		if verdict.claims then words(verdict.claims, bridge, now, found[i].options.verifier.old_until); end
	end
	return valid and 0 or 2;
end

return M;
