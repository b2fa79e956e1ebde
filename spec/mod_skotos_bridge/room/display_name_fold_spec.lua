-- Names that a reader takes for one.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";

describe("two names", function ()
	local fold = dofile("mod_skotos_bridge/skotos_bridge/room/display_name_fold.lib.lua").fold;

	it("are one whatever stands between their letters that nobody sees", function ()
		for _, code in ipairs { 0x7F, 0x9B, 0xAD, 0x34F, 0x61C, 0x115F, 0x17B4, 0x180E, 0x200B, 0x200E, 0x202E, 0x2061,
			0x2064, 0x2066, 0x206A, 0x3164,
			0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9, 0x1BCA0, 0x1D173, 0xE0001, 0xE0020, 0xE0100 } do
			for _, count in ipairs { 1, 600 } do
				assert.equal("ann lee", fold("A" .. utf8.char(code):rep(count) .. "nn Lee" .. utf8.char(code)),
					("U+%04X"):format(code));
			end
		end
	end);

	it("are one whatever blanks part their words", function ()
		for _, blank in ipairs { " ", "\t", "\n", "\u{85}", "\u{a0}", "\u{1680}", "\u{2003}", "\u{2028}", "\u{202f}",
				"\u{2800}", "\u{3000}" } do
			for _, count in ipairs { 1, 1100 } do
				assert.equal("ann lee", fold(blank:rep(count) .. "Ann" .. blank:rep(count) .. "Lee" .. blank),
					("%q"):format(blank));
			end
		end
	end);

	it("are one in other letter case, width or form", function ()
		assert.equal(fold "Zo\u{EB}", fold "ZOe\u{308}");
		assert.equal("bob", fold "\u{ff22}\u{ff4f}b");
	end);

	it("are two where a letter differs, and none is too odd to be asked for", function ()
		for _, name in ipairs { "Annn", "A nn", "\u{410}nn", "Ann\u{e000}", "Ann\u{5d0}", ("Ann"):rep(1000), "Ann\xEB",
				"\xF4\x90\x80\x80", "", "\u{200b}" } do
			assert.not_equal("ann", fold(name));
		end
	end);
end);
