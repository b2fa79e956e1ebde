-- What a presence says of what is muted: as pages of today say it, and as those before 2022 did.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";
local st = require "util.stanza";
local sources = dofile "mod_skotos_bridge/skotos_bridge/room/sources.lib.lua";

local ALL = { audio = true, video = true, desktop = true };
local function with(change)
	local says = {};
	for medium, muted in pairs(ALL) do says[medium] = muted; end
	for medium, muted in pairs(change) do says[medium] = muted; end
	return says;
end

describe("a presence", function ()
	local cases = {
		{ "{}", ALL }, { '{"n-a0":{"muted":false}}', with { audio = false } }, { '{"n-a0":{"muted":true}}', ALL }, {
			'{"n-a0":{}}', ALL };
		{ '{"n-v0":{"muted":false}}', with { video = false } }, { '{"n-v0":{"muted":false,"videoType":"camera"}}', with {
			video = false } };
		{ '{"n-v1":{"muted":false,"videoType":"desktop"}}', with { desktop = false } }, {
			'{"n-a0":{"muted":false,"videoType":"desktop"}}', with { audio = false } };
		{ '{"x":{"muted":false,"mediaType":"AUDIO"}}', with { audio = false } }, {
			'{"n-a0":{"muted":false,"mediaType":"video"}}', with { video = false } };
		{ '{"n-a0":{"muted":true},"n-a1":{"muted":false},"n-v0":{"muted":false}}', with { audio = false, video = false } };
		{ '{"n-a0":{"muted":"false"}}', ALL }, { '{"n-a0":false}', ALL }, { "[]", ALL }, { "7", ALL }, { "no JSON", ALL }, {
			"", ALL }, { ("["):rep(100000), ALL };
	};
	for _, case in ipairs(cases) do
		it("says by its SourceInfo what is muted: " .. case[1]:sub(1, 60), function ()
			local presence = st.presence():text_tag("SourceInfo", case[1]):text_tag("audiomuted", "false", {
				xmlns = "http://jitsi.org/jitmeet/audio" });
			local says = sources.muted(presence);
			for medium in pairs(ALL) do assert.equal(case[2][medium], says[medium], medium); end
		end);
	end

	it("says by the elements of older pages what is muted, and nothing of what they do not name", function ()
		for _, namespace in ipairs { "http://jitsi.org/jitmeet/", false } do
			local function muted(audio, video)
				local presence = st.presence();
				for name, value in pairs { audio = audio, video = video } do
					presence:text_tag(name .. "muted", value, namespace and { xmlns = namespace .. name } or nil);
				end
				return sources.muted(presence);
			end
			assert.same({}, muted());
			assert.same({ audio = true }, muted("true"));
			assert.same({ audio = false, video = true }, muted("false", "true"));
			assert.same({ video = false }, muted(nil, "yes"));
		end
	end);
end);
