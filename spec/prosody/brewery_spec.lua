-- The rooms in which Jicofo finds bridges and recorders, which Jitsi's templates leave open to everybody: whoever is in
-- one is one of them.
local rig = require "spec.support.rig";

local HOSTS = [[
VirtualHost "guest.meet.test"
  authentication = "jitsi-anonymous"
VirtualHost "jigasi.meet.test"
  authentication = "anonymous"
VirtualHost "recorder.meet.test"
  authentication = "internal_plain"
Component "internal.auth.meet.test" "muc"
  admins = { "focus@auth.meet.test", "jvb@auth.meet.test" }
  muc_filter_whitelist = { "jigasi.meet.test" }
  muc_room_locking = false; muc_room_default_public_jids = true
]];

-- What a stranger on another server, or on a VirtualHost of that name here, is answered.
local STRANGER = [[
	local st, answer = require "util.stanza", nil;
	local origin = { type = "s2sin", from_host = "%s", send = function (stanza) answer = stanza; end };
	local presence = st.presence({ from = "eve@%s/x", to = "%s@internal.auth.meet.test/jvb9" }):tag("x", {
		xmlns = "http://jabber.org/protocol/muc" }):up();
	prosody.hosts["internal.auth.meet.test"].events.fire_event("presence/full", { origin = origin, stanza = presence });
	return answer and answer.attr.type == "error" and select(2, answer:get_error()) or "let in";
]];

describe("a brewery of Jicofo's", function ()
	local prosody, focus;
	setup(function ()
		prosody = rig.prosody { auth = "skotos_bridge", game_port = 1, muc_options = HOSTS,
			host_options = "allow_empty_token = true" };
		focus = rig.focus(prosody);
		for _, host in ipairs { "auth.meet.test", "recorder.meet.test" } do
			prosody:lua { code = ([[return require "core.usermanager".create_user("program", "its-password", "%s")]])
				:format(host) };
		end
	end);
	teardown(function () assert.equal(0, prosody:stop().code); end);

	for _, room in ipairs { "jvbbrewery", "jibribrewery", "jigasibrewery" } do
		it(room
				.. " is open to whoever has an account or is listed, and to no player, guest or stranger, "
					.. "whether Jicofo is there or not", function ()
			local to = room .. "@internal.auth.meet.test";
			local function tries()
				local mod = rig.client { prosody = prosody, room = "tavern",
					token = rig.token { name = "Mod", moderator = true, room = "*" } };
				for _, client in ipairs { mod, (rig.client { prosody = prosody }) } do
					local own = client:join { room = to, nick = "jvb9" };
					assert.same({ "error", "not-allowed" }, { own.type, own.condition });
				end
				for _, host in ipairs { "elsewhere.test", "guest.meet.test" } do
					assert.equal("not-allowed", prosody:lua({ code = STRANGER:format(host, host, room) }).result);
				end
			end
			tries();
			assert.equal("available", focus:join({ room = to, nick = "focus" }).type);
			for _, host in ipairs { "auth.meet.test", "recorder.meet.test" } do
				local program = rig.client { prosody = prosody, jid = "program@" .. host, password = "its-password" };
				assert.equal("available", program:join({ room = to, nick = host }).type);
			end
			local listed = rig.client { prosody = prosody, jid = "jigasi.meet.test" };
			assert.equal("available", listed:join({ room = to, nick = "listed" }).type);
			tries();
		end);
	end

	it("is no other room there, which is open as it was", function ()
		local client = rig.client { prosody = prosody, room = "tavern", token = rig.token { name = "Bob" } };
		assert.equal("available", client:join({ room = "talk@internal.auth.meet.test", nick = "b" }).type);
	end);

	it("is closed still when its component was started anew, and open when the bridge is gone", function ()
		local to = "jvbbrewery@internal.auth.meet.test";
		local client = rig.client { prosody = prosody, room = "tavern", token = rig.token { name = "Bob" } };
		prosody:lua { code = [[local h = require "core.hostmanager" h.deactivate("internal.auth.meet.test") ]]
			.. [[h.activate("internal.auth.meet.test")]] };
		assert.equal("not-allowed", client:join({ room = to, nick = "jvb9" }).condition);
		prosody:lua { code = [[return (require "core.modulemanager".unload("meet.test", "skotos_bridge"))]] };
		assert.equal("available", client:join({ room = to, nick = "jvb9" }).type);
	end);
end);
