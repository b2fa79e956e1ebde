-- The options of a host: what each may be, what it is when it is left out, and the line that says what is wrong.
require "spec.support.rig"; -- for the way to Prosody's own libraries
_G.prosody = _G.prosody or { paths = {} }; -- luacheck: ignore 122
package.loaded["net.server"] = package.loaded["net.server"] or {}; -- nothing is listened to here
local configmanager = require "core.configmanager";
local lib = require "spec.support.lib";
local options = lib.load "admin/options";

local HOST = "meet.example";
local KNOWN = {
	"skotos_host", "skotos_port", "skotos_tls", "skotos_allow_plaintext", "skotos_reply_size", "skotos_reply_interval",
		"skotos_token_default_validity";
	"skotos_token_max_validity", "skotos_token_session_validity", "skotos_allow_moderator_tokens", "skotos_moderators",
		"skotos_request_members";
	"skotos_allow_wildcard_room", "skotos_commands", "skotos_max_frame", "skotos_domain", "skotos_listen",
		"skotos_moderators_may_grant", "skotos_names";
	"skotos_shards", "skotos_shard_domain", "skotos_health_addresses", "skotos_games", "skotos_secret_file",
		"skotos_allow_weak_secret", "skotos_public_key";
	"skotos_leeway", "skotos_reconnect_grace", "skotos_old_tokens_before", "skotos_old_tokens_until";
};
local said;

-- What the options make of those of `given`, beside a name and a secret; nil and the line.
local function read(given)
	local all = { app_id = "skotos", app_secret = ("s"):rep(40) };
	for name, value in pairs(given or {}) do
		if value == "(none)" then all[name] = nil; else all[name] = value; end
	end
	local module = lib.host(all);
	module.host, said = HOST, {};
	function module.log(_, level, text, ...) said[#said + 1] = level .. ": " .. text:format(...); end
	return options.read(module);
end
local function game(given) return assert(read(given)).games[1]; end
local function refused(given, text)
	local got, line = read(given);
	assert.is_nil(got);
	assert.truthy(line:find(text, 1, true), line);
	return line;
end

describe("the options of a game", function ()
	it("have their defaults", function ()
		local got = assert(read());
		assert.equal(1, #got.games);
		local one = got.games[1];
		assert.same({ "game", "", "127.0.0.1", 11091, false, false, 8192, 0 }, { one.name, one.where, one.host, one.port,
			one.tls, one.allow_plaintext,
			one.link.reply_size, one.link.reply_interval });
		local issuer = one.issuer;
		assert.same({ "skotos", HOST, 600, 86400, 0, true, false, false, 65536 }, { issuer.app_id, issuer.domain,
			issuer.default_validity, issuer.max_validity,
			issuer.session_validity, issuer.allow_moderator_tokens, issuer.allow_wildcard_room, issuer.commands,
				issuer.max_frame });
		for _, name in ipairs { "moderators", "request_members", "rooms", "tenant" } do assert.is_nil(issuer[name], name); end
		assert.same({ ("s"):rep(40) }, issuer.secrets);
		assert.same({ "HS256", {} }, { issuer.algorithm, issuer.tenants });
		assert.same({ "conference." .. HOST, "breakout." .. HOST, "lobby." .. HOST, "speakerstats." .. HOST }, { got.muc_host,
			got.breakout_host, got.lobby_host, got.speakerstats_host });
		assert.same({ "token", false, false, {}, HOST }, { got.names, got.may_grant, got.listen, got.health_addresses,
			got.domain });
		assert.is_nil(got.own);
		assert.is_nil(got.shards);
		assert.same({}, said);
	end);

	-- option, how it is read back, what it may be, what it may not be, what the refusal names.
	local function issuer_of(name) return function (given) return game(given).issuer[name]; end; end
	local cases = {
		{ "skotos_port", function (given) return game(given).port; end, { 1, 65535, "4", 4.0 }, { 0, 65536, 1.5, "x", true,
			{} }, "a whole number from 1 to 65535" };
		{ "skotos_host", function (given) return game(given).host; end, { "game.example" }, { "", 7, true, {} }, "a string" };
		{ "skotos_allow_plaintext", function (given) return game(given).allow_plaintext; end, { true, false }, { "true", 1,
			{} }, "true or false" };
		{ "skotos_reply_size", function (given) return game(given).link.reply_size; end, { 0, 1024, 65536, "2048" }, { 1,
			1023, 65537, 2048.5, -1, "x", {} }, "0 or a whole number from 1024 to 65536" };
		{ "skotos_reply_interval", function (given) return game(given).link.reply_interval; end, { 0, 60, 0.5 }, { -0.1, 60.1,
			"x", {} }, "0 to 60 seconds" };
		{ "skotos_token_default_validity", issuer_of "default_validity", { 1, 2147483647 }, { 0, 2147483648 },
			"a whole number from 1 to 2147483647" };
		{ "skotos_token_max_validity", issuer_of "max_validity", { 1, 2147483647 }, { 0, 2147483648 },
			"a whole number from 1 to 2147483647" };
		{ "skotos_allow_moderator_tokens", issuer_of "allow_moderator_tokens", { true, false }, { "no", 0 },
			"true or false" };
		{ "skotos_allow_wildcard_room", issuer_of "allow_wildcard_room", { true, false }, { "no", 0 }, "true or false" };
		{ "skotos_moderators", issuer_of "moderators", { { "Ann", "Bob" }, "Ann", {} }, { 7, true, { 7 }, { "Ann", 7 }, {
			Ann = true } }, "a list of display names" };
		{ "skotos_request_members", issuer_of "request_members", { { "id", "email", "avatar", "validUntil", "group",
			"features" }, "id", {} }, { "name", { "id", "shoe" }, { id = true }, true },
			"a list of id, email, avatar, validUntil, group, features" };
		{ "skotos_commands", issuer_of "commands", { true, false, { "kick", "ping" }, "say" }, { "dance", { "kick", "dance" },
			7, { kick = true } }, "or true for all" };
		{ "skotos_max_frame", issuer_of "max_frame", { 256, 16777216 }, { 255, 16777217, "x" },
			"a whole number from 256 to 16777216" };
		{ "skotos_tls", function (given) local tls = game(given).tls; return tls and { ca = tls.ca,
			pin_sha256 = tls.pin_sha256 }; end, { false, { ca = "/ca.pem" }, { pin_sha256 = { "a", "b" } } },
			{ true, "yes", { ca = "" }, { cert = "x" }, { pin_sha256 = {} } },
				"a table of ca, certificate, key (paths), verify_name and pin_sha256" };
	};
	for _, case in ipairs(cases) do
		local name, read_back, good, bad, wanted = table.unpack(case);
		it("take of " .. name .. " what it may be, and refuse the rest by its name, with what came and what is wanted",
			function ()
			for _, value in ipairs(good) do
				local expected = value;
				if name == "skotos_moderators" or name == "skotos_request_members"
					or name == "skotos_commands" then expected = type(value) == "string" and { value } or value;
				elseif type(value) == "string" and tonumber(value) then expected = tonumber(value); end
				assert.same(expected, read_back { [name] = value });
			end
			for _, value in ipairs(bad) do
				local came = type(value) == "table" and "a table" or type(value) == "string" and '"' .. value .. '"'
					or tostring(value);
				local line = refused({ [name] = value }, wanted);
				assert.equal(1, line:find(name .. " = " .. came .. ": ", 1, true), line);
				assert.equal(" is wanted", line:sub(-10));
			end
		end);
	end

	it("take of skotos_tls each of its members, and at most eight pins", function ()
		local pins = { "1", "2", "3", "4", "5", "6", "7", "8" };
		local all = { ca = "/ca", certificate = "/cert", key = "/key", verify_name = "x", pin_sha256 = pins };
		local tls = game { skotos_tls = all }.tls;
		for name, value in pairs(all) do assert.same(value, tls[name]); end
		assert.same({ "1" }, game { skotos_tls = { pin_sha256 = "1" } }.tls.pin_sha256);
		pins[9] = "9";
		refused({ skotos_tls = all }, "at most 8");
	end);

	it("show little of a long value, on one line", function ()
		local line = refused({ skotos_names = ("x"):rep(50) .. "\n" .. ("y"):rep(50) }, "is wanted");
		assert.is_nil(line:find("\n", 1, true));
		assert.truthy(line:find(("x"):rep(50) .. "\\n" .. ("y"):rep(9) .. '": ', 1, true), line);
	end);

	it("give a session's validity only where this module logs in", function ()
		assert.equal(43200, game { authentication = "skotos_bridge" }.issuer.session_validity);
		assert.equal(604800, game { authentication = "skotos_bridge",
			skotos_token_session_validity = 604800 }.issuer.session_validity);
		assert.equal(0, game { authentication = "skotos_bridge", skotos_token_session_validity = 0 }.issuer.session_validity);
		assert.equal(0, game { authentication = "token", skotos_token_session_validity = 5 }.issuer.session_validity);
		refused({ skotos_token_session_validity = 604801 }, "a whole number from 0 to 604800");
	end);
end);

describe("several games", function ()
	it("each have their own options before the plain ones, in the order of their names", function ()
		local got = assert(read { skotos_port = 7, skotos_max_frame = 1000, skotos_games = {
			marrach = { rooms = { "castle*" }, skotos_host = "m.example" }, eternal = { rooms = "city",
				skotos_host = "e.example", skotos_port = 9, skotos_max_frame = 2000 },
			the_3rd = { tenant = "guild-1_x", skotos_host = "t.example" }, fourth = { tenant = "f", rooms = { "hall" },
				skotos_host = "f.example" };
		} });
		local seen = {};
		for i, one in ipairs(got.games) do
			seen[i] = { one.name, one.where, one.host, one.port, one.issuer.max_frame, table.concat(one.issuer.rooms, " "),
				one.tenant or false, one.issuer.tenant or false };
			table.sort(one.issuer.tenants);
			assert.same({ "f", "guild-1_x" }, one.issuer.tenants);
		end
		assert.same({
			{ "eternal", "skotos_games.eternal: ", "e.example", 9, 2000, "city", false, false }, { "fourth",
				"skotos_games.fourth: ", "f.example", 7, 1000, "hall", "f", "f" };
			{ "marrach", "skotos_games.marrach: ", "m.example", 7, 1000, "castle*", false, false };
			{ "the_3rd", "skotos_games.the_3rd: ", "t.example", 7, 1000, "*", "guild-1_x", "guild-1_x" };
		}, seen);
	end);

	local wrong = {
		{ "no table", "x", "skotos_games: a table of name = { options } is wanted" }, { "an empty one", {},
			"skotos_games: a table" };
		{ "games without names", { { rooms = "a" } }, "skotos_games: a table" }, { "a game that is no table", { a = 7 },
			"skotos_games: a table" };
		{ "a game without rooms", { a = {} }, "skotos_games.a: rooms: a list of room patterns is wanted" };
		{ "an empty list of rooms", { a = { rooms = {} } }, "skotos_games.a: rooms: a list of room patterns is wanted" };
		{ "rooms that are none", { a = { rooms = { 7 } } }, "skotos_games.a: rooms: a list of room patterns is wanted" };
		{ "a tenant's empty list of rooms", { a = { tenant = "x", rooms = {} } },
			"skotos_games.a: rooms: a list of room patterns is wanted" };
		{ "a tenant with a dot", { a = { tenant = "a.b" } }, 'skotos_games.a: tenant = "a.b": small letters' }, {
			"one in capitals", { a = { tenant = "A" } }, "small letters" };
		{ "an empty one", { a = { tenant = "" } }, "small letters" }, { "a number", { a = { tenant = 7 } },
			"tenant = 7: small letters" }, { "a long one", { a = { tenant = ("x"):rep(64) } }, "63 at most" };
		{ "an option that is none", { a = { rooms = "a", skotos_prot = 7 } },
			"skotos_games.a: skotos_prot is no option of a game; the nearest is skotos_port" };
		{ "an option of the host", { a = { rooms = "a", skotos_names = "free" } },
			"skotos_games.a: skotos_names is no option of a game" };
		{ "a value that is wrong", { a = { rooms = "a", skotos_port = 0 } },
			"skotos_games.a: skotos_port = 0: a whole number" };
		{ "two at one address", { a = { rooms = "a" }, b = { rooms = "b" } },
			"skotos_games: a and b are both at 127.0.0.1 port 11091; a game takes one connection only" };
	};
	for _, case in ipairs(wrong) do
		it("are refused for " .. case[1], function () refused({ skotos_games = case[2] }, case[3]); end);
	end

	it("take a tenant of 63 letters", function ()
		assert.equal(63, #game { skotos_games = { a = { tenant = ("x"):rep(63) } } }.tenant);
	end);

	it("with a tenant need the tokens' domain", function ()
		local games = { a = { tenant = "guild" } };
		refused({ skotos_games = games, enable_domain_verification = false },
			"enable_domain_verification = false: with a game that has a tenant (guild)");
		refused({ skotos_games = games, skotos_domain = "*" }, 'skotos_domain = "*": with a game that has a tenant (guild)');
		assert(read { skotos_games = { a = { rooms = "x" } }, enable_domain_verification = false });
	end);
end);

describe("the options of a host", function ()
	it("want a name and a secret", function ()
		for _, value in ipairs { "(none)", "", 7 } do refused({ app_id = value }, "app_id is missing"); end
		refused({ app_secret = "(none)" }, "app_secret");
	end);

	it("name the domain in tokens, and the rooms' components as Jitsi's own modules find them", function ()
		assert.equal("other.example", game { skotos_domain = "other.example" }.issuer.domain);
		assert.equal("other.example", assert(read { skotos_domain = "other.example" }).verifier.domain);
		assert.equal("rooms.example", assert(read { main_muc = "Rooms.Example", muc_mapper_domain_base = "x" }).muc_host);
		assert.equal("conference.base.example", assert(read { muc_mapper_domain_base = "base.example" }).muc_host);
		assert.equal("muc.base.example", assert(read { muc_mapper_domain_base = "base.example",
			muc_mapper_domain_prefix = "muc" }).muc_host);
		local got = assert(read { breakout_rooms_muc = "b.example", lobby_muc = "l.example",
			speakerstats_component = "s.example" });
		assert.same({ "b.example", "l.example", "s.example" }, { got.breakout_host, got.lobby_host, got.speakerstats_host });
		assert.is_nil(assert(read { enable_domain_verification = false }).domain);
	end);

	it("say whether names are the tokens' or free", function ()
		assert.equal("free", assert(read { skotos_names = "free" }).names);
		assert.equal("free", assert(read { skotos_host = false }).names);
		assert.equal("token", assert(read { skotos_host = false, skotos_names = "token" }).names);
		refused({ skotos_names = "nobody's" }, '"token" or "free" is wanted');
	end);

	it("without a game make tokens for every room all the same", function ()
		local got = assert(read { skotos_host = false, skotos_token_max_validity = 70 });
		assert.same({}, got.games);
		assert.same({ "", "127.0.0.1", 70 }, { got.own.name, got.own.host, got.own.issuer.max_validity });
		assert.is_nil(got.own.issuer.rooms);
		assert.is_false(assert(read { skotos_host = false,
			skotos_allow_moderator_tokens = false }).own.issuer.allow_moderator_tokens);
		refused({ skotos_host = false, skotos_max_frame = 1 }, "skotos_max_frame = 1");
		assert.equal(1, #assert(read { skotos_host = false, skotos_games = { a = { rooms = "a",
			skotos_host = "a.example" } } }).games);
	end);

	it("have other programs ask for tokens of every room and with every member, but for no command", function ()
		local listen = assert(read { skotos_listen = { port = 5 }, skotos_commands = true, skotos_request_members = { "id" },
			skotos_allow_plaintext = true,
			skotos_games = { a = { rooms = "hall" } } }).listen;
		assert.same({ "127.0.0.1", 5, true, true }, { listen.interface, listen.port, listen.allow_plaintext,
			listen.issuer.any_member });
		for _, name in ipairs { "rooms", "request_members", "commands" } do assert.is_nil(listen.issuer[name], name); end
		for _, value in ipairs { true, 4114, { host = "x" }, { port = 0 }, { port = 65536 }, { interface = 7 } } do refused({
			skotos_listen = value }, "skotos_listen = "); end
		refused({ skotos_listen = {}, skotos_host = false, skotos_max_frame = 1 }, "skotos_max_frame = 1");
	end);

	it("sign no game's tokens where the login's key is public", function ()
		local keyed = { signature_algorithm = "RS256", skotos_public_key = "-----BEGIN PUBLIC KEY-----\n" };
		local function with(more)
			local all = {};
			for _, list in ipairs { keyed, more } do
				for name, value in pairs(list) do all[name] = value; end
			end
			return all;
		end
		local got = assert(read(with { skotos_host = false, app_secret = "(none)" }));
		assert.is_nil(got.own);
		assert.equal("RS256", got.verifier.algorithm);
		refused(with {}, 'signature_algorithm = "RS256": the game\'s tokens are signed here');
		refused(with { skotos_host = false, skotos_listen = {} }, "signed here");
		refused(with { skotos_host = false, skotos_games = { a = { rooms = "a" } } }, "signed here");
	end);

	it("let the login take the game's own tokens", function ()
		refused({ asap_accepted_issuers = { "other" } }, 'asap_accepted_issuers: app_id = "skotos" is not among them');
		assert(read { asap_accepted_issuers = { "other", "skotos" } });
		assert(read { asap_accepted_issuers = { "*" } });
		assert(read { asap_accepted_issuers = { "other" }, skotos_host = false });
		refused({ asap_accepted_issuers = { "other" }, skotos_host = false, skotos_listen = {} }, "asap_accepted_issuers");
		refused({ skotos_leeway = 301 }, "skotos_leeway");
	end);

	it("list the other shards, and not the own one", function ()
		assert.same({ own = HOST, list = { "two.example", "three.example" } }, assert(read { skotos_shards = { "Two.Example",
			"three.example" } }).shards);
		assert.same({ own = "one.example", list = { HOST } }, assert(read { skotos_shards = HOST,
			skotos_shard_domain = "One.example" }).shards);
		refused({ skotos_shards = { "two.example", HOST } }, HOST .. " is this shard's own domain");
		refused({ skotos_shards = { "two.example" }, skotos_shard_domain = "two.example" },
			"two.example is this shard's own domain");
		refused({ skotos_shard_domain = "one.example" }, "skotos_shard_domain: without skotos_shards it says nothing");
		for _, value in ipairs { {}, { "a@b" }, { "a/b" }, { "a b" }, { "" }, { 7 }, "a@b", 7 } do refused({
			skotos_shards = value }, "a list of XMPP domains is wanted"); end
		for _, value in ipairs { "a@b", "", 7, "a b" } do refused({ skotos_shards = "x", skotos_shard_domain = value },
			"an XMPP domain is wanted"); end
	end);

	it("tell the state of the shard to the addresses that are listed", function ()
		assert.equal(2, #assert(read { skotos_health_addresses = { "10.0.0.0/8", "::1" } }).health_addresses);
		assert.equal(1, #assert(read { skotos_health_addresses = "10.1.2.3" }).health_addresses);
		for _, value in ipairs { "x", { "10.0.0.0/33" }, { 7 }, { "::1/129" }, { "10.0.0.0/x" } } do refused({
			skotos_health_addresses = value }, "a list of addresses or networks"); end
	end);

	it("say who may make moderators", function ()
		assert.is_true(assert(read { skotos_moderators_may_grant = true }).may_grant);
		refused({ skotos_moderators_may_grant = "yes" }, "true or false is wanted");
	end);

	it("warn of those that nobody knows, on this host and for all, with the nearest that is known", function ()
		configmanager.set(HOST, "skotos_prot", 7);
		configmanager.set("*", "skotos_modrators", {});
		for i, name in ipairs(KNOWN) do configmanager.set(i % 2 == 0 and "*" or HOST, name, 7); end
		configmanager.set("other.example", "skotos_xyz", 7);
		configmanager.set(HOST, "other_option", 7);
		assert(read());
		table.sort(said);
		assert.same({ "warn: unknown option skotos_modrators; did you mean skotos_moderators?",
			"warn: unknown option skotos_prot; did you mean skotos_port?" }, said);
	end);

	it("warn of keys that are not fetched, and of a secret that is weak where that is allowed", function ()
		assert(read { asap_key_server = "https://keys.example/" });
		assert.truthy(said[1]:find("warn: asap_key_server is set, and passed over", 1, true), said[1]);
		assert(read { app_secret = "short", skotos_allow_weak_secret = true });
		assert.truthy(said[1]:find("warn: ", 1, true), said[1]);
		refused({ app_secret = "short" }, "app_secret");
	end);
end);

describe("the distance of two names", function ()
	for _, case in ipairs { { "", "", 0 }, { "", "abc", 3 }, { "abc", "", 3 }, { "abc", "abc", 0 }, { "abc", "abd", 1 }, {
		"abc", "ac", 1 }, { "abc", "abxc", 1 }, { "kitten", "sitting", 3 }, { "ab", "ba", 2 } } do
		it(("%q %q is %d"):format(case[1], case[2], case[3]), function () assert.equal(case[3], options.distance(case[1],
			case[2])); end);
	end
	it("gives of two that are as near the first by its letters", function ()
		assert.equal("skotos_host", options.nearest "skotos_hort");
		for _, name in ipairs { "skotos_portx", "skotos_", "skotos_x", "skotos_allow_", "skotos_token_validity", "skotos_old",
			"skotos_shard", "x" } do
			table.sort(KNOWN, function (a, b)
				local of_a, of_b = options.distance(name, a), options.distance(name, b);
				return of_a < of_b or of_a == of_b and a < b;
			end);
			assert.equal(KNOWN[1], options.nearest(name));
		end
	end);
end);
