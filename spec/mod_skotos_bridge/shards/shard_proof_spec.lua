-- Who may speak as a shard: only a domain whose certificate was verified on this very connection.
local proof = dofile("mod_skotos_bridge/skotos_bridge/shards/shard_proof.lib.lua");

local function session(change)
	local s = {
		type = "s2sin", direction = "incoming", from_host = "shard2.test", to_host = "shard1.test", secure = true;
		cert_chain_status = "valid", cert_identity_status = "valid";
	};
	for k, v in pairs(change) do
		s[k] = v;
		if v == "" then s[k] = nil; end
	end
	return s;
end

describe("what comes over a session is proven to be another shard's", function ()
	local cases = {
		{ "with a verified certificate of its domain", {}, true }, { "not without TLS", { secure = false }, false };
		{ "not with a certificate of an unknown authority", { cert_chain_status = "invalid", cert_identity_status = "" },
			false };
		{ "not with a certificate of another domain", { cert_identity_status = "invalid" }, false };
		{ "not with no certificate at all (dialback alone)", { cert_chain_status = "", cert_identity_status = "" }, false };
		{ "not for a second domain that dialback let in on the same connection", { from_host = "shard3.test" }, false };
		{ "not from a player", { type = "c2s" }, false },
		{ "not before it is authenticated", { type = "s2sin_unauthed" }, false };
		{ "on a connection of ours that goes both ways",
			{ type = "s2sout", direction = "outgoing", from_host = "shard1.test", to_host = "shard2.test" }, true };
		{ "not on one of ours to somebody else", { type = "s2sout", direction = "outgoing", from_host = "shard2.test",
			to_host = "shard3.test" }, false };
	};
	for _, case in ipairs(cases) do
		it(case[1], function ()
			local why = proof.unproven(session(case[2]), "shard2.test");
			assert.equal(case[3], why == nil, why);
		end);
	end
end);
