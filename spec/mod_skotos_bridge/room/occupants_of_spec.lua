-- Which occupants a bare JID has in a room, without a server.
package.path = package.path .. ";/usr/lib/prosody/?.lua";
package.cpath = package.cpath .. ";/usr/lib/prosody/?.so";

local HERE, COMPONENT = "bob@meet.test", "bob@gateway.meet.test";

describe("the occupants of a bare JID", function ()
	local occupants_of = dofile "mod_skotos_bridge/skotos_bridge/room/occupants_of.lib.lua";
	local room, looked, before;

	local function comes(full, nick)
		room._jid_nick[full] = "hall/" .. nick;
		room._occupants["hall/" .. nick] = { bare_jid = full:match "^[^/]+" };
	end
	local function nicks(bare)
		local list = {};
		for nick in pairs(occupants_of.nicks(room, bare)) do list[#list + 1] = nick; end
		table.sort(list);
		return list;
	end

	before_each(function ()
		before, looked = _G.prosody, 0;
		_G.prosody = {
			hosts = { ["meet.test"] = { type = "local" }, ["gateway.meet.test"] = { type = "component" } };
			bare_sessions = { [HERE] = { sessions = {
				a = { full_jid = HERE .. "/a" }, b = { full_jid = HERE .. "/b" }, elsewhere = { full_jid = HERE .. "/elsewhere" };
			} } };
		};
		local occupants = setmetatable({}, { __pairs = function (all)
			looked = looked + 1;
			return next, all;
		end });
		room = { _jid_nick = {}, _occupants = occupants,
			get_occupant_jid = function (self, full) return self._jid_nick[full]; end };
		for _, bare in ipairs { HERE, COMPONENT, "bob@far.test", "eve@meet.test" } do
			comes(bare .. "/a", "1 " .. bare);
			comes(bare .. "/b", "2 " .. bare);
		end
	end);
	after_each(function () _G.prosody = before; end);

	it("of a user here are found by his sessions, with no look at all others", function ()
		assert.same({ "hall/1 " .. HERE, "hall/2 " .. HERE }, nicks(HERE));
		assert.same({}, nicks "ann@meet.test");
		assert.is_true(occupants_of.is_in(room, HERE));
		assert.is_false(occupants_of.is_in(room, "ann@meet.test"));
		assert.equal(0, looked);
	end);

	for _, bare in ipairs { COMPONENT, "bob@far.test" } do
		it(("of %s, whose sessions are not known here, are found all the same"):format(bare), function ()
			assert.same({ "hall/1 " .. bare, "hall/2 " .. bare }, nicks(bare));
			assert.is_true(occupants_of.is_in(room, bare));
			assert.is_false(occupants_of.is_in(room, "ann@" .. bare:match "@(.*)"));
		end);
	end
end);
