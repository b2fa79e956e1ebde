-- What Jitsi's own client, the one of npm, tells its page: in Debian's Chromium, on a live Prosody, with a stand-in for
-- Jicofo.
local clients = require "spec.support.web.clients";
local players = require "spec.support.web.players";

-- Keeps what the client is told of itself and others: roles in the order in which they come, and the elements that
-- Jitsi's modules add.
local WITNESS = [[(() => {
	const { initJitsiConference } = JitsiMeetJS.JitsiConnection.prototype, { conference: names } = JitsiMeetJS.events;
	window.came = []; window.changed = []; window.permissions = [];
	JitsiMeetJS.JitsiConnection.prototype.initJitsiConference = function (...args) {
		const conference = initJitsiConference.apply(this, args);
		conference.addEventListener(names.USER_JOINED, (id, who) => came.push([who.getDisplayName(), who.getRole()]));
		conference.addEventListener(names.USER_ROLE_CHANGED, (id, role) => changed.push([id, role]));
		conference.addCommandListener('permissions', (node) => permissions.push(node.children.map((p) => p.attributes.name)));
		return conference;
	};
})()]];

describe("Jitsi's client", function ()
	local world, rooms, open = nil, 0, nil;

	setup(function ()
		world = players.start { muc_options = 'modules_enabled = { "affiliation_listener" }' };
	end);
	teardown(function () world:stop(); end);
	before_each(function ()
		rooms = rooms + 1;
		open = {};
	end);
	after_each(function ()
		for _, client in ipairs(open) do client:close(); end
	end);

	local function join(name, o)
		o = o or {};
		o.room, o.before = o.room or "room" .. rooms, WITNESS;
		local client = clients.join(world, name, o);
		open[#open + 1] = client;
		return client;
	end

	local function command(members)
		members.channel = "room" .. rooms;
		return world:command(members);
	end

	it("has a moderator by token as one from the first, in his own eyes and in others'", function ()
		local bob = join "Bob";
		local skott = join("Skott", { moderator = true });
		assert.equal("moderator", skott.told.role);
		assert.not_equal("moderator", bob.told.role);
		assert.equal("moderator", bob:sees "Skott");
		assert.same({ { "Skott", "moderator" } }, bob:run "came.filter(([n]) => n)");
		assert.same({}, bob:run(("changed.filter(([id]) => id === %q)"):format(skott.told.id)));
	end);

	it("is told a moderator's permissions, and a player's is not", function ()
		local bob = join "Bob";
		local skott = join("Skott", { moderator = true });
		assert.same({ { "recording" } }, skott:run "permissions");
		assert.same({}, bob:run "permissions");
		command { cmd = "set_moderator", id = "Bob", moderator = true };
		bob:wait "permissions.length > 0";
	end);

	it("hears that it was kicked, and why", function ()
		local bob = join "Bob";
		command { cmd = "kick", id = "Bob", reason = "no brawls in here" };
		assert.truthy(table.concat(bob:event "KICKED", " "):find("no brawls in here", 1, true));
	end);

	it("says at the door that a banned person may not join", function ()
		local eve, bob = join "Eve", join "Bob";
		eve:sees "Bob";
		command { cmd = "kick", id = "Bob", banFor = 3600 };
		bob:event "KICKED";
		local back = join("Bob", { token = bob.token });
		assert.equal("conference.connectionError.notAllowed", back.told.failed);
	end);

	it("says of a token for another room that it may not join", function ()
		assert.equal("conference.connectionError.notAllowed", join("Bob", { token_room = "cellar" }).told.failed);
	end);

	it("says of an expired token what is wrong with it, and so of one of somebody else's making", function ()
		local bob = join("Bob", { exp = os.time() - 3600 });
		assert.same({ failed = "connection.passwordRequired", text = "token has expired" }, bob.told);
		local eve = join("Eve", { token = bob.token .. "x" });
		assert.equal("connection.passwordRequired", eve.told.failed);
	end);

	it("sends a player to a closed room's lobby, and lets a moderator pass", function ()
		local skott = join("Skott", { moderator = true });
		world.prosody:lua { code = ([[
			local room = prosody.hosts["conference.meet.test"].modules.muc.get_room_from_jid("room%d@conference.meet.test")
			return room:set_members_only(true)]]):format(rooms) };
		assert.equal("conference.connectionError.membersOnly", join("Bob").told.failed);
		assert.equal("moderator", join("Merry", { moderator = true }).told.role);
		assert.equal("moderator", skott:sees "Merry");
	end);

	it("shows the name in the token, whatever a page calls itself, when it comes and later", function ()
		local eve = join "Eve";
		local bob = join("Bob", { shown = "Skott" });
		assert.equal("participant", eve:sees "Bob");
		bob:run "player.conference.setDisplayName('Skott')";
		bob:run "player.conference.sendMessage('the name was sent before')";
		eve:event "MESSAGE_RECEIVED";
		assert.same({ "Bob", "Eve" }, eve:run "Object.keys(player.roles()).sort()");
	end);
end);
