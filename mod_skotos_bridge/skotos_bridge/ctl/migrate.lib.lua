-- prosodyctl mod_skotos_bridge migrate: chat_admin_server's settings as lines for the VirtualHost.

local chat_admin_config = module:require "skotos_bridge/admin/chat_admin_config";
local file_lib = module:require "skotos_bridge/admin/file";
local defaults = module:require "skotos_bridge/admin/defaults";
local listener = module:require "skotos_bridge/game/listener";
local secrets_lib = module:require "skotos_bridge/login/secrets";
local json = require "util.json";

local M = {
	summary = "an old chat_admin_config.json as lines for Prosody's configuration";
	usage = "FILE [--secret-file PATH | --show-secret] [--json]";
	words = 1;
	options = { ["secret-file"] = "text", ["show-secret"] = "flag" };
	help = [[
Reads the configuration of the old chat_admin_server and prints what stands for it here: lines for the VirtualHost of your
Jitsi, in /etc/prosody/conf.avail. Changes nothing. (skotos-bridge-setup --from FILE does all of it.)
With "-" it reads standard input, so also a file that Prosody's user may not read.
  --secret-file PATH  writes the secret to PATH, which must not be there yet, readable by its owner only, and names it
  --show-secret       prints the secret as app_secret; without either its place is named and the secret stays where it is]];
};

-- The settings in the text of such a file, as chat_admin_config has them; nil and a line.
function M.read(text)
	local old, err = json.decode(text);
	if type(old) ~= "table" then return nil, "it is no JSON object" .. (err and ": " .. tostring(err) or ""); end
	return chat_admin_config.read(old);
end

-- The lines for `settings`; `secret_line` says where the secret is.
function M.lines(settings, secret_line)
	local lines = {
		'modules_enabled = { "skotos_bridge" } -- added to what is there', 'authentication = "skotos_bridge"';
		("app_id = %q"):format(settings.jwt.app_id), secret_line;
	};
	if settings.jitsi.domain then lines[#lines + 1] = ("skotos_domain = %q"):format(settings.jitsi.domain); end
	lines[#lines + 1] = ("skotos_host = %q"):format(settings.outbound.host or defaults.skotos_host);
	lines[#lines + 1] = ("skotos_port = %d"):format(settings.outbound.port or defaults.skotos_port);
	if settings.inbound.port then
		lines[#lines + 1] = ("skotos_listen = { interface = %q, port = %d } -- only if other programs on this host ask for tokens")
			:format(settings.inbound.host or listener.DEFAULT.interface, settings.inbound.port);
	end
	return lines;
end

local function fail(given, text)
	if given.json then print(json.encode { error = text }); else io.stderr:write(text, "\n"); end
	return 2;
end

-- Writes the secret to a new file that only its owner may read. It is made under a name that nobody foresees, and gets the name `path` in one
-- step that fails where there is one already, also a link to somewhere else.
local function write_secret(path, secret)
	local lfs, pposix, id = require "lfs", require "util.pposix", require "util.id";
	local folder = path:match("^(.*/)[^/]*$") or "";
	local made = ("%s.skotos-bridge-%s"):format(folder, id.long());
	local before = pposix.umask("077");
	local file, err = io.open(made, "w");
	pposix.umask(before);
	if not file then return nil, err; end
	local ok, why = file:write(secret, "\n");
	local closed, close_why = file:close();
	if ok and closed then
		ok, why = lfs.link(made, path);
	else
		ok, why = nil, why or close_why or "cannot be written; is the disk full?";
	end
	os.remove(made);
	if not ok and lfs.symlinkattributes(path) then return nil, ("%s is there already"):format(path); end
	return ok and true or nil, ("%s: %s"):format(path, tostring(why));
end

local EACCES = 13;

-- The text of the file `path`, or of standard input ("-"); nil and why. The file may well be root's, which a root who calls prosodyctl is not.
local function contents(path)
	if path == "-" then return io.read("a"); end
	local text, err, code = file_lib.read(path);
	if not text and code == EACCES then
		return nil, ("%s. prosodyctl reads it as Prosody's user. As who may read it: prosodyctl mod_skotos_bridge migrate - <%s"):format(err, path);
	end
	return text, err;
end

function M.run(given)
	local path = given[1];
	if not path then return fail(given, "a file is wanted, e.g. /var/chat_admin_server/chat_admin_config.json"); end
	local text, err = contents(path);
	if not text then return fail(given, err); end
	if path == "-" then path = "the old file"; end
	local settings, ignored = M.read(text);
	if not settings then return fail(given, ("%s: %s"):format(path, ignored)); end
	local secret_line = ("-- the secret: jwt.secret in %s, as app_secret here or in a file that skotos_secret_file names"):format(path);
	if given["secret-file"] then
		local ok, why = write_secret(given["secret-file"], settings.jwt.secret);
		if not ok then return fail(given, why); end
		secret_line = ("skotos_secret_file = %q"):format(given["secret-file"]);
	elseif given["show-secret"] then
		secret_line = ("app_secret = %q"):format(settings.jwt.secret);
	end
	local lines = M.lines(settings, secret_line);
	if given.json then
		print(json.encode { lines = lines, ignored = ignored, secret_bytes = #settings.jwt.secret });
	else
		print(table.concat(lines, "\n"));
		for _, name in ipairs(ignored) do print(("-- %s of the old file means nothing here"):format(name)); end
		if #settings.jwt.secret < secrets_lib.HASH.HS256 then
			print(("-- the old secret has %d bytes; %d or more are wanted: openssl rand -hex 32 makes one"):format(#settings.jwt.secret, secrets_lib.HASH.HS256));
		end
	end
	return 0;
end

return M;
