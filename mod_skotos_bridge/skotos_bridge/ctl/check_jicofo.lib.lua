-- Jicofo makes the first who comes an owner (jicofo.conference.enable-auto-owner, on by default). The rooms refuse it, but it should not ask.

local M = {};

local FILE = "/etc/jitsi/jicofo/jicofo.conf";

-- What the HOCON `text` says of enable-auto-owner: the last value, as text, nil when it says nothing. A comment is none.
function M.auto_owner(text)
	local value;
	for line in text:gmatch("[^\r\n]+") do
		line = line:gsub("#.*$", ""):gsub("//.*$", "");
		value = line:match("enable%-auto%-owner\"?%s*[=:]%s*\"?([%w${}._?-]+)") or value;
	end
	return value;
end

function M.run(report, path)
	path = path or FILE;
	local mend = ("hocon -f %s set jicofo.conference.enable-auto-owner false && systemctl restart jicofo, or: skotos-bridge-setup"):format(path);
	local file, err, code = io.open(path, "r");
	if not file and code == 2 then
		report:ok("jicofo", "no Jicofo on this host; where it runs, jicofo.conference.enable-auto-owner = false is wanted");
		return;
	elseif not file then
		report:ok("jicofo", ("not looked at: only root and Jicofo may read its settings (%s); as root: prosodyctl --root mod_skotos_bridge check"):format(err));
		return;
	end
	local value = M.auto_owner(file:read("a") or "");
	file:close();
	if value == "false" then
		report:ok("jicofo", "Jicofo's automatic owner is off");
	else
		report:warn("jicofo", ("Jicofo tries to make the first who comes an owner (enable-auto-owner is %s); it is refused, and logged each time")
			:format(value or "not set"), mend);
	end
end

return M;
