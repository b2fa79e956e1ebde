-- Prosody's loop and resolver, stood in for: what is loaded after this asks these. And the module's libraries,
-- loaded without a Prosody.

local M = {
	records = {}; -- type -> what the resolver answers
	watchers = {}; -- { act =, closed = }
};

package.preload["net.server"] = function ()
	return { watchfd = function (_, act)
		local watcher = { act = act, closed = false };
		function watcher.close() watcher.closed = true; end
		M.watchers[#M.watchers + 1] = watcher;
		return watcher;
	end };
end;
package.preload["net.adns"] = function ()
	return { lookup = function (handler, _, qtype) handler(M.records[qtype] or {}); end };
end;

function M.load(name)
	local env = setmetatable({ module = { require = function (_, other) return M.load(other); end } }, { __index = _G });
	return assert(loadfile("mod_skotos_bridge/" .. name .. ".lib.lua", "t", env))();
end

return M;
