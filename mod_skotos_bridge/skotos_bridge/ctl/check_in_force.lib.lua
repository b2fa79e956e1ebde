-- Does the running Prosody do what the files say? Of every option; and is its module the one that is installed?

local in_force = module:require "skotos_bridge/admin/in_force";

local M = {};

-- `live`: what the running Prosody told of this host. `bridge`: the C module as it is on the disk, nil where it does not load.
function M.run(report, host, live, bridge)
	if not live then return; end
	if bridge and live.version ~= bridge.version then
		report:warn("prosody", ("%s: restart pending: version %s runs, %s is installed"):format(host.host, tostring(live.version), bridge.version),
			"at a quiet time: systemctl restart prosody");
	end
	if not live.options then return; end
	local for_reload, for_restart = {}, {};
	for _, name in ipairs(in_force.different(in_force.fingerprints(host.module), live.options)) do
		local list = in_force.AT_LOAD[name] and for_restart or for_reload;
		list[#list + 1] = name;
	end
	if for_reload[1] then
		report:warn("in-force", ("%s: what the files say of %s is not in force: they were changed since, or were wrong when they were read"):format(host.host,
			table.concat(for_reload, ", ")), "systemctl reload prosody, and read its log: grep skotos_bridge /var/log/prosody/prosody.log");
	end
	if for_restart[1] then
		report:warn("in-force", ("%s: what the files say of %s counts after a restart"):format(host.host, table.concat(for_restart, ", ")),
			"at a quiet time: systemctl restart prosody");
	end
	if not for_reload[1] and not for_restart[1] then report:ok("in-force", ("%s: every option is in force as the files say it"):format(host.host)); end
end

return M;
