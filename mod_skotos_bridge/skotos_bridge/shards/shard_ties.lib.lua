-- Ties the other shards (peers.lib.lua) to the rooms, the decisions and the logins of this one.

local hex = require "util.hex";
local jid = require "util.jid";

local commands_lib = module:require "skotos_bridge/shards/shard_commands";
local hearsay = module:require "skotos_bridge/shards/hearsay";
local peers = module:require "skotos_bridge/shards/peers";

local M = {};

local shards; -- as peers.lib.lua joins them
local setup; -- what join was given

local function muc()
	local host = prosody.hosts[setup.muc_host];
	return host and host.modules and host.modules.muc;
end

local function room_created(event) shards:room_opened(jid.node(event.room.jid)); end

local function room_destroyed(event) shards:room_closed(jid.node(event.room.jid)); end

local function hook_muc()
	local host = module:context(setup.muc_host);
	host:hook("muc-room-created", room_created, -100);
	host:hook("muc-room-destroyed", room_destroyed, -100);
	local rooms = muc();
	if not rooms then return; end
	for room in rooms.each_room() do shards:room_opened(jid.node(room.jid)); end
end

-- Somebody here has decided. That the token decides again (decisions.lib.lua, set_moderator with nil) is a value of its own: 0.
local function decide(event)
	local value = event.value;
	if value == nil then value = 0; end
	shards:decide(jid.node(event.room), event.kind, event.person, value);
end

-- Another shard's decision holds now.
local function decided(decision)
	local value = decision.value;
	if decision.kind == "moderator" and value == 0 then value = nil; end
	setup.apply(decision.room .. "@" .. setup.muc_host, decision.kind, decision.person, value);
end

local function over(room) setup.forget(room .. "@" .. setup.muc_host); end

local function tokens()
	local list = {};
	for i, item in ipairs(module:fire_event("skotos-tokens-in-use") or {}) do list[i] = { hex.to(item[1]), item[2], item[3] }; end
	return list;
end

-- An event in a room of another shard's.
local function event_elsewhere(shard, event, answer)
	answer();
	if not hearsay.is_event(event) then
		return setup.journal:fault("event of " .. shard, "warn", ("an event of the shard %s has another shape than events have"):format(shard));
	end
	local ok, err = pcall(setup.tell, event);
	if not ok then setup.journal:fault("event of " .. shard, "warn", ("an event of the shard %s is none: %s"):format(shard, err)); end
end

local function missing_host(host, option)
	if not prosody.hosts[host] then
		setup.journal:event("error", ("there is no host %s here, so no other shard can be spoken to; add VirtualHost %q, or set %s to the right one")
			:format(host, host, option));
	end
end

-- What has to outlive a restart, as kept_decisions.lib.lua keeps it: { room JID, kind, person, value, time, shard, when it is over }.
function M.lasting(now)
	local items = {};
	for i, decision in ipairs(shards:lasting(now)) do
		items[i] = {
			decision.room .. "@" .. setup.muc_host, decision.kind, decision.person, decision.value, decision.time, decision.shard, decision.ends;
		};
	end
	return items;
end

-- Takes such an item back.
function M.recall(item)
	shards:recall {
		room = jid.node(item[1]), kind = item[2], person = item[3], value = item[4], time = item[5], shard = item[6], ends = item[7];
	};
end

-- Joins the shards of `how.shards` = { own =, list = }. `how`: journal, muc_host, grace (seconds), apply(room_jid, kind, person, value) for what
-- others decided, forget(room_jid) for a room that has ended everywhere,
-- execute(game, command, done, here) for a command, tell(event) for an event in a room elsewhere, wanted() for the names of the events that
-- the games here have asked for.
function M.join(how)
	setup = how;
	local commands = commands_lib.new(how.execute, function () return shards; end);
	shards = peers.join(how.shards.own, how.shards.list, how.grace, how.journal, {
		decided = decided, over = over, tokens = tokens, wanted = how.wanted;
		answers = { command = commands.answer, event = event_elsewhere };
	});
	module:hook("skotos-decision", decide);
	module:hook("skotos-command", function (event) return commands.take(event.game, event.command, event.done); end);
	module:hook("skotos-room-event", function (event) shards:event_happened(event); end);
	if prosody.hosts[how.muc_host] then hook_muc(); end
	module:hook_global("host-activated", function (host)
		if host == how.muc_host then hook_muc(); end
	end);
	module:hook("skotos-token-used", function (event) shards:token_used(event.fingerprint, event.last, event.live); end);
	module:hook("skotos-token-known", function (event) return shards:token_allowed(event.fingerprint, event.now) or nil; end);
	module:hook_global("server-started", function () missing_host(how.shards.own, "skotos_shard_domain"); end);
	module:hook_global("server-stopping", function () shards:stop(true); end);
	return shards;
end

return M;
