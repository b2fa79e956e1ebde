-- Who somebody is by the token, in each presence that the others get: what pages tell people apart by.
local rig = require "spec.support.rig";

describe("identity in a presence", function ()
	local prosody, watcher;
	local FORGED = "<identity><user><id>skott</id><name>Skott</name></user></identity>";

	setup(function ()
		prosody = rig.prosody { auth = "skotos_bridge", game_port = 1, host_options = "allow_empty_token = true",
			muc_options = 'Component "lobby.meet.test" "muc"\n muc_room_locking = false' };
		watcher = rig.client { port = prosody.http, token = rig.token { room = "hall", name = "Watcher" }, room = "hall" };
		watcher:join { room = "hall", nick = "watcher" };
	end);
	teardown(function () prosody:stop(); end);

	-- Joins as `nick`, sending `extra` in each presence; gives the <identity/>s in the presence that the others get.
	local function identities(nick, token, extra)
		local client = rig.client { port = prosody.http, token = token, room = "hall" };
		client:join { room = "hall", nick = nick, extra = extra, manner = "obey" };
		return watcher:wait { from = "/" .. nick }.identities, client;
	end

	it("is the token's, once", function ()
		local token = rig.token { room = "hall", person = "bob-7 <b>&", name = "Bob" };
		assert.same({ { id = "bob-7 <b>&" } }, (identities("one", token)));
	end);

	it("is the token's, whatever the page sends", function ()
		assert.same({ { id = "bob-7" } }, (identities("two", rig.token { room = "hall", person = "bob-7", name = "bob" },
			FORGED)));
	end);

	it("is left out where the token's name is the id, whatever the page sends", function ()
		assert.same({}, (identities("six", rig.token { room = "hall", name = "bob" }, FORGED)));
		assert.same({}, (identities("seven", rig.token { room = "hall", person = "eve", name = "eve" })));
	end);

	it("stands there where the page chooses the name", function ()
		prosody:reload { options = { host_options = 'allow_empty_token = true; skotos_names = "free"' } };
		assert.same({ { id = "bob" } }, (identities("eight", rig.token { room = "hall", name = "bob" })));
		prosody:reload { options = { host_options = "allow_empty_token = true" } };
	end);

	it("is the token's user_id where another issuer gives no context", function ()
		local token = rig.call("token", { payload = {
			iss = "skotos", aud = "jitsi", sub = "meet.test", room = "hall", exp = os.time() + 600, user_id = "u9";
		} }).token;
		local found = identities("five", token);
		assert.equal("u9", found[1].id);
		assert.equal(1, #found);
	end);

	it("is the token's in later presences too", function ()
		local _, client = identities("three", rig.token { room = "hall", person = "bob-7", name = "bob" }, FORGED);
		client:names { sources = '{"later":{}}' };
		assert.same({ { id = "bob-7" } }, watcher:wait { from = "/three", sources = "later" }.identities);
	end);

	for how, to in pairs { ["to the room"] = ' to="hall@conference.meet.test/%s"', ["to everybody"] = "" } do
		it("is in no presence by which somebody leaves, whatever he sends " .. how, function ()
			local focus = rig.focus(prosody);
			focus:join { room = "hall", nick = "focus" };
			local _, client = identities("leaver", rig.token { room = "hall", person = "bob-7", name = "bob" });
			for nick, leaves in pairs { leaver = client, focus = focus } do
				leaves:stanza { xml = ('<presence xmlns="jabber:client" type="unavailable"%s>%s<status>%s</status></presence>')
					:format(to:format(nick), FORGED, how) };
				assert.same({}, watcher:wait { from = "/" .. nick, type = "unavailable", status = how }.identities);
			end
		end);
	end

	it("is nobody's without a token", function ()
		assert.same({ {} }, (identities("four", nil, FORGED)));
	end);

	it("is nobody's for who comes from another host of the server, as Jitsi's own programs do", function ()
		local focus = rig.focus(prosody);
		focus:join { room = "hall", nick = "focus", extra = FORGED };
		assert.same({ {} }, watcher:wait { from = "/focus" }.identities);
		-- Prosody takes a presence to the room itself for one of the occupant's.
		focus:stanza { xml = '<presence xmlns="jabber:client" to="hall@conference.meet.test">' .. FORGED
			.. "<stats-id>room</stats-id></presence>" };
		assert.same({ {} }, watcher:wait { from = "/focus", stats = "room" }.identities);
	end);

	it("is nobody's in a lobby for who comes from another host", function ()
		local lobby = "hall@lobby.meet.test";
		local other = rig.client { prosody = prosody, token = rig.token { room = "hall", name = "Other" }, room = "hall" };
		rig.focus(prosody):join { room = lobby, nick = "focus" };
		other:join { room = lobby, nick = "other" };
		rig.focus(prosody):join { room = lobby, nick = "second", extra = FORGED, manner = "obey" };
		assert.same({ {} }, other:wait { from = "/second" }.identities);
	end);
end);

describe("identity where no game is", function ()
	it("is left to the page, as without the bridge", function ()
		local prosody = rig.prosody { auth = "skotos_bridge", host_options = "skotos_host = false" };
		local watcher = rig.player(prosody, { room = "hall", name = "Watcher" });
		rig.player(prosody, { room = "hall", name = "bob" });
		assert.same({}, watcher:wait { from = "/bob" }.identities);
		assert.equal(0, prosody:stop().code);
	end);
end);
