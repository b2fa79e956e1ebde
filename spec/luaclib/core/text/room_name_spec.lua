-- Rooms' names: what Jitsi's page makes of them, by the page's own steps in a real JavaScript, and the way back.
require "spec.support.rig"; -- for the way to Prosody's own libraries
local json = require "util.json";
local bridge = require "skotos_bridge";
local issuer_of = require "spec.support.issuer";
local verifier_of = require "spec.support.verifier";

-- jitsi-meet's steps, in ECMAScript's own functions; and names out of many scripts, the same each time.
local PAGE = [==[
const page = (room) => {
  try { room = decodeURIComponent(room); } catch (e) { /* was not encoded */ }
  return encodeURIComponent(room.normalize('NFKC').toLowerCase()).toLowerCase();
};
const blocks = [[0x20, 0x7e], [0x20, 0x7e], [0xa0, 0x24f], [0x300, 0x36f], [0x370, 0x52f], [0x531, 0x586], [0x10a0,
	0x10ff], [0x1100, 0x11ff],
  [0x1e00, 0x1fff], [0x2000, 0x206f], [0x2100, 0x218f], [0x3040, 0x30ff], [0x4e00, 0x4e20], [0xac00, 0xac30], [0xfb00,
    0xfb4f], [0xff01, 0xffee],
  [0x10400, 0x1044f], [0x1d400, 0x1d7ff], [0x1f600, 0x1f640]];
let state = 1;
const chance = (n) => { state = (state * 1103515245 + 12345) % 2147483648; return Math.floor(state / 65536) % n; };
const names = ['Tavern Room', 'K\u00f6nigshof', 'a+b', 'J\u030c', '\u039f\u0394\u039f\u03a3', '\u0130', '\ufb01re',
	'100%', 'a%20b', '%c3%b6', '%C3', '%zz', '!*()~', 'a&b@c', '#?[]'];
for (let n = 0; n < 3000; n++) {
  let name = '';
  for (let i = 1 + chance(8); i > 0; i--) { const b = blocks[chance(blocks.length)];
    name += String.fromCodePoint(b[0] + chance(b[1] - b[0] + 1)); }
  if (!/\p{Cn}|\p{Cc}/u.test(name)) names.push(chance(4) ? name : encodeURIComponent(name));
}
console.log(JSON.stringify(names.map((name) => [name, page(name)])));
]==];

local function asked_of_node()
	local path = os.tmpname();
	local file = assert(io.open(path, "w"));
	file:write(PAGE);
	file:close();
	local pipe = assert(io.popen("node " .. path));
	local cases = json.decode(pipe:read("a"));
	pipe:close();
	os.remove(path);
	return cases;
end

describe("a room's node", function ()
	it("is what the page makes of the name, and is its own; a name is refused only where no page opens the room",
			function ()
		local cases, opened = asked_of_node(), 0;
		assert.is_true(#cases > 2000);
		for _, case in ipairs(cases) do
			local name, wanted = case[1], case[2];
			local node, why = bridge.room_node(name);
			if node then
				opened = opened + 1;
				assert.equal(wanted, node, name);
				assert.is_true(bridge.room_matches(name, node));
				assert.is_true(bridge.room_matches(node, node));
			else
				assert.truthy(wanted:find("'", 1, true) or wanted:find("%2f", 1, true) or wanted == "." or wanted == ".."
					or wanted == "*" or wanted:find("%7f", 1, true), name .. ": " .. why);
			end
		end
		assert.is_true(opened > 2000);
	end);

	it("has all the bytes that a node may have, 1023, and no more", function ()
		assert.equal(("x"):rep(1023), bridge.room_node(("X"):rep(1023)));
		assert.is_nil((bridge.room_node(("X"):rep(1024))));
	end);

	local unopened = {
		{ "it's", "cannot stand" }, { "a/b", "parts tenant and room" }, { "a%2Fb", "parts tenant and room" },
		{ ".", "a browser" }, { "%2e.", "a browser" };
		{ ("\u{422}"):rep(171), "1023" }, { "a%00b", "control" }, { "\u{ff07}", "cannot stand" };
	};
	for _, case in ipairs(unopened) do
		it("is not there for " .. case[1]:sub(1, 20) .. ", with the reason", function ()
			local node, why = bridge.room_node(case[1]);
			assert.is_nil(node);
			assert.truthy(why:find(case[2], 1, true), why);
		end);
	end

	it("of a tenant has the tenant in brackets", function ()
		assert.equal("[dev]tavern%20room", bridge.room_node("Tavern Room", "Dev"));
		assert.equal("[dev]tavern%20room", bridge.room_node("[Dev]Tavern Room"));
		assert.equal("[dev]%5bx%5dy", bridge.room_node("[x]y", "dev"));
		assert.equal("%5ba%20b%5dc", bridge.room_node("[a b]c"));
		for _, tenant in ipairs { "a.b", "", "a b", "a/b" } do assert.is_nil((bridge.room_node("tavern", tenant))); end
		for _, tenant in ipairs { "az", "09", "a-z_" } do
			assert.equal(("[%s]tavern"):format(tenant), bridge.room_node("tavern", tenant));
		end
	end);

	it("leads back to the name", function ()
		local cases = {
			{ "k%c3%b6nigshof", "königshof", nil }, { "[dev]tavern%20room", "tavern room", "dev" }, { "tavern", "tavern", nil },
			{ "100%25", "100%", nil };
			{ "a%ff", "a%ff", nil }, { "%5bdev%5dtavern", "%5bdev%5dtavern", nil }, { "[dev]%5bx%5dy", "[x]y", "dev" },
			{ "%5ba%20b%5dc", "[a b]c", nil };
			{ "[]x", "[]x", nil }, { "", "", nil }, { ("x"):rep(2000), ("x"):rep(2000), nil };
		};
		for _, case in ipairs(cases) do
			local name, tenant = bridge.channel_of(case[1]);
			assert.same({ case[2], case[3] }, { name, tenant });
		end
	end);
end);

describe("a game's rooms", function ()
	it("are compared as pages name them", function ()
		local issuer = issuer_of { rooms = { "Königs*", "my*" } };
		for _, channel in ipairs { "KÖNIGSHOF", "k%c3%b6nigshof", "ko\u{308}nigshof", "my room", "My" } do
			assert.is_true(bridge.covers(issuer, channel), channel);
		end
		-- The last letter of a pattern becomes another letter with the mark behind it.
		for _, channel in ipairs { "my\u{308}room", "konigshof" } do
			assert.is_false(bridge.covers(issuer, channel), channel);
		end
	end);
end);

describe("a token's room", function ()
	it("is the channel as the game wrote it, or the node where Jitsi's own verifier would not find the room", function ()
		local issuer = issuer_of();
		local verifier = verifier_of();
		local cases = { { "Tavern", "Tavern" }, { "Tavern Room", "tavern%20room" }, { "Königshof", "k%c3%b6nigshof" },
			{ "a+b", "a%2bb" }, { "[Guild]Hall of Fame", "hall%20of%20fame", "Guild" } };
		for seq, case in ipairs(cases) do
			local raw = issuer:reply(('{"displayName":"Bob","channel":"%s","seq":%d}'):format(case[1], seq), 1795511229, 0);
			assert.truthy(raw:find('"success":true', 1, true), raw);
			local claims = verifier:verify(raw:match('"token":"(.-)"'), 1795511229);
			assert.same({ case[2], case[3] or "meet.test" }, { claims.room, claims.sub });
		end
		local raw = issuer:reply([[{"displayName":"Bob","channel":"it's","seq":9}]], 1795511229, 0);
		assert.truthy(raw:find("no Jitsi page can open", 1, true), raw);
	end);
end);
