-- A page is muted by the focus, and has a second to say that it is.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local st = require "util.stanza";
local lib = require "spec.support.lib";

local FOCUS, NICK, REAL, OTHER = { nick = "tavern@muc.test/focus" }, "tavern@muc.test/abc", "u@meet.test/1",
	"u@meet.test/2";
local page_mute, sent, timers, hooks, outcome;

before_each(function ()
	page_mute = lib.load "room/page_mute";
	sent, timers, hooks, outcome = {}, {}, {}, {};
	page_mute.hook {
		hook = function (_, name, act) hooks[name] = act; end, send = function (_, stanza) sent[#sent + 1] = stanza; end;
		add_timer = function (_, seconds, act) timers[#timers + 1] = { seconds, act }; end;
	};
end);

local function occupant(sessions, presence)
	return {
		nick = NICK, get_presence = function () return presence; end;
		each_session = function ()
			local i = 0;
			return function ()
				i = i + 1;
				return sessions[i];
			end;
		end;
	};
end
local function mute(sessions, media)
	page_mute.mute(FOCUS, occupant(sessions or { REAL }), media or "audio", function (ok, why) outcome[#outcome + 1] = {
		ok, why }; end);
end
local function presence(audio, video, kind)
	local stanza = st.presence { type = kind };
	if audio ~= nil then stanza:text_tag("audiomuted", tostring(audio), { xmlns = "http://jitsi.org/jitmeet/audio" }); end
	if video ~= nil then stanza:text_tag("videomuted", tostring(video), { xmlns = "http://jitsi.org/jitmeet/video" }); end
	return stanza;
end
local function says(stanza, nick) return hooks["muc-broadcast-presence"] { occupant = { nick = nick or NICK },
	stanza = stanza }; end
local function answer(stanza) return hooks["iq/full"] { stanza = stanza }; end

describe("a page", function ()
	it("is told by the focus, each session of its own", function ()
		mute({ REAL, OTHER }, "video");
		assert.equal(2, #sent);
		for i, real in ipairs { REAL, OTHER } do
			local attr, tag = sent[i].attr, sent[i].tags[1];
			assert.same({ "set", FOCUS.nick, real, "mute", "http://jitsi.org/jitmeet/video", "true" }, { attr.type, attr.from,
				attr.to, tag.name, tag.attr.xmlns, tag:get_text() });
			assert.equal(1, timers[i][1]);
		end
		assert.not_equal(sent[1].attr.id, sent[2].attr.id);
		assert.is_true(page_mute.is_waiting(NICK, "video"));
		assert.is_false(page_mute.is_waiting(NICK, "audio"));
		assert.is_false(page_mute.is_waiting("tavern@muc.test/other", "video"));
		assert.same({}, outcome);
	end);

	it("has done it when it says so in its presence, and not when it says something else", function ()
		mute();
		says(presence(false, true));
		says(presence(nil, nil));
		says(presence(true), "tavern@muc.test/other");
		says(presence(true, nil, "unavailable"));
		assert.same({}, outcome);
		says(presence(true));
		assert.same({ { true } }, outcome);
		assert.is_false(page_mute.is_waiting(NICK, "audio"));
		timers[1][2]();
		says(presence(true));
		assert.same({ { true } }, outcome);
	end);

	it("has done it when its client answers so, and not when another's does", function ()
		mute();
		local id = sent[1].attr.id;
		for _, stanza in ipairs { st.iq { type = "result", id = id, from = OTHER }, st.iq { type = "result", id = "x",
			from = REAL }, st.iq { type = "get", id = id, from = REAL } } do
			assert.is_nil(answer(stanza));
		end
		assert.same({}, outcome);
		assert.is_true(answer(st.iq { type = "result", id = id, from = REAL }));
		assert.same({ { true } }, outcome);
	end);

	it("has refused, with what its client says", function ()
		mute();
		mute();
		mute();
		assert.is_true(answer(st.error_reply(st.iq { type = "set", id = sent[1].attr.id, to = REAL, from = "x@y" }, "cancel",
			"not-allowed", "no thanks")));
		assert.is_true(answer(st.error_reply(st.iq { type = "set", id = sent[2].attr.id, to = REAL, from = "x@y" }, "cancel",
			"not-allowed")));
		assert.is_true(answer(st.iq { type = "error", id = sent[3].attr.id, from = REAL }));
		assert.equal("the client refused: no thanks", outcome[1][2]);
		assert.equal("the client refused: not-allowed", outcome[2][2]);
		assert.is_false(outcome[3][1]);
	end);

	it("has a second, and is not waited for when it has left, or the module goes", function ()
		mute();
		timers[1][2]();
		assert.same({ { false, "the page did not confirm within 1 s that it is muted" } }, outcome);
		mute();
		hooks["muc-occupant-left"] { nick = "tavern@muc.test/other" };
		assert.equal(1, #outcome);
		hooks["muc-occupant-left"] { nick = NICK };
		assert.same({ false, "the person left meanwhile" }, outcome[2]);
		mute();
		page_mute.stop "it goes";
		assert.same({ false, "it goes" }, outcome[3]);
	end);

	it("of several sessions is muted when all are, and says why when one is not", function ()
		mute { REAL, OTHER };
		answer(st.iq { type = "result", id = sent[1].attr.id, from = REAL });
		assert.same({}, outcome);
		timers[2][2]();
		assert.same({ { false, "the page did not confirm within 1 s that it is muted" } }, outcome);
		mute { REAL, OTHER };
		says(presence(true));
		assert.same({ true }, outcome[2]);
		mute {};
		assert.same({ false, "no session is left" }, outcome[3]);
	end);

	it("has to turn off what it has on, and a screen only where it shares one", function ()
		local all = { "audio", "video", "desktop" };
		assert.same({ "audio", "video" }, page_mute.to_turn_off(occupant({}, nil), all));
		assert.same({ "audio", "video" }, page_mute.to_turn_off(occupant({}, presence()), all));
		assert.same({ "video" }, page_mute.to_turn_off(occupant({}, presence(true, false)), all));
		assert.same({ "audio" }, page_mute.to_turn_off(occupant({}, presence(false, true)), all));
		assert.same({}, page_mute.to_turn_off(occupant({}, presence(true, true)), { "audio" }));
	end);
end);
