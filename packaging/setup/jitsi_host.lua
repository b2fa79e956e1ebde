-- Finds a Jitsi host in Prosody's configuration files, as Jitsi's Debian packages and people write them: the VirtualHost that players log
-- in to, and its MUC, the Component whose rooms they meet in.

local files = require "files";
local lua_config = require "lua_config";

local M = {};

-- All configuration files under `folder` (as /etc/prosody), each once though conf.d links to conf.avail: list of
-- { path =, text =, sections =, loaded = }; loaded tells whether Prosody reads it, which it does in conf.d and prosody.cfg.lua.
function M.files(folder)
	local found, by_path = {}, {};
	local function take(path, loaded)
		local real = files.real(path);
		local text = files.read(real);
		if not text then return; end
		if not by_path[real] then
			by_path[real] = { path = real, text = text, sections = lua_config.sections(text), loaded = false };
			found[#found + 1] = by_path[real];
		end
		by_path[real].loaded = by_path[real].loaded or loaded;
	end
	take(folder .. "/prosody.cfg.lua", true);
	for _, path in ipairs(files.list(folder .. "/conf.d", "*.cfg.lua")) do take(path, true); end
	for _, path in ipairs(files.list(folder .. "/conf.avail", "*.cfg.lua")) do take(path, false); end
	return found;
end

local function value(section, name)
	local setting = lua_config.setting(section, name);
	return setting and setting.value;
end

-- A global setting, from the file itself or else from prosody.cfg.lua.
local function global(all, file, name)
	local found = value(file.sections[1], name);
	if found == nil then found = value(all[1].sections[1], name); end
	return found;
end

-- The names of the MUC components, and for each its file and section.
local function mucs_of(all)
	local mucs = {};
	for _, file in ipairs(all) do
		for _, section in ipairs(file.sections) do
			if section.kind == "Component" and section.module == "muc" and (file.loaded or not mucs[section.name]) then
				mucs[section.name] = { file = file, section = section, name = section.name };
			end
		end
	end
	return mucs;
end

-- The MUC that the module would find (mod_skotos_bridge: main_muc, the mapper's domain, conference.HOST), else the one that is likely
-- meant: then `found` is false and main_muc has to be written.
local function muc_of(all, mucs, file, section)
	local host, main = section.name, value(section, "main_muc") or global(all, file, "main_muc");
	local base = value(section, "muc_mapper_domain_base") or global(all, file, "muc_mapper_domain_base");
	local prefix = value(section, "muc_mapper_domain_prefix") or global(all, file, "muc_mapper_domain_prefix") or "conference";
	local natural = main or (base and prefix .. "." .. base) or "conference." .. host;
	if mucs[natural] then return mucs[natural], true; end
	for _, candidate in ipairs { "conference." .. host, "muc." .. host } do
		if mucs[candidate] then return mucs[candidate], false; end
	end
end

-- The hosts that a game can be bound to: list of { host =, file =, section =, muc = { name =, file =, section = }, muc_found = }.
function M.candidates(all)
	local found, mucs = {}, mucs_of(all);
	for _, file in ipairs(all) do
		for _, section in ipairs(file.sections) do
			if section.kind == "VirtualHost" and value(section, "enabled") ~= false then
				local muc, muc_found = muc_of(all, mucs, file, section);
				if muc and muc.name:find(section.name, 1, true) then
					found[#found + 1] = { host = section.name, file = file, section = section, muc = muc, muc_found = muc_found };
				end
			end
		end
	end
	return found;
end

-- The one called `host`, or with nil the only one. Nil and what is wrong: with it the names there are.
function M.choose(all, host)
	local found, names, chosen = M.candidates(all), {}, nil;
	for _, candidate in ipairs(found) do
		names[#names + 1] = candidate.host;
		if candidate.host == host and (not chosen or candidate.file.loaded) then chosen = candidate; end
	end
	if host then
		if chosen then return chosen; end
		return nil, ('no VirtualHost "%s" with a MUC component is in the configuration%s'):format(host,
			names[1] and "; there are: " .. table.concat(names, ", ") or ""), names;
	end
	if #found == 1 then return found[1]; end
	if #found == 0 then
		return nil, "no VirtualHost with a MUC component (conference.HOST or muc.HOST) is in the configuration; is Jitsi's Prosody on this machine?", names;
	end
	return nil, "there are several hosts: " .. table.concat(names, ", ") .. "; say which one with --host", names;
end

return M;
