-- The bridges hold what is muted, whatever Jicofo tells them meanwhile.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local st = require "util.stanza";
local lib = require "spec.support.lib";

local INTERNAL, AUTH = "internal.test", "auth.test";
local BREWERY, US = "jvbbrewery@internal.test", "jvbbrewery@internal.test/skotos-bridge";
local ONE, TWO = "jvb1@auth.test/a", "jvb2@auth.test/b";
local bridge_mute, before, sent, timers, hooks, outcome, occupants;

before_each(function ()
	before = { rawget(_G, "module"), rawget(_G, "prosody") };
	bridge_mute = lib.load "room/bridge_mute";
	sent, timers, hooks, outcome = {}, {}, {}, {};
	occupants = { one = { jid = ONE, bare_jid = "jvb1@auth.test" }, two = { jid = TWO, bare_jid = "jvb2@auth.test" },
		focus = { jid = "focus@auth.test/f", bare_jid = "focus@auth.test" }, eve = { jid = "eve@meet.test/e",
			bare_jid = "eve@meet.test" } };
	local room = { jid = BREWERY, each_occupant = function ()
		local name, occupant;
		return function ()
			name, occupant = next(occupants, name);
			return name and BREWERY .. "/" .. name, occupant;
		end;
	end };
	local function muc_with(jid) return { modules = { muc = { get_room_from_jid = function (asked) return asked == jid
		and room or nil; end } } }; end
	rawset(_G, "prosody", { hosts = {
		[INTERNAL] = muc_with(BREWERY), ["conference.test"] = muc_with "jvbbrewery@conference.test", ["meet.test"] = {
			modules = {} }, ["bare.test"] = {}, [AUTH] = { modules = {} };
	} });
	rawset(_G, "module", {
		add_timer = function (_, seconds, act) timers[#timers + 1] = { seconds, act }; end;
		context = function (_, host)
			return { send = function (_, stanza) sent[#sent + 1] = stanza; end, hook = function (_, name,
				act) hooks[#hooks + 1] = { host, name, act }; end };
		end;
	});
	bridge_mute.attach { is_service = function (bare) return bare:find "@auth.test$" ~= nil; end,
		is_players = function (host) return host == "conference.test"; end };
end);
after_each(function ()
	rawset(_G, "module", before[1]);
	rawset(_G, "prosody", before[2]);
end);

local meeting = { _data = { meetingId = "m1" } };
local function hold(held, beside, room)
	bridge_mute.hold(room or meeting, "nick", held, beside or { audio = false, video = false }, function (state,
		why) outcome[#outcome + 1] = { state,
		why }; end);
end
local function hooked(host)
	local found = {};
	for _, hook in ipairs(hooks) do
		if hook[1] == host then found[#found + 1] = hook[3]; end
	end
	return found;
end
local function answer(stanza) return hooked(INTERNAL)[1] { stanza = stanza }; end
local function result(iq) return st.iq { type = "result", id = iq.attr.id, from = iq.attr.to }; end

describe("the bridges", function ()
	it("are asked, each of them, by an address in their room", function ()
		hold({ audio = true, video = false }, { audio = false, video = true });
		assert.equal(2, #sent);
		local asked = {};
		for i, iq in ipairs(sent) do
			local modify = iq:get_child("conference-modify", "jitsi:colibri2");
			local endpoint = modify:get_child "endpoint";
			local mute = endpoint:get_child "force-mute";
			asked[iq.attr.to] = true;
			assert.same({ "get", US, "m1", "nick", "true", "true" }, { iq.attr.type, iq.attr.from, modify.attr["meeting-id"],
				endpoint.attr.id, mute.attr.audio, mute.attr.video });
			assert.equal(1, timers[i][1]);
		end
		assert.same({ [ONE] = true, [TWO] = true }, asked);
		assert.not_equal(sent[1].attr.id, sent[2].attr.id);
		hold { audio = false, video = false };
		local mute = sent[3].tags[1].tags[1].tags[1];
		assert.same({ "false", "false" }, { mute.attr.audio, mute.attr.video });
	end);

	it("hold it when one of them does; it is absent when none has that person, and failed when one refuses", function ()
		hold { audio = true };
		assert.is_true(answer(st.error_reply(sent[1], "cancel", "item-not-found")));
		assert.same({}, outcome);
		assert.is_true(answer(result(sent[2])));
		assert.same({ { "held" } }, outcome);
		hold { audio = true };
		answer(result(sent[3]));
		answer(st.error_reply(sent[4], "cancel", "internal-server-error", "oh"));
		assert.same({ "held" }, outcome[2]);
		hold { audio = true };
		answer(st.error_reply(sent[5], "cancel", "item-not-found"));
		answer(st.error_reply(sent[6], "cancel", "item-not-found"));
		assert.same({ "absent" }, outcome[3]);
		hold { audio = true };
		answer(st.error_reply(sent[7], "cancel", "internal-server-error", "oh"));
		answer(st.error_reply(sent[8], "cancel", "item-not-found"));
		assert.same({ "failed", "a bridge refused: oh" }, outcome[4]);
	end);

	it("have a second, and are not waited for when the module goes", function ()
		hold { audio = true };
		answer(st.error_reply(sent[1], "cancel", "item-not-found"));
		timers[1][2]();
		assert.same({}, outcome);
		timers[2][2]();
		assert.same({ { "failed", "a bridge did not answer within 1 s" } }, outcome);
		assert.is_nil(answer(result(sent[2])));
		hold { audio = true };
		bridge_mute.stop "it goes";
		assert.same({ "failed", "it goes" }, outcome[2]);
	end);

	it("are believed for themselves alone", function ()
		occupants.two = nil;
		hold { audio = true };
		assert.is_nil(answer(st.iq { type = "result", id = sent[1].attr.id, from = "eve@meet.test/e" }));
		assert.is_nil(answer(st.iq { type = "result", id = "x", from = ONE }));
		assert.same({}, outcome);
		answer(result(sent[1]));
		assert.same({ { "held" } }, outcome);
	end);

	it("that are not there are said to be so", function ()
		hold({ audio = true }, {}, { _data = {} });
		assert.equal("none", outcome[1][1]);
		assert.truthy(outcome[1][2]:find("no meeting's id", 1, true));
		occupants.one, occupants.two = nil, nil;
		hold { audio = true };
		assert.same({ "none", "no bridge is there" }, outcome[2]);
		rawget(_G, "prosody").hosts[INTERNAL] = nil;
		hold { audio = true };
		assert.same({ "none", "no bridges (no room jvbbrewery) are on this Prosody" }, outcome[3]);
		assert.equal(0, #sent);
	end);

	it("are told once more of what is held in what Jicofo tells them", function ()
		hold { audio = true, video = false };
		hold { audio = true, video = false };
		assert.equal(1, #hooked(AUTH));
		assert.equal(1, #hooked(INTERNAL));
		local function told(meeting_id, nick, name, namespace)
			local iq = st.iq { type = "get", id = "i", to = ONE }:tag(name or "conference-modify", { xmlns = namespace
				or "jitsi:colibri2",
				["meeting-id"] = meeting_id })
				:tag("endpoint", { id = nick }):tag("force-mute", { audio = "false", video = "false" }):reset();
			hooked(AUTH)[1] { stanza = iq };
			local attr = iq.tags[1].tags[1].tags[1].attr;
			return attr.audio .. " " .. attr.video;
		end
		assert.equal("true false", told("m1", "nick"));
		assert.equal("false false", told("m1", "other"));
		assert.equal("false false", told("m2", "nick"));
		assert.equal("false false", told("m1", "nick", "conference-create"));
		assert.equal("false false", told("m1", "nick", nil, "jitsi:colibri"));
		hooked(AUTH)[1] { stanza = st.iq { type = "get", id = "i" } };
		hooked(AUTH)[1] { stanza = st.iq { type = "get", id = "i" }:tag("conference-modify", { xmlns = "jitsi:colibri2",
			["meeting-id"] = "m1" }):tag("endpoint", { id = "nick" }):reset() };
		hold { audio = false, video = true };
		assert.equal("false true", told("m1", "nick"));
		bridge_mute.forget({ _data = {} }, "nick");
		bridge_mute.forget(meeting, "other");
		assert.equal("false true", told("m1", "nick"));
		bridge_mute.forget(meeting, "nick");
		assert.equal("false false", told("m1", "nick"));
		hold { audio = true };
		bridge_mute.forget(meeting);
		assert.equal("false false", told("m1", "nick"));
		hold { audio = true };
		hold { audio = false, video = false };
		assert.equal("false false", told("m1", "nick"));
	end);
end);
