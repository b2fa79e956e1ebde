-- What the specs of several shards have in common.
local rig = require "spec.support.rig";

local M = {};

local ADMIN = "http://jabber.org/protocol/muc#admin";
M.mix = { rig.version, rig.version == "13.0" and "0.12" or "13.0", rig.version };

function M.status(prosody, field)
	return prosody:lua { code = ("return prosody.hosts['meet.test'].modules.skotos_bridge.shards().%s")
		:format(field) }.result;
end

local WITHIN = 300; -- seconds; only says that something hangs: a busy machine is slow

function M.eventually(what, test)
	local ends = os.time() + WITHIN;
	while not test() do
		if os.time() > ends then error(("waited %d s for %s"):format(WITHIN, what), 2); end
		rig.call("pause", { ms = 50 });
	end
end

-- The game's reply when all shards have answered: asks once more where one was too slow for its two seconds, as on
-- a busy machine. For commands that change nothing.
function M.ask(game, command)
	local reply;
	M.eventually("every shard to answer", function ()
		reply = game:ask { command = command };
		return not reply.missing and not (reply.message or ""):find("does not answer", 1, true);
	end);
	return reply;
end

function M.sees(prosody, n, up)
	return M.status(prosody, ("shards['shard%d.test'].up"):format(n)) == tostring(up);
end

function M.all_up(shards)
	for n, prosody in ipairs(shards.prosodys) do
		for m = 1, #shards.prosodys do
			if n ~= m then
				M.eventually(("shard %d to see shard %d"):format(n, m), function () return M.sees(prosody, m, true); end);
			end
		end
	end
end

function M.agree(shards)
	local first = M.status(shards.prosodys[1], "digest");
	for n = 2, #shards.prosodys do
		if M.status(shards.prosodys[n], "digest") ~= first then return false; end
	end
	return true;
end

function M.focus_of(prosody)
	return rig.client { port = prosody.http, host = prosody.host, jid = "focus@auth.meet.test",
		password = "focus-password" };
end

-- Somebody comes into the room on that shard and is banned.
function M.ban(prosody, room, person)
	local focus = M.focus_of(prosody);
	focus:join { room = room, nick = "focus" };
	local client = rig.player(prosody, { room = room, name = person, person = person });
	local answer = focus:iq { to = room .. "@conference.meet.test", xmlns = ADMIN,
		item = { jid = client.jid:match("^[^/]+"), affiliation = "outcast" } };
	assert(answer.type == "result", answer.condition);
end

function M.is_kept_out(prosody, room, person)
	local _, own = rig.player(prosody, { room = room, name = person, person = person });
	return own.type == "error" and own.condition == "not-allowed";
end

return M;
