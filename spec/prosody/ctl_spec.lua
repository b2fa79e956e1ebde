-- prosodyctl mod_skotos_bridge: each subcommand, run as an administrator runs it.
local ctl = require "spec.support.ctl";
local rig = require "spec.support.rig";

describe("prosodyctl mod_skotos_bridge", function ()
	local game, prosody;
	setup(function ()
		game = rig.game {};
		prosody = rig.prosody { game_port = game.port, auth = "skotos_bridge" };
		game:connected {};
	end);
	teardown(function ()
		prosody:stop();
		game:stop();
	end);

	it("alone tells what there is, and knows a wrong line from a right one", function ()
		local code, out = ctl.run(prosody.dir, {});
		assert.equal(64, code);
		for _, name in ipairs { "check", "status", "mint", "verify", "migrate" } do
			assert.truthy(out:find("\n  " .. name .. " ", 1, true), name);
			local help_code, help = ctl.run(prosody.dir, { name, "--help" });
			assert.equal(0, help_code);
			assert.truthy(help:find("Usage: prosodyctl mod_skotos_bridge " .. name, 1, true));
		end
		local wrong = {
			{ { "chek" }, "chek: no such command" }, { { "check", "--jsn" }, "--jsn: no such option" },
			{ { "mint", "--for", "0" }, "--for 0: a whole number above 0 is wanted" },
			{ { "mint", "--room" }, "--room wants a value" }, { { "status", "now" }, '"now" is one word too many' },
			{ { "check", "--json=yes" }, "--json takes no value" },
		};
		for _, case in ipairs(wrong) do
			local wrong_code, _, err = ctl.run(prosody.dir, case[1]);
			assert.equal(64, wrong_code);
			assert.truthy(err:find(case[2], 1, true), err);
		end
	end);

	describe("status", function ()
		it("tells what the running Prosody's links do", function ()
			game:command { line = "burst 7" };
			game:settled {};
			local code, told = ctl.ask(prosody.dir, { "status" });
			assert.equal(0, code);
			assert.is_true(told.running);
			assert.equal(prosody.pid, told.pid);
			local link = told.hosts["meet.test"].games[1];
			assert.same({ "up", game.port, 7, 7, 0 }, { link.state, link.port, link.requests, link.tokens, link.queued });
			local _, out = ctl.run(prosody.dir, { "status" });
			assert.truthy(out:find("meet.test: skotos_bridge " .. require "skotos_bridge".version .. "\n", 1, true), out);
			assert.falsy(out:find("\27"), "colours where no terminal is");
			assert.truthy(out:find("meet.test: game game at 127.0.0.1:" .. game.port
				.. " is up; 7 requests, 7 tokens, 0 refused", 1, true), out);
		end);

		it("says so when Prosody does not run, and fails", function ()
			local folder = ctl.folder();
			os.execute("mkdir -p " .. folder .. "/data");
			ctl.write(folder .. "/prosody.cfg.lua", (ctl.read(prosody.dir .. "/prosody.cfg.lua"):gsub('data_path = "[^"]*"',
				("data_path = %q"):format(folder .. "/data"))));
			local code, told = ctl.ask(folder, { "status" });
			assert.equal(2, code);
			assert.is_false(told.running);
			local _, out = ctl.run(folder, { "status" });
			assert.truthy(out:find("Prosody is not running", 1, true) and out:find("systemctl start prosody", 1, true), out);
			os.execute("rm -r " .. folder);
		end);
	end);

	describe("drain", function ()
		it("takes this server out, once, and undrain in again", function ()
			for _, case in ipairs { { "drain", "meet.test drains\n", 0 }, { "drain", "nothing changes: it drains already\n", 0 };
				{ "undrain", "meet.test takes part again\n", 1 }, { "undrain", "nothing changes: it takes part\n", 1 } } do
				local code, out = ctl.run(prosody.dir, { case[1] });
				assert.equal(0, code);
				assert.equal(case[2], out:match("[^\n]*\n$"));
				game:connected { count = case[3] };
				local status, told = ctl.ask(prosody.dir, { "status" });
				assert.equal(1 - case[3], status);
				assert.equal(case[3] == 1 and "up" or "drained", told.hosts["meet.test"].games[1].state);
			end
		end);

		it("says so where there is no bridge, and fails", function ()
			for _, name in ipairs { "drain", "undrain" } do
				local code, told = ctl.ask(prosody.dir, { name, "--host", "elsewhere.test" });
				assert.equal(2, code);
				assert.equal("the running Prosody has no skotos_bridge on elsewhere.test", told.error);
			end
		end);
	end);

	describe("mint", function ()
		it("gives a token that other libraries take and that opens the room", function ()
			local code, told = ctl.ask(prosody.dir, { "mint", "--room", "tavern", "--name", "René", "--moderator", "--for",
				"120" });
			assert.equal(0, code);
			local claims = rig.call("verify", { token = told.token });
			for _, library in ipairs { "jsonwebtoken", "jose" } do
				assert.equal("René", claims[library].context.user.name);
				assert.is_true(claims[library].moderator);
				assert.same({ 43200, 120 }, { claims[library].exp - claims[library].iat,
					claims[library].skotos_use_by - claims[library].iat });
			end
			assert.equal("https://meet.test/tavern?jwt=" .. told.token, told.url);
			local _, own = rig.player(prosody, { name = "Rene", token = told.token });
			assert.equal("owner", own.affiliation);
		end);

		it("has the token in its last line, whatever Prosody says of its configuration before", function ()
			local _, out = ctl.run(prosody.dir, { "mint", "--room", "tavern", "--name", "Bob" });
			assert.truthy(out:match("([^\n]*)\n$"):find("^eyJ[%w_.-]+$"), out);
			assert.truthy(out:find("\nhttps://meet.test/tavern?jwt=eyJ", 1, true) or out:find("^https://meet.test/tavern"), out);
		end);

		it("keeps to the options: no longer than skotos_token_max_validity, no illegal room", function ()
			for _, case in ipairs { { "--for", "86401", "skotos_token_max_validity" }, { "--room", "a/b", "channel" },
					{ "--game", "other", 'there is no game "other"' } } do
				local code, told = ctl.ask(prosody.dir, { "mint", "--room", "tavern", "--name", "Bob", case[1], case[2] });
				assert.equal(2, code);
				assert.truthy(told.error:find(case[3], 1, true), told.error);
			end
		end);

		it("points to where the page is", function ()
			local _, told = ctl.ask(prosody.dir, { "mint", "--room", "[guild]hall of fame", "--name", "Bob", "--url",
				"https://talk.example.com/" });
			assert.truthy(told.url and told.url:find("https://talk.example.com/guild/hall%20of%20fame?jwt=", 1, true)
				or told.error, told.url);
		end);
	end);

	describe("verify", function ()
		local cases = {
			{ "a good one", {}, true }, { "an expired one", { exp = os.time() - 100 }, false, "expired" },
			{ "another secret's", { secret = "another-secret-for-the-specs-of-40-characters" }, false, "signature" },
		};
		for _, case in ipairs(cases) do
			it("judges " .. case[1] .. " as the login does", function ()
				local token = rig.token { name = "Bob", room = "tavern", moderator = false, exp = case[2].exp,
					secret = case[2].secret };
				local code, told = ctl.ask(prosody.dir, { "verify", "-" }, { stdin = token .. "\n" });
				assert.equal(case[3] and 0 or 2, code);
				assert.equal(case[3], told.valid);
				assert.equal(case[4], told.hosts[1].code);
				local _, out = ctl.run(prosody.dir, { "verify", token });
				assert.truthy(out:find(case[3] and "meet.test: the token is good" or "meet.test: the token is refused", 1, true),
					out);
				assert.equal(case[4] ~= "signature", out:find("room       tavern", 1, true) ~= nil);
				local client = rig.client { port = prosody.http, token = token, room = "tavern" };
				assert.equal(case[3], client.connected);
			end);
		end

		it("says what is wrong with the clocks where a token begins in the future", function ()
			local now = os.time();
			local token = rig.call("token", { secret = rig.SECRET,
				payload = { iss = "skotos", aud = "jitsi", sub = "meet.test", room = "tavern", iat = now + 3600,
				nbf = now + 3600, exp = now + 7200, context = { user = { name = "Bob" } } } }).token;
			local _, told = ctl.ask(prosody.dir, { "verify", "-" }, { stdin = token .. "\n" });
			assert.equal("not-yet-valid", told.hosts[1].code);
			local _, out = ctl.run(prosody.dir, { "verify", token });
			assert.truthy(out:find("the clock of this machine or of the maker's is off", 1, true), out);
		end);

		it("tells both times of a game's token, and which is which", function ()
			local _, minted = ctl.ask(prosody.dir, { "mint", "--room", "tavern", "--name", "Bob", "--for", "120" });
			local _, out = ctl.run(prosody.dir, { "verify", minted.token });
			assert.truthy(out:find("open until .-%(1[12]%d s from now%): the game's wish"), out);
			assert.truthy(out:find("good until .-%(43[12]%d%d s from now%), while it is in use"), out);
		end);

		local function claims(more)
			local now = os.time();
			local payload = { iss = "skotos", aud = "jitsi", sub = "meet.test", room = "tavern", iat = now, exp = now + 600 };
			for name, value in pairs(more) do payload[name] = value; end
			return payload;
		end

		for _, case in ipairs {
			{ "by id and name", { context = { user = { id = "b1", name = "Bob" } } }, "Bob (id b1)" };
			{ "by the bare name that the old server wrote", { context = { user = "Bob" } }, "Bob" };
			{ "by an id alone", { context = { user = { id = "b1" } } }, "without a name (id b1)" };
			{ "nowhere", {}, "nobody, no user's id or name: it opens the door all the same" };
		} do
			it("tells whom a token names " .. case[1], function ()
				local token = rig.call("token", { secret = rig.SECRET, payload = claims(case[2]) }).token;
				local _, out = ctl.run(prosody.dir, { "verify", token });
				assert.truthy(out:find("person     " .. case[3], 1, true), out);
				assert.is_true(rig.client { port = prosody.http, token = token, room = "tavern" }.connected);
			end);
		end

		it("names the last day of a token of the old server's, which has no end of its own", function ()
			local folder, ends = ctl.folder(), math.floor(os.time()) + 5000;
			ctl.write(folder .. "/prosody.cfg.lua", (ctl.read(prosody.dir .. "/prosody.cfg.lua"):gsub("skotos_port = ",
				("skotos_old_tokens_before = %d; skotos_old_tokens_until = %d; %%0"):format(os.time() + 10, ends))));
			local payload = claims { context = { user = "Bob" } };
			payload.exp = nil;
			local token = rig.call("token", { secret = rig.SECRET, payload = payload }).token;
			local code, out = ctl.run(folder, { "verify", token });
			os.execute("rm -r " .. folder);
			assert.equal(0, code, out);
			assert.truthy(out:find("good until " .. os.date("%F %T %Z", ends), 1, true), out);
			assert.truthy(out:find("skotos_old_tokens_until", 1, true), out);
		end);

		it("takes the page's whole address", function ()
			local token = rig.token { name = "Bob", room = "tavern", moderator = false };
			assert.equal(0, (ctl.ask(prosody.dir, { "verify", "-" },
				{ stdin = "https://meet.test/tavern?jwt=" .. token .. "#config.x=1" })));
		end);
	end);

	describe("migrate", function ()
		local folder, path;
		setup(function ()
			folder = ctl.folder();
			path = ctl.write(folder .. "/old.json", [[{"jitsi": {"domain": "meet.jitsi"}, "jwt": {"app_id": "skotos",
				"secret": "the-old-secret-\"quoted\""},
				"inbound": {"host": "127.0.0.1", "port": 4114}, "outbound": {"host": "game.test", "port": 11092},
					"colour": "red"}]]);
		end);
		teardown(function () os.execute("rm -r " .. folder); end);

		it("gives lines that Prosody's configuration takes, without the secret", function ()
			local code, told = ctl.ask(prosody.dir, { "migrate", path });
			assert.equal(0, code);
			assert.same({ "colour" }, told.ignored);
			local read = {};
			assert(load(table.concat(told.lines, "\n"), "=lines", "t", read))();
			assert.same({ "skotos", "meet.jitsi", "game.test", 11092, "127.0.0.1", 4114 },
				{ read.app_id, read.skotos_domain, read.skotos_host, read.skotos_port, read.skotos_listen.interface,
					read.skotos_listen.port });
			local _, out = ctl.run(prosody.dir, { "migrate", path });
			assert.falsy(out:find("the-old-secret", 1, true));
			assert.truthy(out:find("colour of the old file means nothing here", 1, true));
		end);

		it("writes the secret through no link that somebody has laid", function ()
			local file, elsewhere = folder .. "/linked", folder .. "/elsewhere";
			require "lfs".link(elsewhere, file, true);
			local code, refused = ctl.ask(prosody.dir, { "migrate", path, "--secret-file", file });
			assert.equal(2, code);
			assert.truthy(refused.error:find("is there already", 1, true), refused.error);
			assert.is_nil(require "lfs".attributes(elsewhere));
			os.remove(file);
		end);

		it("writes the secret to a file of its own that only its owner reads, and never over another", function ()
			local file = folder .. "/secret";
			local code, told = ctl.ask(prosody.dir, { "migrate", path, "--secret-file", file });
			assert.equal(0, code);
			assert.truthy(table.concat(told.lines, "\n"):find(("skotos_secret_file = %q"):format(file), 1, true));
			assert.equal('the-old-secret-"quoted"\n', ctl.read(file));
			assert.equal("rw-------", require "lfs".attributes(file, "permissions"));
			local again, refused = ctl.ask(prosody.dir, { "migrate", path, "--secret-file", file });
			assert.equal(2, again);
			assert.truthy(refused.error:find("is there already", 1, true));
		end);

		it("reads standard input, and tells who may not read a file what to do instead", function ()
			local code, told = ctl.ask(prosody.dir, { "migrate", "-" }, { stdin = ctl.read(path) });
			assert.equal(0, code);
			assert.truthy(table.concat(told.lines, "\n"):find('app_id = "skotos"', 1, true));
			local hidden = ctl.write(folder .. "/hidden.json", ctl.read(path));
			assert(os.execute("chmod 000 " .. hidden));
			local root = os.execute "test $(id -u) = 0";
			local refused, said = ctl.ask(prosody.dir, { "migrate", hidden },
				{ before = root and "setpriv --bounding-set -dac_override,-dac_read_search" });
			assert.equal(2, refused);
			assert.truthy(said.error:find("Permission denied", 1, true), said.error);
			assert.truthy(said.error:find("Prosody's user", 1, true), said.error);
			assert.truthy(said.error:find("prosodyctl mod_skotos_bridge migrate - <" .. hidden, 1, true), said.error);
		end);

		for _, case in ipairs { { "{", "no JSON object" },
			{ '{"jwt": {"app_id": "x"}}', "jwt.app_id and jwt.secret are wanted" },
			{ '{"jwt": {"app_id": "x", "secret": "y"}, "outbound": {"port": 0}}',
				"outbound.port: a port from 1 to 65535 is wanted" } } do
			it("says what is wrong with " .. case[1], function ()
				local code, told = ctl.ask(prosody.dir, { "migrate", ctl.write(folder .. "/wrong.json", case[1]) });
				assert.equal(2, code);
				assert.truthy(told.error:find(case[2], 1, true), told.error);
			end);
		end
	end);
end);
