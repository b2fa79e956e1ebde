-- Several shards of one Jitsi, each in a network namespace: what crosses between them, who may speak, what is made up
-- for afterwards.
local rig = require "spec.support.rig";

local allowed, why = rig.enclose();
if not allowed then
	describe("several shards", function () pending("skipped: " .. why); end);
	return;
end

local fleet = require "spec.support.shards";
local mix, status, eventually, sees, all_up, agree = fleet.mix, fleet.status, fleet.eventually, fleet.sees,
	fleet.all_up, fleet.agree;
local ban, is_kept_out = fleet.ban, fleet.is_kept_out;

describe("shards of both versions", function ()
	local shards;
	setup(function ()
		shards = rig.shards { versions = mix };
		all_up(shards);
	end);
	teardown(function () shards:stop(); end);

	it("keep a person out on all of them who was banned on one, and nobody else", function ()
		ban(shards.prosodys[1], "tavern", "troll");
		eventually("all to agree", function () return agree(shards); end);
		for n = 2, 3 do
			assert.is_true(is_kept_out(shards.prosodys[n], "tavern", "troll"));
			assert.is_false(is_kept_out(shards.prosodys[n], "tavern", "bob"));
			assert.is_false(is_kept_out(shards.prosodys[n], "throne", "troll"));
		end
	end);

	it("keep to themselves a decision about somebody in whose name is what no stanza can hold, and go on", function ()
		shards.prosodys[1]:lua { code = [[return module:fire_event("skotos-decision", { room = "odd@conference.meet.test", ]]
			.. [[kind = "ban", person = "tro\u{fffe}ll", value = true })]] };
		shards.prosodys[1]:wait_log { text = "stays on this shard" };
		ban(shards.prosodys[1], "odd", "goblin");
		eventually("all to agree", function () return agree(shards); end);
		assert.is_true(is_kept_out(shards.prosodys[2], "odd", "goblin"));
	end);

	it("let a token that was in use on one come back on another after its end, "
				.. "also on one that was started meanwhile, and no other", function ()
		local ends = os.time() + 2;
		local token, unused = rig.token { name = "Bob", exp = ends }, rig.token { name = "Eve", exp = ends };
		rig.player(shards.prosodys[1], { name = "Bob", token = token });
		local function login(n, which)
			return rig.client { port = shards.prosodys[n].http, host = shards.prosodys[n].host, token = which, room = "tavern" };
		end
		-- Only then does shard 3 forget it.
		local known = ([[return tostring(module:fire_event("skotos-token-known", { fingerprint = require ]]
			.. [["skotos_bridge".fingerprint(%q), now = os.time() }))]]):format(token);
		eventually("shard 3 to know of it", function () return shards.prosodys[3]:lua { code = known }.result == "true"; end);
		for _, what in ipairs { "unload", "load" } do
			shards.prosodys[3]:lua { code = ([[return (require "core.modulemanager".%s("meet.test", "skotos_bridge"))]])
				:format(what) };
		end
		fleet.all_up(shards);
		-- Past the leeway of 10 s.
		eventually("the tokens to expire", function () return os.time() > ends + 10; end);
		for _, n in ipairs { 3, 2 } do -- what 2 lets in, it tells 3
			eventually("shard " .. n .. " to know of it", function () return login(n, token).connected; end);
			assert.is_false(login(n, unused).connected);
		end
	end);

	for _, pair in ipairs { { 1, 2 }, { 1, 3 }, { 2, 3 } } do
		it(("%d and %d that were cut off from one another agree within 5 s of the line's healing"):format(pair[1], pair[2]),
				function ()
			local a, b = shards.prosodys[pair[1]], shards.prosodys[pair[2]];
			local room = "cut" .. pair[1] .. pair[2];
			shards:cut { a = pair[1], b = pair[2] };
			eventually("the cut to be seen", function () return sees(a, pair[2], false) and sees(b, pair[1], false); end);
			ban(a, room, "troll");
			ban(b, room, "goblin");
			shards:heal { a = pair[1], b = pair[2] };
			eventually("all to agree", function () return agree(shards); end);
			assert.is_true(is_kept_out(b, room, "troll"));
			assert.is_true(is_kept_out(a, room, "goblin"));
		end);
	end

	it("agree also where one has more to tell than a stanza may hold, and stay up", function ()
		local a, b = shards.prosodys[1], shards.prosodys[2];
		shards:cut { a = 1, b = 2 };
		shards:cut { a = 1, b = 3 };
		eventually("the cut to be seen", function ()
			return sees(a, 2, false) and sees(a, 3, false) and sees(b, 1, false);
		end);
		-- Three rooms that are compared together, with 800 kB between them.
		a:lua { code = [==[
			local sha1 = require "util.hashes".sha1;
			local found, i = 0, 0;
			while found < 3 do
				i = i + 1;
				if sha1("room" .. i):byte() == 7 then
					found = found + 1;
					for n = 1, 1000 do
						module:context("meet.test"):fire_event("skotos-decision", {
							room = "room" .. i .. "@conference.meet.test", kind = "ban", person = ("%04d"):format(n) .. ("p"):rep(60),
								value = os.time() + 86400;
						});
					end
				end
			end
			return found]==] };
		for n = 2, 3 do shards:heal { a = 1, b = n }; end
		eventually("all to agree", function () return agree(shards); end);
		all_up(shards);
		assert.is_nil(b:log().text:find("policy-violation", 1, true));
		assert.is_nil(b:log().text:find("exceeding session limit", 1, true));
		assert.equal("0", status(a, "unsent"));
	end);

	it("one of which is cut off from all agree within 5 s of the lines' healing", function ()
		for n = 2, 3 do shards:cut { a = 1, b = n }; end
		eventually("the cut to be seen", function ()
			return sees(shards.prosodys[1], 2, false) and sees(shards.prosodys[1], 3, false);
		end);
		ban(shards.prosodys[1], "alone", "troll");
		ban(shards.prosodys[2], "alone", "goblin");
		assert.is_false(is_kept_out(shards.prosodys[2], "alone", "troll"));
		assert.is_false(is_kept_out(shards.prosodys[1], "alone", "goblin"));
		for n = 2, 3 do shards:heal { a = 1, b = n }; end
		eventually("all to agree", function () return agree(shards); end);
		assert.is_true(is_kept_out(shards.prosodys[2], "alone", "troll"));
		assert.is_true(is_kept_out(shards.prosodys[1], "alone", "goblin"));
	end);

	it("that were killed learn what they missed when they are back", function ()
		shards:kill { shard = 2 };
		ban(shards.prosodys[1], "missed", "troll");
		shards:restart { shard = 2 };
		all_up(shards);
		eventually("all to agree", function () return agree(shards); end);
		assert.is_true(is_kept_out(shards.prosodys[2], "missed", "troll"));
	end);

	it("say that a changed list counts later", function ()
		local prosody = shards.prosodys[3];
		prosody:lua { code = [[prosody.events.fire_event("config-reloaded") return 1]] };
		assert.is_nil(prosody:log().text:find("skotos_shards or skotos_shard_domain has changed", 1, true));
		prosody:lua { code = [[require "core.configmanager".set("meet.test", "skotos_shards", { "shard1.test" }) ]]
			.. [[prosody.events.fire_event("config-reloaded") return 1]] };
		prosody:wait_log { text = "skotos_shards or skotos_shard_domain has changed" };
		eventually("shard 2 to be one still", function () return sees(prosody, 2, true); end);
	end);

	it("keep over a reload of the module what was decided", function ()
		local before = status(shards.prosodys[1], "digest");
		shards.prosodys[1]:lua { code = [[return (require "core.modulemanager".reload("meet.test", "skotos_bridge"))]] };
		assert.equal(before, status(shards.prosodys[1], "digest"));
		all_up(shards);
	end);
end);

describe("a shard that begins anew while another is cut off", function ()
	local shards;
	setup(function ()
		shards = rig.shards { versions = { mix[1], mix[2] } };
		all_up(shards);
	end);
	teardown(function () shards:stop(); end);

	-- Until `ends` (false: no longer) the troll is banned on 1 while 2 is cut off, and 1 begins anew, with nothing but its
	-- store.
	local function missed_by_2(ends)
		shards:cut { a = 1, b = 2 };
		for a, b in pairs { 2, 1 } do
			eventually("the line to be cut", function () return sees(shards.prosodys[a], b, false); end);
		end
		shards.prosodys[1]:lua { code = ([[local host, room, value = prosody.hosts["meet.test"],
			"hall@conference.meet.test", %s
			host.modules.skotos_bridge.apply_decision(room, "ban", "troll", value)
			host.events.fire_event("skotos-decision", { room = room, kind = "ban", person = "troll",
				value = value }) return 1]]):format(tostring(ends)) };
		for _, what in ipairs { "unload", "load" } do
			shards.prosodys[1]:lua { code = ([[return (require "core.modulemanager".%s("meet.test", "skotos_bridge"))]])
				:format(what) };
		end
		shards:heal { a = 1, b = 2 };
		all_up(shards);
	end

	it("tells it of a ban with an end, and of a ban's end", function ()
		missed_by_2(os.time() + 86400);
		eventually("2 to know", function () return is_kept_out(shards.prosodys[2], "hall", "troll"); end);
		assert.is_true(agree(shards));
		missed_by_2(false);
		eventually("2 to know", function () return not is_kept_out(shards.prosodys[2], "hall", "troll"); end);
		assert.is_false(is_kept_out(shards.prosodys[1], "hall", "troll"));
	end);
end);

describe("a shard without a link to the game", function ()
	it("checks tokens and keeps out who was banned elsewhere", function ()
		local shards = rig.shards { versions = { rig.version, rig.version }, linkless = { 2 } };
		shards.game:connected { count = 1 };
		all_up(shards);
		ban(shards.prosodys[1], "stage", "troll");
		eventually("all to agree", function () return agree(shards); end);
		assert.is_true(is_kept_out(shards.prosodys[2], "stage", "troll"));
		assert.is_false(is_kept_out(shards.prosodys[2], "stage", "bob"));
		local forged = rig.token { room = "stage", name = "Eve", secret = "another-secret-of-at-least-32-characters" };
		assert.is_false(rig.client({ port = shards.prosodys[2].http, host = shards.prosodys[2].host, token = forged,
			room = "stage" }).connected);
		assert.equal(1, shards.game:stats().connected);
		shards:stop();
	end);
end);

describe("a server that speaks as a shard", function ()
	local function lines(prosody, text)
		local count = 0;
		for line in prosody:log().text:gmatch("[^\n]+") do
			if line:find(text, 1, true) then count = count + 1; end
		end
		return count;
	end

	-- Has the server `n` ask shard 1; gives the condition that comes back.
	local function ask(shards, n)
		shards.prosodys[n]:lua { code = ([[
			local st = require "util.stanza";
			local iq = st.iq { type = "set", from = "shard%d.test", to = "shard1.test", id = "trial" }
				:tag("shard", { xmlns = "urn:skotos:bridge:shard:1", what = "digests", json = "{}" });
			module:context("shard%d.test"):send_iq(iq, nil, 10):next(function () module:log("info", "TRIAL answered"); end,
				function (err) module:log("info", "TRIAL %%s", err.condition); end);
			return "asked";]]):format(n, n) };
		shards.prosodys[n]:wait_log { text = "TRIAL" };
		return shards.prosodys[n]:log().text:match("TRIAL (%S+)");
	end

	it("and is not listed is refused, counted, and told of once", function ()
		local shards = rig.shards { versions = mix, listed = { { 2 }, { 1, 3 }, { 1, 2 } }, bidi = true };
		eventually("two shards to see each other", function () return sees(shards.prosodys[1], 2, true); end);
		assert.equal("forbidden", ask(shards, 3));
		eventually("three refusals", function () return tonumber(status(shards.prosodys[1], "refused")) >= 3; end);
		assert.equal(1, lines(shards.prosodys[1], "shard3.test may not speak as a shard: it is not listed in skotos_shards"));
		shards:stop();
	end);

	it("and is listed, but proven by dialback only, is refused", function ()
		local shards = rig.shards { versions = mix, authorities = { 1, 1, 2 }, dialback = true };
		eventually("two shards to see each other", function () return sees(shards.prosodys[1], 2, true); end);
		assert.not_equal("answered", ask(shards, 3));
		eventually("refusals", function () return tonumber(status(shards.prosodys[1], "refused")) >= 1; end);
		assert.is_true(sees(shards.prosodys[1], 3, false));
		assert.is_true(sees(shards.prosodys[3], 1, false));
		shards:stop();
	end);
end);
