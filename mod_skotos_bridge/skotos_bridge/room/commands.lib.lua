-- Carries out what a game commands. C has checked every member and whether the game may touch the room (luaclib/core/request/command_fields.h); here
-- it meets the rooms as they are.
--
-- A command is a plain table as bridge.next_command gives it: { cmd =, channel =, id = or displayName =, … }. A result is one as
-- bridge.reply takes it: { success =, message =, members… } (luaclib/binding/lua_command.c). Both hold strings, numbers, booleans and lists of
-- such tables only, so that they can travel to another server.

local M = {};

local how; -- what attach was given
local handlers = {};

local function failure(...) return { success = false, message = (...):format(select(2, ...)) }; end
local function success(members)
	members.success = true;
	return members;
end

-- The room and the occupants of the person whom a command names; nil and the failure.
local function person_in(command)
	local room, err = how.occupants.room(command.channel);
	if not room then return nil, failure("%s", err); end
	local found, why = how.occupants.find(room, command);
	if not found then return nil, failure("%s", why); end
	return room, found;
end

local function about(room, person, members)
	members = members or {};
	members.channel, members.id, members.displayName = how.occupants.channel_of(room), person.id, person.name;
	return success(members);
end

function handlers.set_moderator(command)
	local room, found = person_in(command);
	if not room then return found; end
	if not found[1].id then return failure("%q came without a token and becomes no moderator", found[1].name); end
	how.moderation.decisions.set_moderator(room.jid, found[1].id, command.moderator);
	local ok, why = how.moderation.reach.enforce(room.jid, "moderator", found[1].id, command.moderator);
	if not ok then return failure("%q does not change: %s", found[1].name, why); end
	return about(room, found[1], { moderator = command.moderator });
end

-- When the ban ends that a command asks for (seconds since 1970); nil for none.
local function ban_until(command)
	local seconds = command.banFor or 0;
	return seconds > 0 and os.time() + seconds or nil;
end

function handlers.kick(command)
	local room, found = person_in(command);
	if not room then return found; end
	local until_time = ban_until(command);
	if until_time then
		if not found[1].id then
			return failure("%q came without a token and cannot be kept out; without banFor it can be thrown out", found[1].name);
		end
		how.moderation.decisions.ban(room.jid, found[1].id, until_time);
	end
	for _, person in ipairs(found) do
		how.events.expect(person.nick, until_time and "banned" or "kicked", command.reason);
		how.expel.expel(person, command.reason, until_time ~= nil);
	end
	return about(room, found[1], { ["until"] = until_time });
end

function handlers.admit(command)
	local person, why = how.lobby.admit(command);
	if not person then return failure("%s", why); end
	return about(how.places.main_of(person.room), person);
end

function handlers.deny(command)
	local until_time = ban_until(command);
	local person, why = how.lobby.deny(command);
	if not person then return failure("%s", why); end
	local main = how.places.main_of(person.room);
	if until_time and not person.id then
		return failure("%q came without a token: turned away, but not kept out", person.name);
	end
	if until_time then how.moderation.decisions.ban(main.jid, person.id, until_time); end
	return about(main, person, { ["until"] = until_time });
end

function handlers.mute(command, _, done)
	local room, found = person_in(command);
	if not room then return found; end
	how.mute.set(room, found, command.media, command.muted, function (ok, text)
		if not ok then return done(failure("%s", text)); end
		done(about(room, found[1], { message = text }));
	end);
end

function handlers.move(command)
	local room, found = person_in(command);
	if not room then return found; end
	local person, to = found[1], how.occupants.room_jid(command.to);
	if not person.id then return failure("%q came without a token; whoever that is can ask for one", person.name); end
	if not to then return failure("to: %q came, no room can be called so", command.to); end
	local banned, until_time = how.moderation.decisions.is_banned(to, person.id);
	if banned then
		return failure("%q is banned from %q until %s", person.name, command.to,
			until_time and os.date("!%Y-%m-%dT%H:%M:%SZ", until_time) or "that room ends");
	end
	return about(room, person, { grant = { id = person.id, name = person.name }, to = command.to });
end

function handlers.say(command, game)
	local room, found = how.occupants.room(command.channel), nil;
	if command.id or command.displayName then
		room, found = person_in(command);
		if not room then return found; end
	end
	if not room or #how.occupants.list(room) == 0 then return failure("channel: %q came, nobody is in that room to hear it", command.channel); end
	how.chat.say(how.places.rooms_of(room.jid), command.text, command.from or game.name, found);
	return success { channel = how.occupants.channel_of(room), count = found and #found or #how.occupants.list(room) };
end

-- The items of a list behind the one that the cursor names.
local function behind(list, key, cursor)
	local rest = {};
	for _, item in ipairs(list) do
		if not cursor or item[key] > cursor then rest[#rest + 1] = item; end
	end
	return rest;
end

function handlers.occupants(command)
	local room, err = how.occupants.room(command.channel);
	if not room then return failure("%s", err); end
	local list = {};
	for _, person in ipairs(behind(how.occupants.list(room), "occupant", command.cursor)) do
		list[#list + 1] = {
			occupant = person.occupant, id = person.id, displayName = person.name, moderator = person.moderator;
			muted = how.mute.muted(room, person), joined = person.joined;
		};
	end
	return success { channel = how.occupants.channel_of(room), occupants = list };
end

function handlers.rooms(command, game)
	local list = {};
	for _, room in ipairs(behind(how.occupants.rooms(), "channel", command.cursor)) do
		if game.covers(room.channel) then list[#list + 1] = room; end
	end
	return success { rooms = list };
end

handlers["end"] = function (command)
	local room, err = how.occupants.room(command.channel);
	if not room then return failure("%s", err); end
	local channel, count = how.occupants.channel_of(room), #how.occupants.list(room);
	-- Jitsi makes a room with breakout rooms persistent, of which Prosody would keep a tombstone.
	room:set_persistent(false);
	local ok, why = room:destroy(nil, command.reason);
	if not ok then return failure("%q cannot be ended: %s", channel, tostring(why)); end
	return success { channel = channel, count = count };
end

-- In force by C as soon as this is replied.
function handlers.subscribe(command) return success { channel = command.channel }; end

function handlers.ping() return success { version = how.bridge.version, prosody = prosody.version }; end

local function log_outcome(game, command, result)
	if command.cmd == "ping" or command.cmd == "occupants" or command.cmd == "rooms" then return; end
	how.journal:event("info", ("[%s] %s in %s: %s: %s"):format(game.name, command.cmd, command.channel or "all rooms", command.id or command.displayName or "all",
		result.success and "done" or result.message));
end

-- Carries out a checked command for `game` = { name =, covers = function (channel) … end } and calls `done(result)` exactly once, at
-- once or within 15 s, whatever happens. Never raises. Unless `here`, the event skotos-command, { game =, command =, done = }, comes first:
-- a handler that returns true has taken the command over and calls `done` itself.
function M.execute(game, command, done, here)
	local finished = false;
	local function finish(result)
		if finished then return; end
		finished = true;
		log_outcome(game, command, result);
		done(result);
	end
	local ok, result = pcall(function ()
		if not here and how.module:fire_event("skotos-command", { game = game, command = command, done = finish }) then return nil; end
		return handlers[command.cmd](command, game, finish);
	end);
	if not ok then
		how.journal:event("error", ("[%s] the command %s failed: %s"):format(game.name, command.cmd, result));
		return finish(failure("%s failed inside Prosody, its log says how", command.cmd));
	end
	if result then finish(result); end
end

function M.attach(the_how) how = the_how; end

return M;
