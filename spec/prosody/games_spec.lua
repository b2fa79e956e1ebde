-- Several games at one Prosody: each with its own link and policy, and none of them touched by what another is or does.
local rig = require "spec.support.rig";
local socket = require "socket";
local json = require "util.json";

-- A game that this spec plays itself: the requests as bytes, the replies as they come.
local peer_mt = {};
peer_mt.__index = peer_mt;

local function peer()
	local listener = assert(socket.bind("127.0.0.1", 0));
	listener:settimeout(60);
	local _, port = listener:getsockname();
	return setmetatable({ listener = listener, port = tonumber(port), seq = 0 }, peer_mt);
end
function peer_mt:accept()
	if self.link then self.link:close(); end
	self.link = assert(self.listener:accept());
	self.link:settimeout(60);
end
function peer_mt:say(bytes) return self.link:send(bytes); end
-- Asks and gives the answer; `members` beside the seq.
function peer_mt:ask(members)
	self.seq = self.seq + 1;
	self:say(("{ %s, \"seq\": %d }\0"):format(members, self.seq));
	local reply = json.decode((assert(self.link:receive(8192)):gsub("\n%z$", "")));
	assert.equal(self.seq, reply.seq);
	return reply;
end
function peer_mt:login(channel)
	return self:ask(('"cmd": "jwt_token", "displayName": "Bob", "channel": "%s", "moderator": false, "validFor": 600')
		:format(channel));
end
function peer_mt:close()
	if self.link then self.link:close(); end
	self.listener:close();
end

local function games_option(list)
	local parts = {};
	for name, o in pairs(list) do
		parts[#parts + 1] = ("%s = { skotos_port = %d, rooms = { %s }, %s }"):format(name, o.port, o.rooms, o.more or "");
	end
	return "skotos_games = { " .. table.concat(parts, "; ") .. " }\n";
end

local function state(prosody, name)
	return prosody:lua { code = ([[local link = require "core.modulemanager".get_module(host, ]]
		.. [["skotos_bridge").status().%s return link and link.state]]):format(name) }.result;
end

describe("each of several games", function ()
	local prosody, live, dev;
	local options;
	setup(function ()
		live, dev = rig.game {}, peer();
		options = function (more)
			return games_option {
				live = { port = live.port, rooms = '"jitsi_chat_default", "live-*"',
					more = 'skotos_moderators = { "Player1" }, skotos_commands = false' };
				dev = { port = dev.port, rooms = '"dev-*"', more = "skotos_token_max_validity = 900" .. (more or "") };
			} .. "skotos_allow_wildcard_room = true; skotos_commands = true";
		end;
		prosody = rig.prosody { host_options = options() };
		live:connected {};
		dev:accept();
	end);
	teardown(function ()
		prosody:stop();
		live:stop();
		dev:close();
	end);

	for _, channel in ipairs { "dev-1", "DEV-tavern", "dev-" } do
		it("gets a token for its own room " .. channel, function ()
			local reply = dev:login(channel);
			assert.is_true(reply.success);
			assert.equal(channel, rig.call("verify", { token = reply.token }).jose.room);
		end);
	end

	for _, channel in ipairs { "live-1", "LIVE-1", "jitsi_chat_default", "*", "xdev-1", "de", "dev" } do
		it("gets none for " .. channel .. ", which is not its own", function ()
			local reply = dev:login(channel);
			assert.is_false(reply.success);
			assert.equal("", reply.token);
			assert.truthy(reply.message:find("matches none of this game's rooms", 1, true), reply.message);
		end);
	end

	local commands = {
		'"cmd": "kick", "channel": "%s", "occupant": "Bob"',
		'"cmd": "set_moderator", "channel": "%s", "occupant": "Bob", "moderator": true',
		'"cmd": "mute", "channel": "%s", "occupant": "Bob", "muted": true', '"cmd": "say", "channel": "%s", "text": "hello"',
		'"cmd": "occupants", "channel": "%s"', '"cmd": "end", "channel": "%s"',
	};
	for _, command in ipairs(commands) do
		it("commands no room of another: " .. command:match('"cmd": "([%w_]+)"'), function ()
			for _, channel in ipairs { "live-1", "LIVE-1", "*" } do
				local reply = dev:ask(command:format(channel));
				assert.is_false(reply.success);
				assert.truthy(reply.message:find("rooms", 1, true) or reply.message:find("channel", 1, true), reply.message);
			end
		end);
	end

	it("sees no room of another in its list", function ()
		local client = rig.player(prosody, { name = "Bob", room = "live-1" });
		local mine = rig.player(prosody, { name = "Eve", room = "dev-1" });
		local raw = json.encode(dev:ask '"cmd": "rooms"');
		assert.truthy(raw:find("dev-1", 1, true), raw);
		assert.is_nil(raw:find("live-1", 1, true));
		client:disconnect {};
		mine:disconnect {};
	end);

	it("has its own policy beside the common one", function ()
		local asked = live:order({ list = { { login = "Player1", channel = "jitsi_chat_default" } } }).seqs;
		assert.equal(1, live:settled {}.understood);
		assert.is_true(rig.call("verify", { token = live:result { seq = asked[1] }.token }).jose.moderator);
		local reply = dev:ask('"cmd": "jwt_token", "displayName": "Player1", "channel": "dev-1", "moderator": false, '
			.. '"validFor": 901');
		assert.truthy(reply.message:find("skotos_token_max_validity", 1, true), reply.message);
		reply = dev:ask(
			'"cmd": "jwt_token", "displayName": "Player1", "channel": "dev-1", "moderator": false, "validFor": 900');
		assert.is_false(rig.call("verify", { token = reply.token }).jose.moderator);
	end);

	it("keeps its connection when another's settings change, or another goes", function ()
		local connects = live:stats().connects;
		prosody:reload { options = { host_options = options ", skotos_reply_interval = 0.001" } };
		dev:accept();
		assert.is_true(dev:login("dev-1").success);
		prosody:reload { options = { host_options = games_option { live = { port = live.port,
			rooms = '"jitsi_chat_default"' } } } };
		assert.is_nil((dev.link:receive(1)));
		live:command { line = "burst 20" };
		assert.equal(21, live:settled {}.understood);
		assert.equal(connects, live:stats().connects);
		prosody:reload { options = { host_options = options() } };
		dev:accept();
		assert.is_true(dev:login("dev-1").success);
	end);

	local wrong = {
		{ "skotos_games = { }", "skotos_games: a table of name = { options } is wanted" },
		{ "skotos_games = { a = { skotos_port = 5 } }", "skotos_games.a: rooms: a list of room patterns is wanted" },
		{ 'skotos_games = { a = { rooms = { "x" }, skotos_prot = 5 } }',
			"skotos_games.a: skotos_prot is no option of a game; the nearest is skotos_port" },
		{ 'skotos_games = { a = { rooms = { "x" }, skotos_port = "five" } }',
			'skotos_games.a: skotos_port = "five": a whole number' },
		{ 'skotos_games = { a = { rooms = { "x" }, skotos_tls = { ca = "/nowhere" } } }',
			'skotos_games.a: skotos_tls.ca = "/nowhere": certificates in PEM are wanted' },
		{ 'skotos_games = { a = { rooms = { "x" } }, b = { rooms = { "y" } } }',
			"skotos_games: a and b are both at 127.0.0.1 port 11091; a game takes one connection only" },
	};
	for _, case in ipairs(wrong) do
		it("is named where its options are wrong: " .. case[1], function ()
			prosody:reload { options = { host_options = case[1] } };
			prosody:wait_log { text = case[2] };
			assert.is_true(dev:login("dev-1").success);
		end);
	end
end);

describe("a game's logins", function ()
	local prosody, live, other;
	before_each(function ()
		live, other = rig.game {}, peer();
		prosody = rig.prosody { host_options = games_option {
			live = { port = live.port, rooms = '"jitsi_chat_default"' }; other = { port = other.port, rooms = '"other-*"' };
		} };
		live:connected {};
	end);
	after_each(function ()
		prosody:stop();
		live:stop();
		other:close();
	end);

	-- Bursts on the good game while `misbehave(i)` is called between them.
	local function bursts(misbehave)
		local asked = 0;
		for i = 1, 5 do
			misbehave(i);
			live:command { line = "burst 200" };
			asked = asked + 200;
			assert.equal(asked, live:settled {}.understood);
		end
		local stats = live:stats();
		assert.same({ 1, 0, 0 }, { stats.connects, stats.timeouts, stats.unasked });
	end

	it("go on while another game is down, and comes and goes", function ()
		bursts(function (i)
			if i == 1 then other:accept(); end
			if i == 2 then other.link:close(); end
			if i == 3 then other.listener:close(); end
		end);
		assert.is_not.equal("up", state(prosody, "other"));
	end);

	it("go on while another game asks for thousands of tokens and reads none of them", function ()
		other:accept();
		other.link:settimeout(0);
		local seq, pending = 0, "";
		bursts(function ()
			for _ = 1, 5000 do
				seq = seq + 1;
				pending = pending .. ('{ "cmd": "jwt_token", "displayName": "Bob", "channel": "other-1", "moderator": false, '
					.. '"validFor": 600, "seq": %d }\0'):format(seq);
			end
			local done, _, last = other.link:send(pending);
			pending = pending:sub((done or last) + 1);
		end);
		assert.equal("up", state(prosody, "other"));
	end);

	it("go on while another game is hostile", function ()
		other:accept();
		other.link:settimeout(0);
		local MiB = 1 << 20;
		local tricks = {
			("x"):rep(8 * MiB), -- no end
			"\0" .. (("y"):rep(MiB) .. "\0"):rep(8), -- frames of 1 MiB
			("\0"):rep(MiB) .. ("{\0"):rep(MiB / 2), -- a million of nothing
			(
				'{ "cmd": "jwt_token", "displayName": "Bob", "channel": "jitsi_chat_default", '
					.. '"moderator": true, "validFor": 600, "seq": 7 }\0'):rep(20000);
			(("["):rep(60000) .. "\0"):rep(20) .. ('{"seq":' .. ("9"):rep(60000) .. "}\0"):rep(20);
		};
		local pending = "";
		bursts(function (i)
			pending = pending .. tricks[i];
			for _ = 1, 50 do
				local done, _, last = other.link:send(pending);
				pending = pending:sub((done or last) + 1);
				while other.link:receive(65536) do end -- luacheck: ignore
			end
		end);
		assert.is_true(#prosody:log().text < 4 * MiB);
	end);

	it("go on while another game hangs up as soon as it is connected to, which does not make the bridge run wild",
			function ()
		local accepted = 0;
		other.listener:settimeout(0);
		bursts(function ()
			for _ = 1, 20 do
				local link = other.listener:accept();
				if link then
					accepted = accepted + 1;
					link:send("rubbish\0");
					link:close();
				end
				socket.sleep(0.02);
			end
		end);
		assert.is_true(accepted >= 1 and accepted < 10, accepted);
	end);
end);
