-- Which tokens are in use (tokens_in_use.lib.lua) outlives a restart of Prosody: those who were in a meeting come back by themselves.

local hex = require "util.hex";

local kept_lib = module:require "skotos_bridge/admin/kept";

local M = {};

local kept; -- admin/kept.lib.lua's
local grace; -- tokens_in_use.lib.lua's
local parts = {}; -- part -> fingerprint -> true

local function content(part)
	local list, now = {}, os.time();
	for fingerprint in pairs(parts[part] or {}) do
		local last, live = grace:get(fingerprint);
		if last and (live > 0 or now - last <= grace.seconds) then
			list[#list + 1] = { hex.to(fingerprint), last, live };
		else
			parts[part][fingerprint] = nil;
		end
	end
	return list[1] and list or nil;
end

-- The token with this fingerprint was used, or its session has ended.
function M.used(fingerprint)
	local part = kept_lib.part_of(fingerprint);
	parts[part] = parts[part] or {};
	parts[part][fingerprint] = true;
	kept:changed(fingerprint, part);
end

-- A session that lived when the server ended has ended then.
local function restore()
	local ended = kept:alive_at() or 0;
	kept:read(function (item)
		local fingerprint, last, live = type(item[1]) == "string" and hex.from(item[1]), item[2], item[3];
		if not fingerprint or math.type(last) ~= "integer" or math.type(live) ~= "integer" then return; end
		if live > 0 then last = math.max(last, ended); end
		grace:set(fingerprint, last, 0);
		M.used(fingerprint);
	end);
end

-- `the_grace`: what is to outlive a restart; `module` and `journal` as elsewhere.
function M.attach(the_grace, the_module, journal)
	grace = the_grace;
	kept = kept_lib.open(the_module, journal, "skotos_bridge_tokens", content);
	restore();
end

function M.detach() kept:close(); end

return M;
