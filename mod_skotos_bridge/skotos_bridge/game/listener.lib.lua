-- skotos_listen: the port at which other programs of this host ask for tokens. Hands the C listener's descriptor to Prosody's loop.

local server = require "net.server";

local M = {};
local listener_mt = {};
listener_mt.__index = listener_mt;

local LISTEN_AGAIN = 30; -- seconds after the port was taken
local NAMES = { ["localhost"] = "127.0.0.1", ["*"] = "0.0.0.0" };
M.DEFAULT = { interface = "127.0.0.1", port = 4114 };
local WANTED = ("a table of interface (a numeric address, %q by default) and port (%d by default)"):format(M.DEFAULT.interface, M.DEFAULT.port);

-- The option's value as { interface =, port = }; false for off; or nil and what is wanted.
function M.check(value)
	if value == false then return false; end
	if type(value) ~= "table" then return nil, WANTED; end
	for name in pairs(value) do
		if name ~= "interface" and name ~= "port" then return nil, ("%s; %s is none of them"):format(WANTED, tostring(name)); end
	end
	local interface, port = value.interface or M.DEFAULT.interface, tonumber(value.port or M.DEFAULT.port);
	if type(interface) ~= "string" then return nil, WANTED .. "; interface is no string"; end
	if math.type(port) ~= "integer" or port < 1 or port > 65535 then return nil, WANTED .. "; port is no whole number from 1 to 65535"; end
	return { interface = NAMES[interface] or interface, port = port };
end

-- Makes `listen` (M.check's, with `issuer`, the options of one, and `allow_plaintext`) ready for M.start. False and a line when it must
-- not be.
function M.prepare(bridge, listen)
	local scope = bridge.address_scope(listen.interface);
	if not scope then return false, ("skotos_listen.interface = %q: a numeric address is wanted"):format(listen.interface); end
	if scope ~= "loopback" and not listen.allow_plaintext then
		return false, ("skotos_listen.interface = %q: others than this host would reach it, and nothing is encrypted there; "
			.. 'interface = "127.0.0.1" is wanted, or skotos_allow_plaintext = true if the network is safe'):format(listen.interface);
	end
	local issuer, err = bridge.issuer(listen.issuer);
	if not issuer then return false, err; end
	listen.made_issuer = issuer;
	return true;
end

-- Runs one step; never raises, since it is called by the loop.
function listener_mt:step()
	if not self.listener then return; end
	local ok, entries = pcall(self.listener.step, self.listener);
	if not ok then
		self.tell("failed", "error", "it failed: " .. tostring(entries));
		return;
	end
	if not entries then return; end
	for _, entry in ipairs(entries) do self.tell(entry.kind, entry.level, entry.text); end
end

-- Listens; a port that is taken leaves everything else of the module at work, and is tried again.
function listener_mt:open()
	local listener, err = self.bridge.listener(self.listen.made_issuer, { interface = self.listen.interface, port = self.listen.port });
	local where = ("%s, port %d"):format(self.listen.interface, self.listen.port);
	if not listener then
		self.tell("port", "error", ("cannot listen at %s: %s; trying again every %d s"):format(where, err, LISTEN_AGAIN));
		local asked = self.generation;
		self.module:add_timer(LISTEN_AGAIN, function ()
			if self.generation == asked then self:open(); end
		end);
		return;
	end
	self.listener = listener;
	self.watcher = server.watchfd(listener:fd(), function () self:step(); end);
	self.journal:event("info", "[listener] other programs may ask for tokens at " .. where);
end

-- New settings: the issuer at once, and nobody is sent away unless the port is another.
function listener_mt:change(listen)
	local same = self.listener and listen.interface == self.listen.interface and listen.port == self.listen.port;
	self.listen = listen;
	if same then
		self.listener:set_issuer(listen.made_issuer);
	else
		self:stop();
		self:open();
	end
end

function listener_mt:stop()
	self.generation = self.generation + 1;
	if not self.listener then return; end
	self.watcher:close();
	local left = self.listener:close();
	if left > 0 then self.journal:event("warn", ("[listener] %d callers are left without what they asked for"):format(left)); end
	self.listener, self.watcher = nil, nil;
end

-- What it tells of itself (luaclib/link/listener.h, struct listener_stats), nil while its port is taken.
function listener_mt:stats()
	return self.listener and self.listener:stats();
end

-- Starts listening as `listen` says, which M.prepare has made ready, telling `journal`. Returns it: change(listen), stop(), stats().
function M.start(module, bridge, journal, listen)
	local self = setmetatable({ module = module, bridge = bridge, journal = journal, listen = listen, generation = 0 }, listener_mt);
	self.tell = journal:voice("listener");
	self:open();
	return self;
end

return M;
