-- The secret that signs the tokens: kept where it is, taken from a file or standard input, or made. Never shown, never an argument.

local file_lib = require "file";
local secret_text = require "secret_text";

local M = { LEAST = secret_text.LEAST };

-- A new one: 32 random bytes in hex. Nil and why where the system gives none.
function M.new()
	local file, err = io.open("/dev/urandom", "rb");
	if not file then return nil, err; end
	file:setvbuf("no");
	local bytes = file:read(32);
	file:close();
	if not bytes or #bytes < 32 then return nil, "/dev/urandom gave too few bytes"; end
	return (bytes:gsub(".", function (c) return ("%02x"):format(c:byte()); end));
end

-- The first line of the file at `path`, or of standard input ("-"). Nil and why.
function M.taken(path)
	local file, err = io.stdin, nil;
	if path ~= "-" then file, err = io.open(path, "rb"); end
	if not file then return nil, "--secret-file: " .. err; end
	local line = file:read("l");
	if path ~= "-" then file:close(); end
	line = line and line:match("^%s*(.-)%s*$");
	if not line or line == "" then return nil, ("--secret-file %s: it is empty; the secret is wanted in its first line"):format(path); end
	if #line < M.LEAST then return nil, ("--secret-file %s: the secret has %d bytes, %d or more are wanted"):format(path, #line, M.LEAST); end
	return line;
end

-- Whether the file at `path` holds a secret that the module takes.
function M.held(path)
	local text = type(path) == "string" and file_lib.read(path);
	if not text then return false; end
	local secrets = secret_text.secrets(text);
	for _, secret in ipairs(secrets) do
		if #secret < M.LEAST then return false; end
	end
	return #secrets > 0, text;
end

-- Whether `value` (of app_secret) is a secret that the module takes: true; nil where there is none; false where it is too short.
function M.usable(value)
	local list = type(value) == "table" and value or { value or nil };
	if #list == 0 then return nil; end
	for _, secret in ipairs(list) do
		if type(secret) ~= "string" then return false; end
		if secret == "" then return nil; end
		if #secret < M.LEAST then return false; end
	end
	return true;
end

return M;
