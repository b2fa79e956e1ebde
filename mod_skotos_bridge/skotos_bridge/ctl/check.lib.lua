-- prosodyctl mod_skotos_bridge check: everything that is known to go wrong, looked at one by one. Each topic is a file beside this one.
--
-- Where the running Prosody knows better than the configuration it is asked: whether a game is there is its link's state, since one
-- more connection to a game could take its requests; only a game without a link is tried from here.

local hosts = module:require "skotos_bridge/ctl/hosts";
local report_lib = module:require "skotos_bridge/ctl/report";
local running = module:require "skotos_bridge/ctl/running";
local check_module = module:require "skotos_bridge/ctl/check_module";
local check_config = module:require "skotos_bridge/ctl/check_config";
local check_files = module:require "skotos_bridge/ctl/check_files";
local check_game = module:require "skotos_bridge/ctl/check_game";
local check_clock = module:require "skotos_bridge/ctl/check_clock";
local check_in_force = module:require "skotos_bridge/ctl/check_in_force";
local check_jitsi = module:require "skotos_bridge/ctl/check_jitsi";
local check_jicofo = module:require "skotos_bridge/ctl/check_jicofo";
local check_others = module:require "skotos_bridge/ctl/check_others";

local M = {
	summary = "looks at everything that is known to go wrong";
	usage = "[--host HOST] [--json] [--offline] [--time-server HOST[:PORT]] [--jicofo FILE] [--meet FILE]";
	options = { offline = "flag", ["time-server"] = "text", jicofo = "text", meet = "text" };
	help = [[
Looks at the configuration and whether it is in force, the secret and who may read it, the C module, the running Prosody, the
game's name, port and certificate, modules that work against the bridge, how pages come in, guests, peer-to-peer, other
bridges, Jicofo, the clock and the disks. Each line is ok, warn or fail; what is not ok
comes with what mends it. Changes nothing. In Docker: prosodyctl --config /run/prosody/config/prosody.cfg.lua mod_skotos_bridge check
  --offline           looks at the configuration alone, not at what runs
  --time-server HOST  compares the clock with this server's (SNTP); default: asks the kernel whether somebody keeps it right
  --jicofo FILE       Jicofo's configuration; default /etc/jitsi/jicofo/jicofo.conf
  --meet FILE         Jitsi's settings for pages; default /etc/jitsi/meet/HOST-config.js
Some files are hidden from Prosody's user; "prosodyctl --root mod_skotos_bridge check" looks as root.
Exit status: 0 all ok, 1 something to look at, 2 something wrong.]];
};

local function check_running(report, found)
	local told, code, why = running.ask("status");
	if not told then
		report:needs_restart();
		if code == "no-bridge" and not found[1] then
			report:ok("prosody", "Prosody runs, without skotos_bridge");
		elseif code == "no-bridge" then
			report:fail("prosody", "Prosody runs, but without skotos_bridge: it did not load there, or the configuration is newer",
				"systemctl restart prosody, and read its log: grep skotos_bridge /var/log/prosody/prosody.*");
		else
			report:fail("prosody", "Prosody does not run: " .. why, "systemctl start prosody; where it does run: \"admin_socket\" out of modules_disabled");
		end
		return nil;
	end
	report:ok("prosody", ("Prosody %s runs"):format(told.prosody));
	for _, host in ipairs(found) do
		if not told.hosts[host.host] then
			report:needs_restart();
			report:fail("prosody", ("skotos_bridge is not loaded on %s in the running Prosody"):format(host.host),
				"mend what else is named here, then: systemctl restart prosody");
		end
	end
	return told;
end

-- What can be told of a host from the configuration alone.
local function check_configuration(report, bridge, host, live, given)
	check_config.run(report, host, live);
	check_jitsi.run(report, host, live, given.meet);
	check_files.secrets(report, host);
	if host.options and bridge then
		check_config.takes_own_tokens(report, bridge, host);
		check_game.tls_files(report, bridge, host);
	end
end

-- What needs the running Prosody (`told`), the network or other programs.
local function check_around(report, bridge, found, told, given)
	for _, host in ipairs(found) do
		local live = told and told.hosts[host.host];
		check_in_force.run(report, host, live, bridge);
		if host.options and bridge then
			check_config.secret_in_force(report, bridge, host, live);
			check_game.run(report, bridge, host, live);
		end
	end
	check_others.run(report, found, told);
	if found[1] then check_jicofo.run(report, given.jicofo); end -- without the bridge it is as Jitsi has it
	check_jitsi.jicofo_runs(report);
	check_clock.run(report, bridge, given["time-server"]);
	check_files.disks(report, bridge);
end

function M.run(given)
	local report = report_lib.new();
	local bridge = check_module.run(report);
	local found, err, remedy = hosts.find(given.host);
	if not found then
		report:fail("config", err, remedy or "skotos-bridge-setup, or: modules_enabled = { \"skotos_bridge\" } in the VirtualHost of your Jitsi");
	end
	local told = not given.offline and check_running(report, found or {}) or nil;
	for _, host in ipairs(found or {}) do check_configuration(report, bridge, host, told and told.hosts[host.host], given); end
	if not given.offline then check_around(report, bridge, found or {}, told, given); end
	report:print(given.json);
	return report:status();
end

return M;
