-- A game's bytes as reads and pauses bring them, down to the replies.
require "spec.support.rig"; -- for the way to Prosody's own libraries
local json = require "util.json";
local base64 = require "util.encodings".base64;
local probes = require "skotos_probes";

local issuer = require "spec.support.issuer" { moderators = { "Skott" }, commands = true, request_members = { "id" } };

local function claims(token)
	local part = token:match("^[^.]+%.([^.]+)%."):gsub("-", "+"):gsub("_", "/");
	return json.decode(base64.decode(part .. ("="):rep(-#part % 4)));
end

-- What a game writes for a player's name.
local function ask(seq, name)
	return (
		'{ "cmd": "jwt_token", "displayName": "%s", "channel": "tavern", "moderator": false, "validFor": 600, "seq": %d }\0')
		:format(name, seq);
end

-- A name that splits its request: each decoy a moderator's wish with that number, the tail Skott's.
local function split(...)
	local name = "x";
	for _, seq in ipairs { ... } do
		name = name .. ('", "channel": "vault", "moderator": true, "validFor": 600, "seq": %d }\0{ "cmd": "jwt_token", '
			.. '"displayName": "Skott'):format(seq);
	end
	return name;
end

local function command(seq, cmd) return ('{"cmd":"%s","seq":%d}\0'):format(cmd, seq); end

-- The replies, each as "7 Bob", "7 Bob moderator" or "7 refused".
local function played(pieces)
	local out = {};
	for i, reply in ipairs(probes.stream(issuer, pieces)) do
		local t = reply:sub(1, 1) == "{" and json.decode(reply);
		if t and t.success then
			local said = claims(t.token);
			out[i] = ("%d %s%s"):format(t.seq, said.context.user.name, said.moderator and " moderator" or "");
		else
			out[i] = t and ("%d refused"):format(t.seq) or reply;
		end
	end
	return table.concat(out, ", ");
end

local function cut(bytes, at) return bytes:sub(1, at), bytes:sub(at + 1); end

describe("a game's stream", function ()
	local head, rest = cut(ask(5, split(5)), #ask(5, split(5)):match("^[^%z]*%z"));
	local lost_head, lost_rest = cut(ask(6, split(5)), #head);
	local piece, more = cut(ask(6, "Bob"), 40);
	local text = "Bad argument 2 for kfun call_other\n   57 receive_message\n";
	local cases = {
		{ "serves who asks alone, a listed moderator too", { ask(4, "Ann"), ask(5, "Skott") }, "4 Ann, 5 Skott moderator" },
		{ "serves who asks together as plain players", { ask(4, "Ann"), ask(5, "Skott") .. ask(6, "Bob") },
			"4 Ann, 5 Skott, 6 Bob" },
		{ "gives no more than a plain token to who asks together",
			{ ask(4, "Ann"), ask(5, 'Eve", "id": "e') .. ask(6, "Bob") }, "4 Ann, 5 refused, 6 Bob" },
		{ "refuses a split, and tells the innocent beside it",
			{ ask(4, "Ann"), ask(5, "Bob") .. ask(6, split(3, 4, 5)), ask(7, "Cid") },
			"4 Ann, 5 refused, 6 refused, 7 Cid" },
		{ "gives nobody's number to another", { ask(5, "Ann"), ask(6, "Bob") .. ask(7, split(4, 5, 6)), ask(8, "Cid") },
			"5 Ann, 6 refused, 7 refused, 8 Cid" },
		{ "serves a command beside a token", { ask(4, "Ann"), ask(5, "Skott") .. command(6, "ping") },
			"4 Ann, command 6, 5 Skott moderator" },
		{ "refuses a command between tokens", { ask(4, "Ann"), ask(5, "Bob") .. command(6, "ping") .. ask(7, "Cid") },
			"4 Ann, 5 Bob, 6 refused, 7 Cid" },
		{ "waits for a frame that has begun", { ask(5, "Ann"), piece, 0.9, more, ask(7, "Skott") },
			"5 Ann, 6 Bob, 7 Skott moderator" },
		{ "does not serve the first half of a split whose rest comes late",
			{ ask(4, "Ann"), head .. "{ ", 1.1, rest:sub(3), ask(6, "Bob") },
			"4 Ann, 5 refused, 6 Bob" },
		{ "nor behind what looks like the driver's text",
			{ ask(4, "Ann"), ask(5, split(5):gsub("%z", "\0" .. text)):sub(1, #head + #text), 1.1,
			ask(5, split(5):gsub("%z", "\0" .. text)):sub(#head + #text + 1), ask(6, "Bob") }, "4 Ann, 5 refused, 6 Bob" },
		{ "gives a plain token to a split's rest that comes late behind the number that was lost",
			{ ask(4, "Ann"), lost_head .. "{ ", 1.1, lost_rest:sub(3), ask(7, "Skott") },
			"4 Ann, 5 refused, 6 Skott, 7 Skott moderator" },
		{ "tells who has asked right before a frame that does not end",
			{ ask(4, "Ann"), ask(5, "Bob") .. text, 1.1, ask(6, "Cid") },
			"4 Ann, 5 refused, 6 Cid" },
		{ "tells all who have asked right before the driver's text",
			{ ask(4, "Ann"), ask(5, "Bob") .. ask(6, "Cid") .. text, 1.1, ask(7, "Dan") },
			"4 Ann, 5 refused, 6 refused, 7 Dan" },
		{ "takes the driver's text off", { ask(4, "Ann"), text .. ask(5, "Skott") }, "4 Ann, 5 Skott moderator" },
		{ "does not rest where no request ends", { ask(4, "Ann"), "{]\0", ask(5, "Bob"), ask(6, "Cid") },
			"4 Ann, 5 refused, 6 Cid" },
		{ "is given up when it goes on resting there", { ask(4, "Ann"), "{]\0", 1.1, ask(5, "Bob") }, "4 Ann, adrift" },
		{ "is given up when its numbers fall back", { ask(4, "Ann"), ask(3, "Bob"), 1.1 }, "4 Ann, adrift" },
		{ "waits behind a number too many, and knows a decoy that comes first by it",
			{ ask(4, "Ann"), (ask(5, split(7)):match("^[^%z]*%z")),
			(ask(5, split(7)):gsub("^[^%z]*%z", "")), ask(6, "Bob") }, "4 Ann, 5 refused, 6 Bob" },
		{ "serves as a plain player who comes behind numbers that were lost",
			{ ask(4, "Ann"), ask(7, "Skott"), 1.1, ask(8, "Skott") },
			"4 Ann, 7 Skott, 8 Skott moderator" },
		{ "gives a plain token for what is longer than the network's pieces",
			{ ask(4, "Ann"), ask(5, "Skott"):gsub(", ", (" "):rep(1200) .. ", ", 1) },
			"4 Ann, 5 Skott" },
		{ "refuses what comes beside a frame that is too long", { ask(4, "Ann"), ask(5, ("x"):rep(70000)) .. ask(6, "Bob") },
			"4 Ann, 5 refused, 6 Bob" },
	};
	for bytes, reply in pairs { [1200] = "5 Skott moderator", [1201] = "5 Skott" } do
		cases[#cases + 1] = { ("gives %q for %d bytes at once"):format(reply, bytes),
			{ ask(4, "Ann"), (ask(5, "Skott"):gsub(", ", (" "):rep(bytes - #ask(5, "Skott")) .. ", ", 1)) },
			"4 Ann, " .. reply };
	end
	for _, case in ipairs(cases) do
		it(case[1], function () assert.same(case[3], played(case[2])); end);
	end

	it("that holds more than can be kept is refused, and the next player is served", function ()
		local flood = {};
		for i = 1, 17000 do flood[i] = ask(4 + i, "Ann"); end
		local replies = probes.stream(issuer, { ask(4, "Ann"), table.concat(flood), ask(17005, "Bob") });
		for i = 2, #replies - 1 do assert.truthy(replies[i]:find('"success":false', 1, true)); end
		assert.equal("17005 Bob", ("%d %s"):format(17005, claims(json.decode(replies[#replies]).token).context.user.name));
	end);

	it("is served the same wherever its bytes are cut, while no cut is behind a name's NUL", function ()
		local bytes = ask(5, "Ann") .. ask(6, split(6)) .. ask(7, "Skott");
		local decoy_ends = #ask(5, "Ann") + #ask(6, split(6)):match("^[^%z]*%z");
		for at = 1, #bytes do
			local seen = played { ask(4, "Before"), cut(bytes, at) };
			if at == #ask(5, "Ann") then
				assert.equal("4 Before, 5 Ann, 6 refused, 7 refused", seen);
			elseif at == #bytes - #ask(7, "Skott") then
				assert.equal("4 Before, 5 refused, 6 refused, 7 Skott moderator", seen);
			elseif at ~= decoy_ends then
				assert.equal("4 Before, 5 refused, 6 refused, 7 refused", seen, "cut at " .. at);
			else
				assert.is_nil(seen:find("moderator", 1, true));
			end
		end
	end);

	it("gives the memory of each burst back", function ()
		local burst = {};
		for seq = 1, 1000 do burst[seq] = ask(seq, "Bob"); end
		burst = table.concat(burst);
		local function pages()
			collectgarbage();
			collectgarbage();
			local file <close> = assert(io.open("/proc/self/statm"));
			return file:read("n");
		end
		assert.equal(1000, #probes.stream(issuer, { burst }));
		local before = pages();
		for _ = 1, 8 do probes.stream(issuer, { burst }); end
		assert.is_true(pages() - before < 500, "each burst keeps its 400 KB");
	end);
end);
