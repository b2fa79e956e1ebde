local rig = require "spec.support.rig";
local bridge = require "skotos_bridge";

local defaults = dofile "mod_skotos_bridge/skotos_bridge/admin/defaults.lib.lua";

-- A verifier of the core's for what spec.support.issuer signs, with the module's defaults, and with the options
-- `extra`; nil and why.
return function (extra)
	local options = {
		algorithm = defaults.signature_algorithm, issuers = { "skotos" }, audiences = { "jitsi" };
		require_room = true, leeway = defaults.skotos_leeway, old_before = 0, old_until = 0;
	};
	for name, value in pairs(extra or {}) do options[name] = value; end
	if not options.public_key then options.secrets = options.secrets or { rig.SECRET }; end
	return bridge.verifier(options);
end
