-- TLS between two hosts 20 ms apart on a wire that loses 2 % of the packets each way: Debian's stunnel and the shipped
-- firewall on the game's. Needs network namespaces and tun devices.
require "spec.support.rig"; -- finds util.json
local json = require "util.json";

describe("two hosts on a bad wire, with TLS between them,", function ()
	local result, allowed;
	setup(function ()
		local pipe = io.popen("exec timeout 240 spec/support/net/two_hosts.sh 20 20 lua5.4 spec/support/net/logins.lua 1000 "
			.. "2>build/two_hosts.log");
		local text = pipe:read("a");
		local _, _, code = pipe:close();
		allowed = code ~= 77;
		result = allowed and json.decode(text);
	end);

	-- What stunnel parts of frames while the game gets no turn is lost (tls_spec).
	local function most(understood) assert.is_true(understood >= 800, tostring(understood)); end
	local cases = {
		{ "have most of 1000 players logged in that came at once", function () most(result.calm); end },
		{ "have most of 1000 logged in while the game is busy for 1.4 s", function () most(result.busy); end },
		{ "lose no connection, answer nobody late and nobody unasked", function ()
			local lost = 2000 - result.calm - result.busy;
			assert.is_true(result.unasked <= lost);
			assert.same({ 1, 0 }, { result.connects, result.timeouts });
			if lost == 0 then assert.same({}, result.complaints); end
		end },
		{ "keep the game's own port closed, which would be open without the firewall", function ()
			assert.is_true(result.open);
			assert.is_false(result.game_port);
		end },
		{ "let the Jitsi host alone to the encrypted port", function ()
			assert.is_true(result.tls_port);
			assert.is_false(result.tls_port_from_elsewhere);
		end },
	};
	for _, case in ipairs(cases) do
		it(case[1], function ()
			if not allowed then return pending("network namespaces or tun devices are not allowed here"); end
			assert(result, "the run failed: see build/two_hosts.log");
			case[2]();
		end);
	end
end);
