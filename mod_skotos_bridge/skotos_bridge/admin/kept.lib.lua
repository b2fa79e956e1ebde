-- Keeps what has to outlive a restart of Prosody in its own storage, whatever driver the host has. Everything has a key, by which it falls
-- into one of 64 parts; a part is written by itself, a moment after something in it has changed, and a few at a time, so that no write is
-- long and none is made while somebody waits.

local sha1 = require "util.hashes".sha1;

local M = {};
local kept_mt = {};
kept_mt.__index = kept_mt;

M.PARTS = 64;
local EVERY, AT_A_TIME = 0.5, 4; -- seconds from one write to the next, parts in one
local RETRY = 30; -- seconds after a write that failed
local ALIVE = 30; -- seconds from one sign of life to the next

-- The part (0 to 63) of a key.
function M.part_of(key) return sha1(key):byte() % M.PARTS; end

local function set(self, name, data)
	local ok, done, err = pcall(self.store.set, self.store, name, data);
	if ok and done then return true; end
	self.journal:fault("kept", "warn", ("what has to outlive a restart cannot be written: %s"):format(tostring(ok and err or done)));
	return false;
end

local function write(self, most)
	for part in pairs(self.changed_parts) do
		if most == 0 then break; end
		if not set(self, "part" .. part, self.content(part)) then return false; end
		self.changed_parts[part] = nil;
		most = most - 1;
	end
	return true;
end

local function tick(self)
	local written = write(self, AT_A_TIME);
	if next(self.changed_parts) ~= nil then return written and EVERY or RETRY; end
	self.ticking = false;
	return nil;
end

-- What has the key `key` has changed; `part`: its part, where the caller knows it.
function kept_mt:changed(key, part)
	if self.closed or not self.store then return; end
	self.changed_parts[part or M.part_of(key)] = true;
	if self.ticking then return; end
	self.ticking = true;
	self.module:add_timer(EVERY, function () return tick(self); end);
end

-- Writes all that has changed, and nothing from then on: what ends because the server ends shall be there again.
function kept_mt:close()
	if self.closed or not self.store then return; end
	write(self, M.PARTS);
	set(self, "alive", { time = os.time() });
	self.closed = true;
end

-- When the server was last known to be up, before it was started; nil when it never was.
function kept_mt:alive_at() return self.was_alive; end

-- Calls `each`(item) for all that was kept, each an item of a list that `content` gave.
function kept_mt:read(each)
	for part = 0, self.store and M.PARTS - 1 or -1 do
		local ok, list = pcall(self.store.get, self.store, "part" .. part);
		for _, item in ipairs(ok and type(list) == "table" and list or {}) do each(item); end
	end
end

-- Keeps under the store's name `name` what `content`(part) gives: a list of plain tables, or nil for nothing.
function M.open(module, journal, name, content)
	local store, err = module:open_store(name);
	local self = setmetatable({ module = module, journal = journal, store = store, content = content, changed_parts = {} }, kept_mt);
	if not store then
		journal:event("warn", ("nothing of %s outlives a restart: %s"):format(name, tostring(err)));
		return self;
	end
	local ok, alive = pcall(store.get, store, "alive");
	self.was_alive = ok and type(alive) == "table" and math.tointeger(alive.time) or nil;
	module:add_timer(0, function ()
		if self.closed then return nil; end
		set(self, "alive", { time = os.time() });
		return ALIVE;
	end);
	module:hook_global("server-stopping", function () self:close(); end, 1000); -- before the sessions end
	return self;
end

return M;
