-- Who stays out of a room, and what his page is told: `not-allowed` of type cancel with a text, the one refusal that it
-- shows as such.
local rig = require "spec.support.rig";

local ELSEWHERE = [[
token_verification_allowlist = { "recorder.meet.test", "dial-in@guest.meet.test" }
VirtualHost "guest.meet.test"
  authentication = "anonymous"
VirtualHost "recorder.meet.test"
  authentication = "internal_plain"
]];

-- A stranger's server, over s2s: gives what it is answered.
local STRANGER = [[
	local st, answer = require "util.stanza", "nothing";
	local origin = { type = "s2sin", from_host = "elsewhere.test", send = function (stanza) answer = stanza; end };
	local presence = st.presence({ from = "%s/x", to = "%s" }):tag("x", { xmlns = "http://jabber.org/protocol/muc" }):up();
	prosody.hosts["conference.meet.test"].events.fire_event("presence/full", { origin = origin, stanza = presence });
	if answer.attr == nil or answer.attr.type ~= "error" then return "let in"; end
	local kind, condition, text = answer:get_error();
	return table.concat({ kind, condition, text }, ", ");
]];

local function refused(text, own)
	assert.same({ "error", "not-allowed", "cancel", text }, { own.type, own.condition, own.error_type, own.error_text });
end

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("the door under " .. auth, function ()
		local prosody, focus;
		setup(function ()
			prosody = rig.prosody { auth = auth, game_port = 1, muc_options = ELSEWHERE };
			focus = rig.focus(prosody);
			prosody:lua { code = [[return require "core.usermanager".create_user("recorder", "its-password", ]]
				.. [["recorder.meet.test")]] };
		end);
		teardown(function () assert.equal(0, prosody:stop().code); end);

		it("stays closed to whoever has no token, from another VirtualHost or another server, in rooms that are open or not",
				function ()
			focus:join { room = "open", nick = "focus" };
			local guest = rig.client { prosody = prosody, jid = "guest.meet.test" };
			for _, room in ipairs { "open", "unborn" } do
				refused("token required", guest:join { room = room .. "@conference.meet.test", nick = "Guest" });
				assert.equal("cancel, not-allowed, token required",
					prosody:lua({ code = STRANGER:format("eve@elsewhere.test", room .. "@conference.meet.test/Eve") }).result);
			end
			assert.equal("nil", prosody:lua({
				code =
				[[return tostring((prosody.hosts["conference.meet.test"].modules.muc
					.get_room_from_jid("unborn@conference.meet.test")))]] }).result);
		end);

		it("is open to the MUC's admins and to the allowlist, who become nothing by it", function ()
			assert.equal("available", focus:join({ room = "listed", nick = "focus" }).type);
			local recorder = rig.client { prosody = prosody, jid = "recorder@recorder.meet.test", password = "its-password" };
			local own = recorder:join { room = "listed@conference.meet.test", nick = "recorder" };
			assert.same({ "available", "none", "participant" }, { own.type, own.affiliation, own.role });
		end);

		it("tells whom it turns away why", function ()
			focus:join { room = "told", nick = "focus" };
			local bob = rig.player(prosody, { room = "told", name = "Bob" });
			local bare = bob.jid:match("^[^/]+");
			assert.equal("result", focus:iq({ to = "told@conference.meet.test", xmlns = "http://jabber.org/protocol/muc#admin",
				item = { jid = bare, affiliation = "outcast" } }).type);
			bob:wait { from = "/Bob", type = "unavailable" };
			refused("banned from this room", bob:join { room = "told", nick = "Bob" });
			local _, again = rig.player(prosody, { room = "told", name = "Bob", nick = "b" });
			refused("banned from this room", again);
			local _, other = rig.player(prosody, { room = "told", token_room = "elsewhere", name = "Eve" });
			refused("token is for another room", other);
		end);

		it("opens to everybody with allow_empty_token, when that is reloaded", function ()
			prosody:reload { options = { host_options = "allow_empty_token = true" } };
			local guest = rig.client { prosody = prosody, jid = "guest.meet.test" };
			local own = guest:join { room = "free@conference.meet.test", nick = "Guest" };
			assert.same({ "available", "none", "participant" }, { own.type, own.affiliation, own.role });
			-- Whatever he is called on a server of his own, a stranger is none of Jitsi's programs.
			for _, stranger in ipairs { "eve@elsewhere.test", "recorder@recorder.elsewhere.test",
					"focus@auth.elsewhere.test" } do
				assert.equal("cancel, not-allowed, that nickname is Jicofo's",
					prosody:lua({ code = STRANGER:format(stranger, "free@conference.meet.test/focus") }).result);
			end
		end);
	end);
end
