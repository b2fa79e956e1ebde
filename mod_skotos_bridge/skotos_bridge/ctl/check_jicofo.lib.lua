-- Jicofo makes the first who comes an owner (jicofo.conference.enable-auto-owner, on by default). The rooms refuse it, but it should not ask.

local file = module:require "skotos_bridge/admin/file";
local hocon = module:require "skotos_bridge/admin/hocon";

local M = {};

local ENOENT = 2;
local FILE, SETTING = "/etc/jitsi/jicofo/jicofo.conf", "jicofo.conference.enable-auto-owner";

function M.run(report, path)
	path = path or FILE;
	local mend = ("hocon -f %s set %s false && systemctl restart jicofo, or: skotos-bridge-setup"):format(path, SETTING);
	local text, err, code = file.read(path);
	if not text and code == ENOENT then
		report:ok("jicofo", ("no Jicofo on this host; where it runs, %s = false is wanted"):format(SETTING));
		return;
	elseif not text then
		report:ok("jicofo", ("not looked at: only root and Jicofo may read its settings (%s); as root: prosodyctl --root mod_skotos_bridge check"):format(err));
		return;
	end
	local value = hocon.get(text, SETTING);
	if value == "false" or value == '"false"' then
		report:ok("jicofo", "Jicofo's automatic owner is off");
	else
		report:warn("jicofo", ("Jicofo tries to make the first who comes an owner (enable-auto-owner is %s); it is refused, and logged each time")
			:format(value and value:match('^"?(.-)"?$') or "not set"), mend);
	end
end

return M;
