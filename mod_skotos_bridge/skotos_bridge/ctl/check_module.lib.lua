-- Does the C module load? A file that was cut short (a full disk) is not tried: the dynamic linker would end the process with a bus error.

local M = {};

local HEADER = "<c16 I2 I2 I4 I8 I8 I8 I4 I2 I2 I2 I2 I2 I2"; -- an ELF file's first bytes (elf(5), Elf64_Ehdr)

-- Whether the ELF file at `path` ends before its table of sections, its last part, does: then how many bytes it has and how many are
-- wanted. Nil for a whole file, and for one of another kind.
local function cut_short(path)
	local file = io.open(path, "rb");
	local head = file and file:read(64) or "";
	local size = file and file:seek("end");
	if file then file:close(); end
	if #head < 64 or head:sub(1, 6) ~= "\127ELF\2\1" then return nil; end
	local _, _, _, _, _, _, sections, _, _, _, _, each, count = HEADER:unpack(head);
	local wanted = sections + each * count;
	if size < wanted then return size, wanted; end
end

local function fail(report, why)
	report:fail("module", "the C module skotos_bridge.so does not load: " .. why,
		"dpkg -i prosody-mod-skotos-bridge_*.deb, or: make install; then: systemctl restart prosody");
end

-- Gives the C module, or nil where it does not load.
function M.run(report)
	local path = package.searchpath("skotos_bridge", package.cpath) or "";
	local size, wanted = cut_short(path);
	if size then return fail(report, ("%s is cut short: %d bytes of %d"):format(path, size, wanted)); end
	local ok, bridge = pcall(require, "skotos_bridge");
	if not ok then
		-- "module 'skotos_bridge' not found:" and all places; or "error loading module … from file …:" and in the next line why.
		local first, why = tostring(bridge):match("^([^\n]*)\n?%s*([^\n]*)");
		return fail(report, first:find("^error loading") and why or first);
	end
	report:ok("module", ("the C module loads (version %s)"):format(bridge.version));
	return bridge;
end

return M;
