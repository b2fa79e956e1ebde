-- What the fuzz targets (fuzz/targets) found, each once mended.
local issuer = require "spec.support.issuer";
local json = require "util.json";
local bridge = require "skotos_bridge";
local probes = require "skotos_probes";

local NOW = 1795511229;

local function answer(p, bytes) return json.decode((p:reply(bytes, NOW, 0):gsub("\n%z$", ""))); end

describe("what fuzzing found stays mended:", function ()
	it("the frame reader takes an empty piece before any other", function ()
		assert.same({ { "a", "whole" } }, (probes.frames({ "", "a\0" }, 256)));
	end);

	it("a control character in a feature refuses the request, since no verifier would take its token", function ()
		local reply = answer(issuer { any_member = true },
			'{"displayName":"Bob","channel":"tavern","features":{"x":"\\u0000"}}');
		assert.is_false(reply.success);
		assert.truthy(reply.message:find("features: a control character", 1, true), reply.message);
	end);

	it("a text in Latin-1 that does not fit an event is cut between its characters", function ()
		local frame = bridge.event({ event = "said", channel = "hall", text = "\xc3\xa9" .. ("\xe9"):rep(5000) }, 8192);
		local text = json.decode((frame:gsub("\n%z$", ""))).text;
		assert.equal("\u{c3}\u{a9}\u{e9}", text:sub(1, 6));
		assert.truthy(#text > 7000 and utf8.len(text));
	end);

	it("a raw NUL behind a number is no JSON, though jansson passes over it", function ()
		local reply = answer(issuer { any_member = true }, '{"displayName":"Bob","channel":"tavern","seq":3\0}');
		assert.is_false(reply.success);
		assert.equal(3, reply.seq);
		assert.truthy(reply.message:find("not JSON", 1, true), reply.message);
	end);
end);
