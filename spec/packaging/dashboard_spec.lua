-- packaging/grafana: every metric that the dashboard asks for is one that the module tells, and every one is asked for.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local json = require "util.json";

local read = require "spec.support.folder".text;

local SUFFIX = { counter = "_total", gauge = "" };

describe("the dashboard", function ()
	local told, asked = {}, {};
	for name, kind, unit in read "mod_skotos_bridge/skotos_bridge/admin/metrics.lib.lua":gmatch(
			'{ "([%w_]+)", "(%w+)", "(%w*)", "[^"]+", {') do
		told[("prosody_mod_skotos_bridge__%s%s%s"):format(name, unit ~= "" and "_" .. unit or "", SUFFIX[kind])] = true;
	end
	local dashboard = assert(json.decode(read "packaging/grafana/skotos_bridge.json"));
	for _, panel in ipairs(dashboard.panels) do
		for _, target in ipairs(panel.targets) do
			for name in target.expr:gmatch("prosody_[%w_]+") do asked[name] = panel.title; end
		end
	end

	it("asks for what the module tells", function ()
		assert.truthy(next(told));
		for name, title in pairs(asked) do assert.truthy(told[name], ("%s asks for %s"):format(title, name)); end
	end);

	it("shows all of it that an evening needs", function ()
		for _, name in ipairs { "link_up", "reconnects_total", "requests_total", "replies_waiting", "reply_time_bucket_total",
			"logins_total", "joins_total",
			"grants_total", "grants_refused_total", "events_dropped_total" } do
			assert.truthy(asked["prosody_mod_skotos_bridge__" .. name], name);
		end
	end);
end);
