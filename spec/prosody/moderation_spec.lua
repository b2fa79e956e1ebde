-- The moderation rules, on a live Prosody with real clients: every case under a stand-in for Jitsi's own login and
-- under ours.
local rig = require "spec.support.rig";
local moderated = require "spec.support.moderated";

local host, prosody;

local function bare(client) return moderated.bare(client); end
local function new_room() return host:new_room(); end
local function grant(client, room, affiliation, by) return host:grant(client, room, affiliation, by); end
local function room_lua(room, code) return host:lua(room, code); end

local function start(auth, options)
	host = moderated.start(auth, { host_options = options });
	prosody = host.prosody;
end

for _, auth in ipairs { "token", "skotos_bridge" } do
	describe("moderation under " .. auth, function ()
		setup(function ()
			start(auth, "enable_domain_verification = false");
		end);
		teardown(function () host:stop(); end);

		for _, transport in ipairs { "bosh", "websocket" } do
			it("makes whose token says so a moderator in the first presence, over " .. transport, function ()
				local room = new_room();
				local _, own = rig.player(prosody, { room = room, name = "Mod", moderator = true, transport = transport });
				assert.same({ "owner", "moderator" }, { own.affiliation, own.role });
				local _, other = rig.player(prosody, { room = room, name = "Bob", transport = transport });
				assert.same({ "member", "participant" }, { other.affiliation, other.role });
			end);
		end

		it("takes only boolean true", function ()
			local room = new_room();
			for i, value in ipairs { "true", 1, "yes" } do
				local _, own = rig.player(prosody, { room = room, name = "N" .. i, moderator = value });
				assert.equal("participant", own.role);
			end
		end);

		it("makes the room's creator nothing more", function ()
			local _, own = rig.player(prosody, { room = "created", name = "First" });
			assert.same({ "member", "participant" }, { own.affiliation, own.role });
		end);

		it("refuses Jicofo's grant with not-allowed, and leaves the focus what it is", function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			local answer = grant(bob, room);
			assert.same({ "error", "not-allowed" }, { answer.type, answer.condition });
			assert.equal("owner", room_lua(room, [[return room:get_affiliation("focus@auth.meet.test")]]));
			assert.equal("member", room_lua(room, ([[return room:get_affiliation("%s")]]):format(bare(bob))));
		end);

		it("leaves a moderator what he is under another nickname and outside of the room, as long as his session lives",
				function ()
			local room = new_room();
			local mod = rig.player(prosody, { room = room, name = "Mod", moderator = true });
			mod:join { room = room, nick = "Renamed" };
			assert.equal("owner", room_lua(room, ([[return room:get_affiliation("%s")]]):format(bare(mod))));
			mod:leave { room = room, nick = "Renamed" };
			local bob = rig.player(prosody, { room = room, name = "Bob" }); -- answered after the leave
			assert.equal("owner", room_lua(room, ([[return room:get_affiliation("%s")]]):format(bare(mod))));
			local gone = moderated.ends(prosody, mod);
			assert.equal("nil", room_lua(room, ([[return tostring(room:get_affiliation("%s"))]]):format(gone)));
			assert.equal("member", room_lua(room, ([[return room:get_affiliation("%s")]]):format(bare(bob))));
		end);

		it("refuses another module's grant", function ()
			local room = new_room();
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			assert.equal("nil", room_lua(room, ([[return (room:set_affiliation(true, "%s", "owner"))]]):format(bare(bob))));
		end);

		it("refuses a moderator's grant unless skotos_moderators_may_grant", function ()
			local room = new_room();
			local mod = rig.player(prosody, { room = room, name = "Mod", moderator = true });
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			assert.equal("not-allowed", grant(bob, room, "owner", mod).condition);
		end);

		it("leaves the lobby and members-only rooms closed, but to moderators", function ()
			local room = new_room();
			room_lua(room, "room:set_members_only(true)");
			local _, bob = rig.player(prosody, { room = room, name = "Bob" });
			assert.same({ "error", "registration-required" }, { bob.type, bob.condition });
			local _, mod = rig.player(prosody, { room = room, name = "Mod", moderator = true });
			assert.equal("moderator", mod.role);
		end);

		it("lets nobody into another room, and gives nothing there", function ()
			local room = new_room();
			local _, own = rig.player(prosody, { room = room, token_room = "elsewhere", name = "Eve", moderator = true });
			assert.same({ "error", "not-allowed" }, { own.type, own.condition });
			local _, fresh = rig.player(prosody, { room = "unborn", token_room = "elsewhere", name = "Eve", moderator = true });
			assert.equal("error", fresh.type);
			assert.equal("nil", room_lua("unborn", "return room"));
		end);

		it("opens a tenant's room to the tenant's tokens and to those that name it whole", function ()
			local room = "[guild]" .. new_room();
			local plain = room:match("%](.+)$");
			host.focus:join { room = room, nick = "focus" };
			local _, whole = rig.player(prosody, { room = room, token_room = room, name = "Whole" });
			assert.equal("available", whole.type);
			local _, own = rig.player(prosody, { room = room, token = rig.token { room = plain, name = "Own", domain = "guild" },
				nick = "Own" });
			assert.equal("available", own.type);
			local _, other = rig.player(prosody, { room = room,
				token = rig.token { room = plain, name = "Other", domain = "thieves" }, nick = "Other" });
			assert.same({ "error", "not-allowed" }, { other.type, other.condition });
		end);

		it("compares rooms as Jitsi does", function ()
			local room = new_room();
			local _, upper = rig.player(prosody, { room = room, token_room = room:upper(), name = "Up" });
			assert.equal("available", upper.type);
			local _, any = rig.player(prosody, { room = room, token_room = "*", name = "Any", moderator = true });
			assert.equal("moderator", any.role);
		end);

		it("keeps a banned person out by the same token, a new one and another nickname, and nobody else", function ()
			local room = new_room();
			local token = rig.token { room = room, name = "Troll", person = "troll" };
			local troll = rig.player(prosody, { room = room, name = "Troll", token = token });
			assert.equal("result", grant(troll, room, "outcast").type);
			local again = {
				{ room = room, name = "Troll", token = token }, { room = room, name = "Troll", person = "troll" };
				{ room = room, name = "Saint", person = "troll", moderator = true };
			};
			for _, o in ipairs(again) do
				local _, own = rig.player(prosody, o);
				assert.same({ "error", "not-allowed" }, { own.type, own.condition });
			end
			local _, other = rig.player(prosody, { room = room, name = "Bob", person = "bob" });
			assert.equal("available", other.type);
		end);

		it("never makes someone without a token an owner", function ()
			local room = new_room();
			local client = rig.client { prosody = prosody };
			local own = client:join { room = room, nick = "nobody" };
			assert.same({ "none", "participant" }, { own.affiliation, own.role });
			assert.equal("not-allowed", grant(client, room).condition);
		end);

		it("keeps tokens and secrets out of the log", function ()
			local token = rig.token { room = "elsewhere", name = "Eve" };
			rig.player(prosody, { room = new_room(), name = "Eve", token = token });
			local text = prosody:log().text;
			assert.is_nil(text:find(rig.SECRET, 1, true));
			for line in text:gmatch("[^\n]+") do
				if line:find("skotos_bridge", 1, true) then assert.is_nil(rig.find_token(line)); end
			end
		end);

		it("holds in rooms older than the module, after its reload, and is gone after its unload", function ()
			local room = new_room();
			local mod = rig.player(prosody, { room = room, name = "Mod", moderator = true });
			host:module "reload";
			local _, second = rig.player(prosody, { room = room, name = "Mod2", moderator = true });
			assert.equal("moderator", second.role);
			assert.equal("owner", room_lua(room, ([[return room:get_affiliation("%s")]]):format(bare(mod))));
			host:module "unload";
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			assert.equal("result", grant(bob, room).type);
			host:module "load";
			local late = rig.player(prosody, { room = room, name = "Late" });
			assert.equal("not-allowed", grant(late, room).condition);
		end);

		-- The work grows with the square: the many are tried with the bridge's own login.
		local many = auth == "token" and 40 or 150;
		it(("announces each of %d joins once, a moderator as one from the first"):format(many), function ()
			local room = "crowd";
			local first = rig.player(prosody, { room = room, name = "first" });
			rig.call("client.join_many", { port = prosody.http, room = room, count = many, prefix = "crowd" });
			-- They join side by side, so the last one asked is not always the last one in.
			for n = 0, many - 1 do first:wait { from = "/p" .. n }; end
			local seen, count = {}, 0;
			for _, p in ipairs(first:presences().list) do
				local nick = p.from:match("/(.+)$");
				count = count + 1;
				assert.is_nil(seen[nick]);
				seen[nick] = p;
			end
			assert.equal(many + 1, count);
			assert.equal(1, #first:chat().list); -- the room's subject
			for n = 0, many - 1 do
				assert.equal(n % 10 == 0 and "moderator" or "participant", seen["p" .. n].role);
			end
		end);
	end);

	describe("moderation where moderators may grant, under " .. auth, function ()
		setup(function ()
			start(auth, "skotos_moderators_may_grant = true");
		end);
		teardown(function () host:stop(); end);

		it("lets a moderator make another one, who stays one with a new token and another JID", function ()
			local room = new_room();
			local mod = rig.player(prosody, { room = room, name = "Mod", moderator = true });
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			assert.equal("result", grant(bob, room, "owner", mod).type);
			local _, again = rig.player(prosody, { room = room, name = "Bob", nick = "Bob2" });
			assert.same({ "owner", "moderator" }, { again.affiliation, again.role });
		end);

		it("lets a moderator's demotion hold against his token", function ()
			local room = new_room();
			local mod = rig.player(prosody, { room = room, name = "Mod", moderator = true });
			local other = rig.player(prosody, { room = room, name = "Other", moderator = true });
			assert.equal("result", grant(other, room, "member", mod).type);
			local _, again = rig.player(prosody, { room = room, name = "Other", nick = "Other2", moderator = true });
			assert.same({ "member", "participant" }, { again.affiliation, again.role });
		end);

		it("never makes someone without a token an owner, nor lets Jicofo grant", function ()
			local room = new_room();
			local mod = rig.player(prosody, { room = room, name = "Mod", moderator = true });
			local nobody = rig.client { prosody = prosody };
			nobody:join { room = room, nick = "nobody" };
			assert.equal("not-allowed", grant(nobody, room, "owner", mod).condition);
			local bob = rig.player(prosody, { room = room, name = "Bob" });
			assert.equal("not-allowed", grant(bob, room).condition);
		end);

		it("keeps bans over a reload of the module, and lifts them for the person", function ()
			local room = new_room();
			local troll = rig.player(prosody, { room = room, name = "Troll", person = "troll" });
			assert.equal("result", grant(troll, room, "outcast").type);
			prosody:lua { code = [[return (require "core.modulemanager".reload("meet.test", "skotos_bridge"))]] };
			local _, kept_out = rig.player(prosody, { room = room, name = "Troll", person = "troll" });
			assert.same({ "error", "not-allowed" }, { kept_out.type, kept_out.condition });
			assert.equal("result", grant(troll, room, "none").type);
			local _, back = rig.player(prosody, { room = room, name = "Troll", person = "troll" });
			assert.equal("available", back.type);
		end);
	end);
end

describe("moderation with enable_domain_verification, which is the default,", function ()
	it("asks sub for this domain, or for the room's tenant", function ()
		local prosody = rig.prosody { auth = "skotos_bridge", game_port = 1 }; -- luacheck: ignore 431
		local cases = {
			{ "meet.test", "tavern", "tavern", true }, { "*", "tavern", "tavern", true },
			{ "elsewhere.test", "tavern", "tavern", false };
			{ "guild", "[guild]hall", "hall", true }, { "meet.test", "[guild]hall", "[guild]hall", false },
			{ "thieves", "[guild]hall", "hall", false };
		};
		for i, case in ipairs(cases) do
			local _, own = rig.player(prosody, { room = case[2], nick = "n" .. i,
				token = rig.token { domain = case[1], room = case[3], name = "n" .. i } });
			assert.equal(case[4] and "available" or "error", own.type, table.concat({ case[1], case[2], case[3] }, " "));
		end
		prosody:wait_log { text = 'the token is for the room "tavern" of "elsewhere.test" (its sub; '
			.. 'enable_domain_verification)' };
		assert.equal(0, prosody:stop().code);
	end);
end);
