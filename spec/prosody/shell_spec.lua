-- In Prosody's shell: skotos:status(), skotos:reconnect(), skotos:log(), skotos:drain().
local ctl = require "spec.support.ctl";
local rig = require "spec.support.rig";
local socket = require "socket";

describe("Prosody's shell", function ()
	local game, prosody;
	setup(function ()
		game = rig.game {};
		prosody = rig.prosody { game_port = game.port, auth = "skotos_bridge", shell = true,
			host_options = "skotos_commands = true" };
		game:connected {};
	end);
	teardown(function ()
		prosody:stop();
		game:stop();
	end);

	it("tells how the links are", function ()
		local code, text = ctl.shell(prosody.dir, "skotos:status()");
		assert.equal(0, code);
		assert.truthy(text:find("meet.test: game game at 127.0.0.1:" .. game.port .. " is up; 0 requests", 1, true), text);
		assert.truthy(text:find("OK: 1 of 1 games linked", 1, true), text);
	end);

	it("has them, too, where it is loaded after the module", function ()
		for _, what in ipairs { "unload", "load" } do
			prosody:lua { code = ([[return (require "core.modulemanager".%s("*", "admin_shell"))]]):format(what) };
		end
		local code, text = ctl.shell(prosody.dir, "skotos:status()");
		assert.equal(0, code);
		assert.truthy(text:find("OK: 1 of 1 games linked", 1, true), text);
	end);

	it("connects anew", function ()
		local _, text = ctl.shell(prosody.dir, "skotos:reconnect()");
		assert.truthy(text:find("OK: connecting to 1 games anew", 1, true), text);
		game:connected {};
		game:command { line = "burst 20" };
		assert.equal(20, game:settled {}.understood);
		local _, told = ctl.ask(prosody.dir, { "status" });
		assert.equal(2, told.hosts["meet.test"].games[1].connects);
	end);

	it("tells the last events, of games and of logins, without a token in them", function ()
		local token = rig.token { name = "Bob", exp = os.time() - 3600 };
		assert.is_false(rig.client { port = prosody.http, token = token, room = "tavern" }.connected);
		rig.player(prosody, { name = "Ann", moderator = true });
		local _, text = ctl.shell(prosody.dir, "skotos:log()");
		for _, wanted in ipairs { "connected to the game at 127.0.0.1:" .. game.port,
				"warn  meet.test: Login from 127.0.0.1 refused:", "is a moderator of tavern@conference.meet.test" } do
			assert.truthy(text:find(wanted, 1, true), text);
		end
		assert.falsy(text:find(token:match("[^.]+$"), 1, true));
	end);

	it("tells what a caller wrote into X-Forwarded-For so that it steers no terminal, and goes on telling", function ()
		local function post(body)
			local connection = assert(socket.connect("127.0.0.1", prosody.http));
			connection:settimeout(60);
			connection:send(("POST /http-bind?token=none HTTP/1.1\r\nHost: meet.test\r\nConnection: close\r\nX-Forwarded-For: "
				.. "203.0.113.7\27[2J\r\n"
				.. "Content-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body));
			local answer = connection:receive("*a");
			connection:close();
			return answer;
		end
		local sid = post([[<body xmlns="http://jabber.org/protocol/httpbind" rid="1" to="meet.test" wait="5" hold="1" ]]
			.. [[ver="1.6" xmlns:xmpp="urn:xmpp:xbosh" xmpp:version="1.0"/>]])
			:match("sid=['\"](.-)['\"]");
		post(([[<body xmlns="http://jabber.org/protocol/httpbind" rid="2" sid="%s"><auth ]]
			.. [[xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/></body>]]):format(sid));
		local code, text = ctl.shell(prosody.dir, "skotos:log()");
		assert.equal(0, code);
		assert.truthy(text:find("Login from 203.0.113.7\\x1b[2J refused:", 1, true), text);
		assert.falsy(text:find("\27[2J", 1, true));
		assert.truthy(text:find("connected to the game at", 1, true), text);
	end);

	it("tells what a game had done in its rooms", function ()
		game:ask { command = { cmd = "kick", channel = "tavern", displayName = "Nobody" } };
		local _, text = ctl.shell(prosody.dir, "skotos:log()");
		assert.truthy(text:find("[game] kick in tavern: Nobody: ", 1, true), text);
	end);

	it("takes the server out of the game's round and in again", function ()
		local _, text = ctl.shell(prosody.dir, "skotos:drain()");
		assert.truthy(text:find("OK: meet.test drains", 1, true), text);
		game:connected { count = 0 };
		_, text = ctl.shell(prosody.dir, "skotos:status()");
		assert.truthy(text:find("is drained", 1, true), text);
		_, text = ctl.shell(prosody.dir, "skotos:undrain()");
		assert.truthy(text:find("OK: meet.test takes part again", 1, true), text);
		game:connected {};
		local before = game:stats().understood;
		game:command { line = "burst 20" };
		assert.equal(before + 20, game:settled {}.understood);
	end);

	it("keeps its commands through a reload, and has none when the module is gone", function ()
		local manage = [[return (require "core.modulemanager".%s("meet.test", "skotos_bridge"))]];
		prosody:lua { code = manage:format("reload") };
		game:connected {};
		local code, text = ctl.shell(prosody.dir, "skotos:status()");
		assert.equal(0, code, text);
		prosody:lua { code = manage:format("unload") };
		local _, gone = ctl.shell(prosody.dir, "skotos:status()");
		assert.falsy(gone:find("games linked", 1, true), gone);
		local status = ctl.ask(prosody.dir, { "status" });
		assert.equal(2, status);
		prosody:lua { code = manage:format("load") };
		game:connected {};
		local again, back = ctl.shell(prosody.dir, "skotos:status()");
		assert.equal(0, again, back);
	end);
end);

describe("Prosody's shell that comes for the first time when the module is there", function ()
	it("has its commands", function ()
		local game = rig.game {};
		local prosody = rig.prosody { game_port = game.port, auth = "skotos_bridge" };
		game:connected {};
		prosody:lua { code = [[return (require "core.modulemanager".load("*", "admin_shell"))]] };
		local code, text = ctl.shell(prosody.dir, "skotos:status()");
		assert.equal(0, code);
		assert.truthy(text:find("OK: 1 of 1 games linked", 1, true), text);
		prosody:stop();
		game:stop();
	end);
end);

describe("Prosody's shell, with the module on several hosts", function ()
	local HOST = [[
VirtualHost "%s"
  authentication = "skotos_bridge"; app_id = "skotos"; app_secret = "%s"; main_muc = "conference.meet.test"
  modules_enabled = { "skotos_bridge" }; skotos_port = 1 -- where nobody listens
]];
	local PLAIN = [[
VirtualHost "plain.test"
  authentication = "internal_plain"; app_id = "skotos"; app_secret = "%s"; main_muc = "conference.meet.test";
    skotos_port = 1
]];
	local game, prosody;
	setup(function ()
		game = rig.game {};
		prosody = rig.prosody { game_port = game.port, auth = "skotos_bridge", shell = true;
			muc_options = HOST:format("two.test", rig.SECRET) .. PLAIN:format(rig.SECRET)
				.. HOST:format("abroad.test", rig.SECRET) };
		game:connected {};
	end);
	teardown(function ()
		prosody:stop();
		game:stop();
	end);

	local function manage(what, host, name)
		prosody:lua { code = ([[return (require "core.modulemanager".%s(%q, %q))]]):format(what, host, name) };
	end
	local function quiet_and_there()
		local _, text = ctl.shell(prosody.dir, "skotos:status()");
		assert.truthy(text:find("meet.test: game game at 127.0.0.1:" .. game.port .. " is up", 1, true), text);
		assert.truthy(text:find("games linked", 1, true), text);
		for _, said in ipairs { "Ignoring command", "already registered" } do
			assert.is_nil(prosody:log().text:match("[^\n]*" .. said .. "[^\n]*"));
		end
	end

	it("has its commands once, with no warning: after a start", quiet_and_there);

	for what, act in pairs {
		["a reload of the module"] = function () manage("reload", "meet.test", "skotos_bridge"); end;
		["a load on one more host"] = function () manage("load", "plain.test", "skotos_bridge"); end;
		["a load of the shell"] = function ()
			manage("unload", "*", "admin_shell");
			manage("load", "*", "admin_shell");
		end;
		-- As at a start where a host's modules happen to be loaded in this order.
		["the shell's coming to the host behind the module"] = function ()
			manage("unload", "meet.test", "admin_shell");
			manage("load", "meet.test", "admin_shell");
		end;
		["a host that starts later"] = function ()
			prosody:lua { code = [[require "core.hostmanager".deactivate("abroad.test"); require ]]
				.. [["core.hostmanager".activate("abroad.test")]] };
		end;
		["an unload on another host"] = function ()
			manage("load", "two.test", "skotos_bridge");
			manage("unload", "two.test", "skotos_bridge");
		end;
	} do
		it("after " .. what, function ()
			act();
			game:connected {};
			quiet_and_there();
		end);
	end
end);
