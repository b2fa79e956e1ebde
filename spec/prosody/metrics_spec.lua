-- Prosody's statistics say what happened: scraped through mod_http_openmetrics.
local http = require "socket.http";
local socket = require "socket";
local rig = require "spec.support.rig";
local free_port = require "spec.support.free_port";

-- The samples of a scrape: name{label="value",…} (labels sorted, without the host's) -> number.
local function scrape(prosody)
	local body, code = http.request(("http://127.0.0.1:%d/metrics"):format(prosody.http));
	assert.equal(200, code);
	local samples = {};
	for line in body:gmatch("[^\n]+") do
		local name, labels, value = line:match("^([%w_]+){(.*)} (%S+)$");
		if name and name:find("^prosody_mod_skotos_bridge__") then
			local list = {};
			for key, text in labels:gmatch('(%w+)="([^"]*)"') do
				if key ~= "host" then list[#list + 1] = ('%s="%s"'):format(key, text); else assert.equal("meet.test", text); end
			end
			table.sort(list);
			samples[("%s{%s}"):format(name:gsub("^prosody_mod_skotos_bridge__", ""), table.concat(list, ","))] = tonumber(value);
		end
	end
	return samples;
end

describe("the metrics", function ()
	it("say what happened, kind by kind", function ()
		local game = rig.game {};
		local listen_port = free_port();
		local prosody = rig.prosody { game_port = game.port, auth = "skotos_bridge",
			host_options = ("skotos_commands = true; skotos_listen = { port = %d }"):format(listen_port),
			global_options = 'statistics = "internal"; statistics_interval = "manual"; modules_enabled = { "bosh", '
				.. '"websocket", "saslauth", "disco", "smacks", "http_openmetrics" }' };
		game:connected {};
		game:command { line = "burst 30" };
		game:settled {};
		game:command { line = ("login %s %s"):format(rig.hex 'x", "moderator": true, "q": "', rig.hex "tavern") };
		game:settled {};
		-- Commands, and requests to the listener: one of two is good.
		assert.is_true(game:ask { command = { cmd = "ping" } }.success);
		assert.is_false(game:ask { command = { cmd = "say", channel = "nowhere", text = "Hello?" } }.success);
		local caller = assert(socket.connect("127.0.0.1", listen_port));
		for _, name in ipairs { '"Carl"', "7" } do
			caller:send(('{"displayName":%s,"channel":"tavern","moderator":false,"validFor":60}\n'):format(name));
			assert.truthy(caller:receive("*l"));
		end
		-- Logins: two that hold, one expired, one without a token, one of another secret.
		local moderator = rig.player(prosody, { name = "Ann", moderator = true });
		local player, own = rig.player(prosody, { name = "Bob" });
		assert.equal("member", own.affiliation);
		rig.client { port = prosody.http, token = rig.token { name = "Old", exp = os.time() - 100 }, room = "tavern" };
		rig.client { port = prosody.http, room = "tavern" };
		rig.client { port = prosody.http, token = rig.token { name = "Eve",
			secret = "another-secret-for-the-specs-of-40-characters" }, room = "tavern" };
		-- A token for another room, and Jicofo's automatic owner.
		local lost = rig.client { port = prosody.http, token = rig.token { name = "Lost", room = "cellar" },
			room = "cellar" };
		assert.equal("error", lost:join { room = "tavern", nick = "Lost" }.type);
		local focus = rig.focus(prosody);
		assert.equal("error", focus:iq { to = "tavern@conference.meet.test", xmlns = "http://jabber.org/protocol/muc#admin",
			item = { affiliation = "owner", jid = player.jid:match("^[^/]+") } }.type);

		local s = scrape(prosody);
		local expected = {
			['link_up{game="game"}'] = 1, ['replies_waiting{game="game"}'] = 0, ['connections_total{game="game"}'] = 1,
			['reconnects_total{game="game"}'] = 0;
			['requests_total{cmd="jwt_token",game="game",outcome="ok"}'] = 30, ['replies_total{game="game"}'] = 33,
			['replies_late_total{game="game"}'] = 0;
			['requests_lost_total{game="game"}'] = 0, ['reply_time_bucket_total{game="game",le="+Inf"}'] = 33,
			['sent_bytes_total{game="game"}'] = 33 * 8192;
			['requests_total{cmd="ping",game="game",outcome="ok"}'] = 1,
			['requests_total{cmd="say",game="game",outcome="failed"}'] = 1;
			['listener_callers{}'] = 1, ['listener_requests_total{outcome="ok"}'] = 1,
			['listener_requests_total{outcome="refused"}'] = 1;
			['logins_total{outcome="ok"}'] = 3, ['logins_total{outcome="expired"}'] = 1, ['logins_total{outcome="none"}'] = 1,
			['logins_total{outcome="signature"}'] = 1;
			['joins_total{as="moderator"}'] = 1, ['joins_total{as="member"}'] = 1, ['entries_refused_total{reason="room"}'] = 1,
			['grants_refused_total{what="owner"}'] = 1;
		};
		for name, value in pairs(expected) do assert.equal(value, s[name], name); end
		local refused = 0;
		for name, value in pairs(s) do
			if name:find('^requests_total{cmd="jwt_token"') and not name:find('outcome="ok"') then refused = refused + value; end
		end
		assert.equal(1, refused);
		assert.is_true(s['reply_time_seconds_total{game="game"}'] > 0);
		local before = 0;
		for _, le in ipairs { "0.00025", "0.001", "0.004", "0.016", "0.064", "0.256", "1.024", "4.096", "16.384", "+Inf" } do
			local count = s[('reply_time_bucket_total{game="game",le="%s"}'):format(le)];
			assert.is_true(count >= before);
			before = count;
		end

		game:command { line = "restart warm" };
		game:connected {};
		game:command { line = "burst 1" };
		game:settled {};
		assert.equal(1, scrape(prosody)['reconnects_total{game="game"}']);
		game:command { line = "stop" };
		prosody:wait_log { text = "cannot reach the game" };
		assert.equal(0, scrape(prosody)['link_up{game="game"}']);
		moderator:disconnect();
		prosody:lua { code = [[return (require "core.modulemanager".reload("meet.test", "skotos_bridge"))]] };
		assert.equal(1, scrape(prosody)['joins_total{as="moderator"}']);
		prosody:stop();
		game:stop();
	end);
end);
