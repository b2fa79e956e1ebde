-- What the configuration says for a host, as a table of fingerprints: option -> a hash of its value, and of the file that it names. The module
-- makes one of the options that it took over; check makes one of the files on the disk; where they differ, they are not in force.

local configmanager = require "core.configmanager";
local sha256 = require "util.hashes".sha256;

local M = {};

-- Jitsi's own options that count here; the others are those that begin with skotos_.
local OTHERS = {
	"app_id", "app_secret", "allow_empty_token", "asap_accepted_issuers", "asap_accepted_audiences", "asap_require_room_claim", "authentication";
	"enable_domain_verification", "main_muc", "muc_mapper_domain_base", "muc_mapper_domain_prefix", "signature_algorithm";
};

-- Those that are read when the module is loaded; the others count after a reload of the configuration.
M.AT_LOAD = {
	authentication = true, main_muc = true, muc_mapper_domain_base = true, muc_mapper_domain_prefix = true, skotos_moderators_may_grant = true;
	skotos_shards = true, skotos_shard_domain = true;
};

local FILES = { skotos_secret_file = true, skotos_public_key = true, ca = true, certificate = true, key = true };

-- The value as text, the same for the same value, with the bytes of each file that it names.
local function written(name, value)
	if type(value) == "table" then
		local keys, parts = {}, {};
		for key in pairs(value) do keys[#keys + 1] = key; end
		table.sort(keys, function (a, b) return tostring(a) < tostring(b); end);
		for i, key in ipairs(keys) do parts[i] = ("%s=%s"):format(tostring(key), written(key, value[key])); end
		return "{" .. table.concat(parts, ",") .. "}";
	end
	local text = ("%s:%q"):format(type(value), tostring(value));
	if not FILES[name] or type(value) ~= "string" then return text; end
	local file = io.open(value, "rb");
	local bytes = file and file:read(65536);
	if file then file:close(); end
	return text .. (bytes and sha256(bytes, true) or "");
end

-- The fingerprints of the options of `of_module`'s host.
function M.fingerprints(of_module)
	local found, config = {}, configmanager.getconfig();
	local function take(name)
		local value = of_module:get_option(name);
		if value ~= nil then found[name] = sha256(written(name, value), true):sub(1, 16); end
	end
	for _, name in ipairs(OTHERS) do take(name); end
	for _, section in ipairs { "*", of_module.host } do
		for name in pairs(config[section] or {}) do
			if type(name) == "string" and name:find("^skotos_") then take(name); end
		end
	end
	return found;
end

-- What is in force after a reload to `after`, when it was `before`: what counts at load is as it was.
function M.after_reload(before, after)
	for name in pairs(M.AT_LOAD) do after[name] = before[name]; end
	return after;
end

-- The names in which two such tables differ, sorted.
function M.different(a, b)
	local names = {};
	for name, hash in pairs(a) do
		if b[name] ~= hash then names[#names + 1] = name; end
	end
	for name in pairs(b) do
		if a[name] == nil then names[#names + 1] = name; end
	end
	table.sort(names);
	return names;
end

return M;
