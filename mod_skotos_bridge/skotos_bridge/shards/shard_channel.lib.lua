-- The talk between shards: IQs (RFC 6120, 8.2.3) over Prosody's own s2s, each way one question and one answer.
--
--   <iq type='set' from='shard1.example.com' to='shard2.example.com' id='…'>
--     <shard xmlns='urn:skotos:bridge:shard:1' what='beat' json='{…}'/>
--   </iq>
--
-- The answer is a result with the same element; packaging/shards/README.md lists what is asked. The JSON is an
-- attribute, not text (XEP-0335): a text comes to Lua in pieces, two for each of its quotes, which was a third of what a command there cost.
-- Both ways count only over TLS, with a certificate of the other's that Prosody has verified for the domain that the stanza is from, and
-- only with the domains listed; dialback alone (XEP-0220) is not enough, whatever Prosody's own s2s_secure_auth says.

local s2smanager = require "core.s2smanager";
local jid = require "util.jid";
local st = require "util.stanza";
local timer = require "util.timer";

local hearsay = module:require "skotos_bridge/shards/hearsay";
local portions = module:require "skotos_bridge/shards/portions";
local proof = module:require "skotos_bridge/shards/shard_proof";

local M = {};
local channel_mt = {};
channel_mt.__index = channel_mt;

M.XMLNS = "urn:skotos:bridge:shard:1";
local TELL_EVERY = 60; -- seconds in which refusals are told once

-- Counts a refusal, and tells of it at most once a minute.
local function refuse(self, from, why)
	local now = os.time();
	self.refused = self.refused + 1;
	self.untold = self.untold + 1;
	if now - self.told_at < TELL_EVERY then return; end
	self.journal:event("warn", ("%s may not speak as a shard: %s (%d refused since this was last told)"):format(tostring(from), why, self.untold));
	self.told_at, self.untold = now, 0;
end

-- The element that says `content`; nil and why where no stanza holds it: whoever has a list to tell tells it in portions, so this is a last
-- resort, which is counted and told.
local function message(self, shard, what, content)
	local text = hearsay.written(content);
	if portions.fits(text) then return st.stanza("shard", { xmlns = M.XMLNS, what = what, json = text }); end
	self.too_large = self.too_large + 1;
	local why = ("%d bytes are more than a message may have"):format(#text);
	self.journal:fault("too large for " .. shard, "warn", ("what is to be told the shard %s (%s) is not sent: %s"):format(shard, what, why));
	return nil, why;
end

local function content_of(element)
	local text = element and element.attr.json;
	return text and hearsay.read(text);
end

-- A question of another server's.
local function asked(self, event)
	local stanza, origin = event.stanza, event.origin;
	local from = stanza.attr.from;
	local why = not self.listed[from] and "it is not listed in skotos_shards" or proof.unproven(origin, from);
	if why then
		refuse(self, from, why);
		origin.send(st.error_reply(stanza, "auth", "forbidden"));
		return true;
	end
	local element = stanza.tags[1];
	local content = content_of(element);
	local answerer = self.answers[element.attr.what];
	if not content or not answerer then
		self.journal:fault("not understood of " .. from, "warn", ("what the shard %s asks (%s) is not understood here: perhaps it has another version of this module")
			:format(from, tostring(element.attr.what)));
		origin.send(st.error_reply(stanza, "cancel", "feature-not-implemented", "no such question, perhaps of another version of this module"));
		return true;
	end
	local answered = false;
	local function answer(result)
		if answered or self.closed then return; end
		answered = true;
		local told, too_large = message(self, from, element.attr.what, result or {});
		self.host:send(told and st.reply(stanza):add_child(told) or st.error_reply(stanza, "cancel", "resource-constraint", too_large));
	end
	local ok, err = xpcall(answerer, debug.traceback, from, content, answer);
	if not ok then
		self.journal:fault("question of " .. from, "error", ("the question %s of the shard %s failed: %s"):format(tostring(element.attr.what), from, err));
		if not answered then
			answered = true;
			origin.send(st.error_reply(stanza, "cancel", "internal-server-error"));
		end
	end
	return true;
end

local function settle(self, id, content, why, silent)
	local question = self.pending[id];
	self.pending[id] = nil;
	self.waiting = self.waiting - 1;
	if question.timer then timer.stop(question.timer); end
	local ok, err = xpcall(question.callback, debug.traceback, content, why, silent);
	if not ok then self.journal:fault("answer of " .. question.to, "error", ("the answer of the shard %s failed: %s"):format(question.to, err)); end
end

-- An answer, or Prosody's own word that the question did not arrive.
local function answered(self, event)
	local stanza, origin = event.stanza, event.origin;
	local id, type = stanza.attr.id, stanza.attr.type;
	if type ~= "result" and type ~= "error" then return; end
	local question = self.pending[id];
	if not question or stanza.attr.from ~= question.to then return; end
	local why = not origin.dummy and proof.unproven(origin, stanza.attr.from);
	if why then
		refuse(self, stanza.attr.from, why);
		return true;
	end
	if type == "error" then
		local _, condition, text = stanza:get_error();
		settle(self, id, nil, text and text ~= "" and ("%s: %s"):format(condition, text) or condition);
	else
		local content = content_of(stanza:get_child("shard", M.XMLNS));
		settle(self, id, content, content == nil and "its answer is no answer, perhaps of another version of this module" or nil);
	end
	return true;
end

-- Sends the questions of this turn of the loop.
local function send_questions(self)
	local unsent = self.unsent;
	self.unsent = {};
	for _, iq in ipairs(unsent) do
		if self.pending[iq.attr.id] and not self.closed then self.host:send(iq); end
	end
end

-- Asks `shard` the question `what` with the table `content`. Within `seconds`, `callback(answer)` is called with a table, or
-- callback(nil, why, whether there was but silence); never before this returns.
function channel_mt:ask(shard, what, content, seconds, callback)
	local id = ("skotos-%s-%d"):format(self.tag, self.next_id);
	self.next_id = self.next_id + 1;
	self.pending[id] = { to = shard, callback = callback };
	self.waiting = self.waiting + 1;
	self.pending[id].timer = timer.add_task(seconds, function ()
		if self.pending[id] then
			self.pending[id].timer = nil;
			settle(self, id, nil, ("no answer within %g s"):format(seconds), true);
		end
	end);
	self.questions = self.questions + 1;
	local told, too_large = message(self, shard, what, content);
	if not told then
		timer.add_task(0, function ()
			if self.pending[id] then settle(self, id, nil, too_large); end
		end);
		return;
	end
	local iq = st.iq { type = "set", from = self.own, to = shard, id = id }:add_child(told);
	-- What Prosody cannot send comes back at once: the callback is not to run inside of this.
	if not self.unsent[1] then timer.add_task(0, function () send_questions(self); end); end
	table.insert(self.unsent, iq);
end

-- Drops the connection to `shard`, so that the next question makes a new one: on a line that is silent the old one would be tried
-- for minutes.
function channel_mt:reconnect(shard)
	local host = prosody.hosts[self.own];
	local session = host and host.s2sout and host.s2sout[shard];
	if not session then return; end
	if session.conn and session.close then
		session:close("connection-timeout", nil, "the shard does not answer");
	else
		s2smanager.destroy_session(session, "the shard does not answer"); -- it is still connecting
	end
end

-- Settles all questions. The hooks go with the module.
function channel_mt:close()
	self.closed = true;
	for id in pairs(self.pending) do settle(self, id, nil, "the module is unloaded"); end
end

local function hook(self)
	self.host = module:context(self.own);
	self.host:hook("iq-set/host/" .. M.XMLNS .. ":shard", function (event) return asked(self, event); end);
	self.host:hook("iq/host", function (event) return answered(self, event); end, 10);
end

-- Prosody's own refusal of a connection whose certificate does not hold, for these domains whatever is set.
local function judge_certificate(self, event)
	local session = event.session;
	if not self.listed[event.host] or (session.cert_chain_status == "valid" and session.cert_identity_status == "valid") then return; end
	refuse(self, event.host, "its certificate does not hold");
	session:close({ condition = "not-authorized", text = "Your server's certificate is not valid" }, nil, "the shard's certificate is not valid");
	return false;
end

-- A connection that was given up before it was there.
local function close_late(event)
	if event.session.destroyed and event.session.conn then event.session.conn:close(); end
end

-- Opens the channel of this shard, whose XMPP domain is `own` (a host of this Prosody, which may start later), with the domains
-- `shards`. `journal`: journal.lib.lua's. `answers`: what is asked -> function (shard, content, answer), which calls answer(table) once,
-- sooner or later.
function M.open(own, shards, journal, answers)
	local self = setmetatable({
		own = jid.prep(own), journal = journal, listed = {}, answers = answers, pending = {}, unsent = {}, waiting = 0, next_id = 1;
		tag = require "util.id".short(), refused = 0, untold = 0, told_at = -math.huge, questions = 0, too_large = 0;
	}, channel_mt);
	for _, shard in ipairs(shards) do self.listed[shard] = true; end
	if prosody.hosts[self.own] then
		hook(self);
	end
	module:hook_global("s2s-check-certificate", function (event) return judge_certificate(self, event); end);
	module:hook_global("s2sout-connected", close_late);
	module:hook_global("host-activated", function (host)
		if host == self.own then hook(self); end
	end);
	return self;
end

-- Whether the domain is served here: nothing can be asked before.
function channel_mt:is_ready() return self.host ~= nil and prosody.hosts[self.own] ~= nil; end

return M;
