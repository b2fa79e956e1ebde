-- 500 streams of a game with hostile names, by chance but the same each time, through a live Prosody: nobody gets what
-- he did not ask for.
local rig = require "spec.support.rig";
local json = require "util.json";
local base64 = require "util.encodings".base64;

local STREAMS = 500;
local MODERATOR = "skott"; -- listed, and never asked for

local state = 500;
local function random(n)
	state = (state * 1103515245 + 12345) & 0x7fffffff;
	return (state >> 8) % n + 1;
end
local function one_of(list) return list[random(#list)]; end

local HEAD = '{ "cmd": "jwt_token", "displayName": "';
local PIECES = {
	'"', "\\", "\0", "\n", "\t", " ", "{", "}", '", ', "x", "\xe9", "\u{1f409}", "\u{fffe}", "\\u0074", MODERATOR, HEAD,
	"\0" .. HEAD .. MODERATOR;
	'", "moderator": true, "q": "', '", "validUntil": 9999999999, "q": "', '", "id": "u1", "q": "', "Bad argument 2\n",
	("y"):rep(2000);
};

-- A name for the request with the number `seq`: like most people's, or of pieces, or one that splits it.
local function name(seq)
	local kind = random(4);
	if kind == 1 then return one_of { "ann", "bob", "Ren\xe9", "Ren\u{e9}", "z" .. random(1000) }; end
	local parts = { one_of { "x", "bob", "" } };
	for _ = 1, random(4) do
		local number = one_of { seq - 2, seq - 1, seq, seq, seq + 1, seq + 2, 1000000000 };
		local what = one_of { "jwt_token", "jwt_token", "kick" };
		parts[#parts + 1] = kind == 2 and one_of(PIECES)
			or ('", "channel": "vault", "moderator": true, "validFor": 600, "seq": %d }\0'):format(number)
			.. HEAD:gsub("jwt_token", what) .. one_of { MODERATOR, "z" };
	end
	return table.concat(parts);
end

local function unhex(hex) return (hex:gsub("%x%x", function (byte) return string.char(tonumber(byte, 16)); end)); end

local function claims(token)
	local part = token:match("^[^.]+%.([^.]+)%."):gsub("-", "+"):gsub("_", "/");
	return json.decode(base64.decode(part .. ("="):rep(-#part % 4)));
end

-- Whether a token has the name that was pasted in, which is UTF-8, or Latin-1 as far as this looks.
local function has_name(user, bytes)
	if utf8.len(bytes) then return user.name == bytes and user.id == bytes; end
	return bytes:find("[\x80-\x9f]") ~= nil or user.name == bytes:gsub("[\xa0-\xff]",
		function (c) return utf8.char(c:byte()); end);
end

describe("500 streams of a game with hostile names", function ()
	it("give nobody what he did not ask for, and everybody an answer", function ()
		local game = rig.game { timeout = 20000 };
		local prosody = rig.prosody { game_port = game.port,
			host_options = ('skotos_moderators = { %q }; skotos_commands = true'):format(MODERATOR) };
		local served, refused = 0, 0;

		local function check(seq)
			local result = game:result { seq = seq };
			assert.equal("reply", result.state);
			if not result.success then
				refused = refused + 1;
				return;
			end
			local asked, got = unhex(result.name), claims(result.token);
			served = served + 1;
			assert.is_false(got.moderator);
			assert.is_nil(got.context.user.email);
			assert.is_true(has_name(got.context.user, asked), got.context.user.name);
			assert.equal("tavern", got.room);
		end

		local function settle(seqs)
			game:settled {};
			for _, seq in ipairs(seqs) do check(seq); end
		end

		-- Nobody knows the count on a new connection: the first to ask is alone.
		local function begin()
			game:connected {};
			settle(game:order({ list = { { line = ("login %s %s"):format(rig.hex("first"), rig.hex("tavern")) } } }).seqs);
		end

		begin();
		for _ = 1, STREAMS do
			local next_seq, list = game:stats().next_seq, {};
			for i = 1, random(5) do
				local hostile = name(next_seq + i - 1);
				if hostile:lower() == MODERATOR then hostile = "x"; end
				list[i] = { line = ("login %s %s"):format(rig.hex(hostile), rig.hex("tavern")) };
			end
			settle(game:order({ list = list }).seqs);
			if random(50) == 1 then
				game:command { line = one_of { "drop", "restart cold", "restart warm",
					"raw " .. rig.hex("Bad argument 2 for kfun call_other\n") } };
				begin();
			end
		end
		local stats = game:stats();
		assert.equal(0, stats.unasked);
		assert.equal(0, stats.timeouts);
		assert.is_true(served > 200 and refused > 200, ("%d served, %d refused"):format(served, refused));
		assert.equal(0, prosody:stop().code);
		game:stop();
	end);
end);
