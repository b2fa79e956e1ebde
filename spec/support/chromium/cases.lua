-- What holds for each login, whatever page and transport it comes from; used by login_spec and login_chromium_spec.
local assert = require "luassert";

local page = require "spec.support.chromium.page";
local rig = require "spec.support.rig";

local LOGIN = { auth = "skotos_bridge", game_port = 1 };

-- Describes the logins of the page `where` ("node" or "chromium"). `busted` = { setup =, teardown =, describe =, it =
-- }: a file that is required does not see them.
return function (where, busted)
	local setup, teardown, describe, it = busted.setup, busted.teardown, busted.describe, busted.it;
	local prosody, player;
	local rooms = 0;

	setup(function ()
		prosody = rig.prosody(LOGIN);
		player = page.start(where);
	end);
	teardown(function ()
		player:stop();
		local text = prosody:log().text;

		assert.equal(0, prosody:stop().code);
		assert.is_nil(rig.find_token(text), "a token is in the log");
		assert.is_nil(text:find("traceback", 1, true));
	end);

	local function visit(o)
		rooms = rooms + 1;
		o.op, o.port, o.nick = "visit", prosody.http, o.nick or "player";
		o.room = o.room or "room" .. rooms;
		if o.token == nil then
			o.token = rig.token { room = o.room, name = o.name or "Bob", moderator = o.moderator or false };
		end
		if o.token == false then o.token = nil; end
		return player:run(o);
	end

	for _, transport in ipairs { "bosh", "websocket" } do
		describe("over " .. transport, function ()
			it("lets a player in, as a participant", function ()
				local seen = visit { transport = transport };
				assert.same({ true, "available", "member", "participant" },
					{ seen.connected, seen.type, seen.affiliation, seen.role });
				-- Jitsi's usernames are UUIDs.
				assert.truthy(seen.jid:match("^%x+%-%x+%-4%x+%-%x+%-%x+@meet%.test/"), seen.jid);
			end);

			it("lets a moderator in, as one", function ()
				local seen = visit { transport = transport, moderator = true };
				assert.same({ true, "owner", "moderator" }, { seen.connected, seen.affiliation, seen.role });
			end);

			it("keeps a token for another room out of this one", function ()
				local seen = visit { transport = transport, room = "here", token = rig.token { room = "there", name = "Bob" } };
				assert.same({ true, "error", "not-allowed" }, { seen.connected, seen.type, seen.error });
			end);

			local function secret_of_another()
				return rig.token { name = "Eve", secret = "another-secret-of-some-forty-characters!!" };
			end
			for what, make in pairs {
				["no token"] = function () return false; end,
				["nonsense"] = function () return "nonsense"; end,
				["another secret"] = secret_of_another,
				["an expired one"] = function () return rig.token { name = "Eve", exp = os.time() - 60 }; end,
				["a fourth segment"] = function () return rig.token { name = "Eve" } .. ".x"; end,
				["white space"] = function () return rig.token { name = "Eve" } .. " "; end,
			} do
				it("refuses " .. what .. " with not-allowed", function ()
					local seen = visit { transport = transport, token = make() };
					assert.same({ false, "not-allowed" }, { seen.connected, seen.condition });
					assert.truthy(seen.text and #seen.text > 0 and #seen.text < 80, seen.text);
				end);
			end
		end);
	end

	it("goes on with a BOSH session whose connection was cut", function ()
		local seen = player:run { op = "cut", transport = "bosh", port = prosody.http, room = "cut0", nick = "Bob",
			token = rig.token { room = "cut0", name = "Bob" } };
		assert.same({ true, true, true }, { seen.allowed, seen.broke, seen.echoed });
	end);

	it("resumes a session whose connection was cut, under its name", function ()
		local seen = player:run { op = "resume", transport = "websocket", port = prosody.http, room = "cut", nick = "Bob",
			token = rig.token { room = "cut", name = "Bob" } };
		assert.same({ true, true, true }, { seen.allowed, seen.resumed, seen.echoed });
	end);

	it("resumes on a new token of the same person, and not on another's", function ()
		local o = { op = "resume", transport = "websocket", port = prosody.http, room = "cut2", nick = "Bob",
			token = rig.token { room = "cut2", name = "Bob" } };
		o.again = rig.token { room = "cut2", name = "Bob", exp = os.time() + 900 };
		assert.is_true(player:run(o).resumed);
		o.nick, o.again = "Bob2", rig.token { room = "cut2", name = "Eve" };
		local seen = player:run(o);
		assert.same({ true, false }, { seen.allowed, seen.resumed });
	end);
end
