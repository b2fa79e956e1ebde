-- Finds a Jitsi host in Prosody's configuration: the VirtualHost that players log in to, and its MUC, the Component whose rooms they meet
-- in; and the file in which the VirtualHost stands.

local files = require "files";
local lua_config = require "lua_config";

local M = {};

local function is_muc(config, name)
	local options = config.hosts[name];
	return options ~= nil and options.component_module == "muc" and options.enabled ~= false;
end

-- The MUC that the module would find (mod_skotos_bridge: main_muc, the mapper's domain, conference.HOST), else the one that is likely meant.
local function muc_of(config, host)
	local base, prefix = config:get(host, "muc_mapper_domain_base"), config:get(host, "muc_mapper_domain_prefix") or "conference";
	for _, name in ipairs { config:get(host, "main_muc") or "", base and prefix .. "." .. base or "", "conference." .. host, "muc." .. host } do
		if is_muc(config, name:lower()) then return name:lower(); end
	end
end

-- The hosts that a game can be bound to: list of { host =, muc = }.
function M.candidates(config)
	local found = {};
	for _, host in ipairs(config:names(function (options) return options.defined and not options.component_module; end)) do
		local muc = muc_of(config, host);
		if muc and muc:find(host, 1, true) then found[#found + 1] = { host = host, muc = muc }; end
	end
	return found;
end

-- Where a file that Prosody does not read has the host; nil for none.
local function unread(folder, host)
	for _, path in ipairs(files.list(folder .. "/conf.avail", "*.cfg.lua")) do
		for _, section in ipairs(lua_config.sections(files.read(path) or "")) do
			if section.kind == "VirtualHost" and (host == nil or section.name:lower() == host) and not section.name:find("localhost")
				and not section.name:find("example%.") then return path; end
		end
	end
end

-- The one called `host`, or with nil the only one. Nil and what is wrong: with it the names there are. `folder`: as /etc/prosody.
function M.choose(config, host, folder)
	local found, names = M.candidates(config), {};
	local wanted = host and host:lower();
	for i, candidate in ipairs(found) do
		names[i] = candidate.host;
		if candidate.host == wanted then return candidate; end
	end
	if not host and #found == 1 then return found[1]; end
	if not host and #found > 1 then
		return nil, "there are several hosts: " .. table.concat(names, ", ") .. "; say which one with --host", names;
	end
	local path = (host or #found == 0) and unread(folder, wanted);
	if path then return nil, ("%s is not linked from conf.d, so Prosody does not read it; as root: ln -s %s /etc/prosody/conf.d/"):format(path, path); end
	if host then
		return nil, ('no VirtualHost "%s" with a MUC component is in the configuration%s'):format(host,
			names[1] and "; there are: " .. table.concat(names, ", ") or ""), names;
	end
	return nil, "no VirtualHost with a MUC component (conference.HOST or muc.HOST) is in the configuration; is Jitsi's Prosody on this machine?", names;
end

-- The path, as Prosody opens it, of the last file in which the VirtualHost `host` stands; where none can be seen, that of `main`.
function M.file_of(config, host, main)
	local found = main;
	for _, path in ipairs(config.files) do
		for _, section in ipairs(lua_config.sections(files.read(path) or "")) do
			if section.kind == "VirtualHost" and section.name:lower() == host then found = path; end
		end
	end
	return found;
end

-- The VirtualHosts of this Jitsi that let people in without a token, as its guest.HOST.
function M.guests(config, site)
	local guests = {};
	for _, name in ipairs(config:names(function (options)
		return options.defined and not options.component_module and (options.authentication == "anonymous" or options.authentication == "jitsi-anonymous");
	end)) do
		if name:find("." .. site.host, 1, true) then guests[#guests + 1] = name; end
	end
	return guests;
end

return M;
