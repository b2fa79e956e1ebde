local rig = require "spec.support.rig";
local bridge = require "skotos_bridge";

local defaults = dofile "mod_skotos_bridge/skotos_bridge/admin/defaults.lib.lua";

-- An issuer of the core's with the specs' secret and the module's defaults, and with the options `extra`.
return function (extra)
	local options = {
		app_id = "skotos", domain = "meet.test", secrets = { rig.SECRET }, algorithm = defaults.signature_algorithm,
		session_validity = 0;
		default_validity = defaults.skotos_token_default_validity, max_validity = defaults.skotos_token_max_validity;
		allow_moderator_tokens = defaults.skotos_allow_moderator_tokens, max_frame = defaults.skotos_max_frame;
	};
	for name, value in pairs(extra or {}) do options[name] = value; end
	return assert(bridge.issuer(options));
end
