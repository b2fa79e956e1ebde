-- The seam for other modules: what a second server, which has the same people in the same room, needs.
local commanded = require "spec.support.commanded";
local rig = require "spec.support.rig";
local unhurried = require "spec.support.unhurried";

local prosody, game, focus;
local new_room, done, fails = commanded.new_room, commanded.done, commanded.fails;

describe("another module", function ()
	local function lua(code)
		local result = prosody:lua({ code = [[local bridge = module:context("meet.test"):depends "skotos_bridge"; ]]
			.. code }).result;
		assert.is_nil(result:match("^error: .*"));
		return result;
	end

	setup(function ()
		prosody, game, focus = commanded.start();
		lua [[prosody.spec_heard = {}; module:context("meet.test"):hook("skotos-decision", function (d)
			table.insert(prosody.spec_heard, d.kind .. " " .. d.person .. " " .. tostring(d.value)); end)]];
	end);
	teardown(function ()
		commanded.no_complaints();
		commanded.finish();
	end);

	it("can take a command over, and answers it once", function ()
		lua [[
			prosody.spec_take = function (event)
				if event.command.cmd ~= "ping" then return; end
				event.done({ success = false, message = event.game.name .. (event.game.covers("hall1") and " covers"
					or " does not cover") });
				event.done({ success = true });
				return true;
			end
			module:context("meet.test"):hook("skotos-command", prosody.spec_take)]];
		fails("marrach covers", { cmd = "ping" });
		assert.equal(0, game:stats().unasked);
		lua [[module:context("meet.test"):unhook("skotos-command", prosody.spec_take)]];
		done { cmd = "ping" };
	end);

	it("hears of each decision, whoever made it", unhurried(function ()
		lua [[prosody.spec_heard = {}]];
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob" });
		rig.player(prosody, { room = room, name = "Eve", manner = "answer" });
		done { cmd = "set_moderator", channel = room, id = "Eve", moderator = true };
		done { cmd = "mute", channel = room, id = "Eve", media = "video", muted = true };
		done { cmd = "mute", channel = room, id = "Eve", media = "video", muted = false };
		focus:iq { to = room .. "@conference.meet.test", xmlns = "http://jabber.org/protocol/muc#admin",
			item = { jid = bob.jid:match("^[^/]+"), affiliation = "outcast" } };
		assert.equal("moderator Eve true, video Eve true, video Eve false, ban Bob true",
			lua [[return table.concat(prosody.spec_heard, ", ")]]);
	end));

	it("can put decisions of another server into force for those who are in the room and those who come", function ()
		local room = new_room();
		local bob = rig.player(prosody, { room = room, name = "Bob", manner = "obey" });
		local eve = rig.player(prosody, { room = room, name = "Eve" });
		local zoe = rig.player(prosody, { room = room, name = "Zoe" });
		local jid = room .. "@conference.meet.test";
		lua(([[prosody.spec_heard = {}; bridge.apply_decision("%s", "moderator", "Eve", true); bridge.apply_decision("%s",
			"audio", "Bob", true);
			bridge.apply_decision("%s", "ban", "Zoe", os.time() + 60)]]):format(jid, jid, jid));
		bob:wait { from = "/Eve", role = "moderator" };
		rig.call("mutes_reach", { id = bob.id, count = 1 });
		eve:wait { from = "/Zoe", type = "unavailable" };
		local _, again = rig.player(prosody, { room = room, name = "Zoe", nick = "Zoe2" });
		assert.same({ "error", "not-allowed" }, { again.type, again.condition });
		assert.equal("", lua [[return table.concat(prosody.spec_heard, ", ")]]);
		assert.is_table(zoe);
	end);
end);
