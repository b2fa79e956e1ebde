local rig = require "spec.support.rig";
local bridge = require "skotos_bridge";

-- An issuer of the core's with the specs' secret, and with the options `extra`.
return function (extra)
	local options = { app_id = "skotos", domain = "meet.test", secrets = { rig.SECRET } };
	for name, value in pairs(extra or {}) do options[name] = value; end
	return assert(bridge.issuer(options));
end
