-- How far a numeric address reaches, as the module judges it (luaclib/link/address.c; a spec holds the two together). Setup runs before the
-- module's C part need be there, so it has its own.

local M = {};

local function scope_v4(a, b, c, d)
	a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d);
	if a > 255 or b > 255 or c > 255 or d > 255 then return nil; end
	if a == 127 then return "loopback"; end
	if a == 10 or a == 172 and b >= 16 and b < 32 or a == 192 and b == 168 or a == 169 and b == 254 then return "private"; end
	return "public";
end

local V4 = "(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)%.(%d%d?%d?)$";

-- "loopback", "private" or "public"; nil for what is no numeric address.
function M.of(address)
	local lower = address:lower();
	local a, b, c, d = lower:match("^" .. V4);
	if a then return scope_v4(a, b, c, d); end
	if not lower:find("^[%x:.]+$") or not lower:find(":", 1, true) then return nil; end
	a, b, c, d = lower:match("^:[:0]*:ffff:" .. V4);
	if a then return scope_v4(a, b, c, d); end
	if lower:find("^[0:]*:0*1$") and not lower:find("[2-9a-f]") then return "loopback"; end
	if lower:find("^f[cd]%x%x:") or lower:find("^fe[89ab]%x:") then return "private"; end
	return "public";
end

return M;
