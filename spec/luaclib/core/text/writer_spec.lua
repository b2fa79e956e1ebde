-- JSON as it is written into memory of a fixed size.
local rig = require "spec.support.rig"; -- luacheck: ignore 211 (sets the paths to Prosody's libraries)
local json = require "util.json";
local probes = require "skotos_probes";

describe("a text in JSON", function ()
	for byte = 0, 127 do
		it(("has byte %d as itself or as its escape"):format(byte), function ()
			local char = string.char(byte);
			local wanted = (char == '"' or char == "\\") and "\\" .. char or byte < 32 and ("\\u%04x"):format(byte) or char;
			assert.equal(('"a%sb%s"'):format(wanted, wanted), (probes.json_string("a" .. char .. "b" .. char, 100)));
			assert.equal(char, json.decode((probes.json_string(char, 8))));
		end);
	end

	for _, text in ipairs { "", "a", "abc", '"', 'a"', '"a', "\1", "a\1b", "\u{e9}", "a\u{20ac}", "\u{1f409}\u{1f409}x",
			"\\\\\1\u{e9}\31z" } do
		it(("that needs all the room that there is, and no less: %q"):format(text), function ()
			local whole = probes.json_string(text, 100);
			assert.equal(whole, (probes.json_string(text, #whole)));
			for room = 0, #whole - 1 do assert.is_nil((probes.json_string(text, room))); end
		end);

		it(("fits up to a character's end, as far as it may: %q"):format(text), function ()
			for room = 2, 40 do
				local most = 0; -- what fits, by trying
				for last = 1, #text do
					local is_whole = last == #text or text:byte(last + 1) & 0xC0 ~= 0x80;
					if is_whole and probes.json_string(text:sub(1, last), room) then most = last; end
				end
				assert.same({ room, most }, { room, (select(2, probes.json_string(text, room))) });
			end
		end);
	end
end);

describe("a number in JSON", function ()
	for _, n in ipairs { 0, 1, -1, 9, 10, -10, 4294967296, math.maxinteger, math.mininteger } do
		it(("is %d"):format(n), function () assert.equal(("%d"):format(n), probes.json_integer(n)); end);
	end
end);
