package.path = package.path .. ";/usr/lib/prosody/?.lua";
local formdecode = require "util.http".formdecode;
local query = dofile "mod_skotos_bridge/skotos_bridge/login/query.lib.lua";

describe("the query of a login", function ()
	it("has the parameters that Prosody's formdecode finds", function ()
		local pieces = { "a", "b", "=", "&", "+", "%", "%2b", "%3D", "%E4", "%26", "%2", "token", "\0" };
		math.randomseed(22);
		for _ = 1, 3000 do
			local text = {};
			for i = 1, math.random(0, 12) do text[i] = pieces[math.random(#pieces)]; end
			text = table.concat(text);
			local wanted = {};
			if text:find("=", 1, true) then
				for name, value in pairs(formdecode(text)) do
					if type(name) == "string" then wanted[name] = value; end
				end
			end
			assert.same(wanted, query.parameters(text), text);
		end
	end);

	it("may write a code in letters of either case", function ()
		assert.same({ room = "\xaf\xaf/" }, query.parameters("room=%aF%Af%2f"));
	end);
end);
