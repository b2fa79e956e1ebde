-- skotos_tls: the shape of its table. What its files hold is checked by bridge.tls (luaclib/link/tls_settings.h).

local M = {};

local TEXTS = { ca = true, certificate = true, key = true, verify_name = true };
local WANTED = "a table of ca, certificate, key (paths), verify_name and pin_sha256 (a string or a list of at most 8)";

local function list_of_pins(value)
	if type(value) == "string" then return { value }; end
	if type(value) ~= "table" or #value == 0 or #value > 8 then return nil; end
	local pins = {};
	for i, pin in ipairs(value) do
		if type(pin) ~= "string" then return nil; end
		pins[i] = pin;
	end
	return pins;
end

-- Gives what bridge.tls takes, without its host; false for no TLS; or nil and what is wanted.
function M.check(value)
	if value == false then return false; end
	if type(value) ~= "table" then return nil, WANTED; end
	local options = {};
	for name, given in pairs(value) do
		if name == "pin_sha256" then
			options.pin_sha256 = list_of_pins(given);
			if not options.pin_sha256 then return nil, WANTED .. "; pin_sha256 is neither"; end
		elseif not TEXTS[name] then
			return nil, ("%s; %s is none of them"):format(WANTED, tostring(name));
		elseif type(given) ~= "string" or given == "" then
			return nil, ("%s; %s is no string"):format(WANTED, name);
		else
			options[name] = given;
		end
	end
	return options;
end

return M;
