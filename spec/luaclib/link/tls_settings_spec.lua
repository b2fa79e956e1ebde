-- The link over TLS, without a Prosody: against peers that are not what they should be, and one that is.
local rig = require "spec.support.rig";
local socket = require "socket";
local bridge = require "skotos_bridge";
local probes = require "skotos_probes";
local openssl_error = probes.openssl_error;

local dir = os.tmpname();
local issuer = require "spec.support.issuer"();

local function path(name) return dir .. "/" .. name; end

local function lines_of(command)
	local pipe = assert(io.popen(command));
	local text = pipe:read("a");
	pipe:close();
	return (text:gsub("%s+$", ""));
end

local function pin_of(certificate)
	return lines_of(("openssl x509 -in %s -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 "
		.. "-binary | openssl base64"):format(path(certificate)));
end

local function settings(o)
	o = o or {};
	o.host = o.host or "game.test";
	for _, name in ipairs { "ca", "certificate", "key" } do
		if o[name] then o[name] = path(o[name]); end
	end
	return bridge.tls(o);
end

-- Steps the link until `done` holds for what it has said and for its state; gives all that it said.
local function run(link, done, seconds)
	local said, till = {}, socket.gettime() + (seconds or 60);
	local handle = { getfd = function () return link:fd(); end };
	repeat
		for _, note in ipairs(link:step() or {}) do said[#said + 1] = note.text; end
		if done(table.concat(said, "\n"), link:stats()) then return table.concat(said, "\n"); end
		socket.select({ handle }, nil, 0.02);
	until socket.gettime() > till;
	error("the link only said: " .. table.concat(said, "\n") .. " and is " .. link:stats().state, 2);
end

local function says(text) return function (said) return said:find(text, 1, true); end; end
local function is_up(_, stats) return stats.state == "up"; end

-- A link to a peer that has the certificate `peer.certificate` (and key); `o` is what skotos_tls says.
local function linked(peer_options, o)
	local peer = rig.tls_peer(peer_options);
	local link = assert(bridge.link(issuer, { reply_size = 8192, reply_interval = 0, tls = assert(settings(o)) }));
	assert(link:connect("127.0.0.1", peer.port));
	return link, peer;
end

local function server(name, more)
	local options = { certificate = path(name .. ".pem"), key = path(name .. ".key") };
	for k, v in pairs(more or {}) do options[k] = v; end
	return options;
end

local function request(seq)
	return ('{ "cmd": "jwt_token", "displayName": "Bob", "channel": "tavern", "moderator": false, "validFor": 600, '
		.. '"seq": %d }\0'):format(seq);
end

setup(function ()
	os.remove(dir);
	assert(os.execute("spec/support/certificates.sh " .. dir));
end);
teardown(function () os.execute("rm -rf " .. dir); end);

describe("a link over TLS", function ()
	local refusals = {
		{ "an expired certificate", "expired", { ca = "ca.pem" },
			'its certificate "game.test" has expired on 2021-01-01 00:00 UTC' },
		{ "one that is not valid yet", "future", { ca = "ca.pem" },
			'its certificate "game.test" is not valid before 2048-01-01 00:00 UTC; is a clock wrong?' },
		{ "another host's", "other-name", { ca = "ca.pem" },
			'its certificate is for "elsewhere.test"; "game.test" is wanted (skotos_tls: verify_name)' },
		{ "another host's when verify_name says who it must be", "game", { ca = "ca.pem", verify_name = "mud.test" },
			'its certificate is for "game.test"; "mud.test" is wanted' },
		{ "a name where an address is wanted", "game", { ca = "ca.pem", host = "127.0.0.1" },
			'its certificate is for "game.test"; "127.0.0.1" is wanted' },
		{ "one of an unknown authority", "foreign/game", { ca = "ca.pem" },
			'its certificate was issued by "skotos_bridge authority", which is unknown to /' },
		{ "one that none of the system's authorities knows", "game", {}, "which is unknown to the system's authorities" },
		{ "a self-signed one", "self-signed", { ca = "ca.pem" },
			'its certificate "game.test" is self-signed and not among /' },
		{ "a client's", "client", { ca = "ca.pem" }, "its certificate is not for servers" },
		{ "one for many other hosts", "many-names", { ca = "many-names.pem" },
			'for "a.test", "b.test", "c.test", "d.test", …; "game.test" is wanted' },
		{ "one for a few other hosts", "four-names", { ca = "four-names.pem" },
			'for "a.test", "b.test", "c.test", "d.test"; "game.test" is wanted' },
		{ "one for other addresses", "addresses", { ca = "addresses.pem", host = "127.0.0.1" },
			'for "127.0.0.2", "::2"; "127.0.0.1" is wanted' },
		{ "one for an IPv6 address that is another's", "addresses", { ca = "addresses.pem", host = "::1" },
			'for "127.0.0.2", "::2"; "::1" is wanted' },
		{ "another address, whatever its pin", "addresses", { pin_of = "addresses.pem", verify_name = "::1" },
			'"::1" is wanted' },
		{ "one that names only a mailbox", "no-host", { ca = "no-host.pem" },
			'for no host (it has no subjectAltName); "game.test" is wanted' },
		{ "one without names, for its common name does not count", "nameless", { ca = "nameless.pem" },
			"for no host (it has no subjectAltName)" },
		{ "a self-signed one without a common name", "guild", { ca = "ca.pem" },
			'its certificate "/O=The Guild" is self-signed' },
		{ "a name that is not the wanted one, whatever its pin", "game", { pin_of = "game.pem", verify_name = "mud.test" },
			'"mud.test" is wanted' },
	};
	for _, case in ipairs(refusals) do
		it("refuses " .. case[1] .. ", and says what came and what is wanted", function ()
			local o = {};
			for k, v in pairs(case[3]) do o[k] = v; end
			if o.pin_of then o.pin_sha256, o.pin_of = { pin_of(o.pin_of) }, nil; end
			local link, peer = linked(server(case[2]), o);
			local said = run(link, says("cannot reach the game"));
			assert.truthy(said:find(case[4], 1, true), said);
			assert.equal("waiting", link:stats().state);
			assert.equal(0, openssl_error());
			link:close();
			peer:stop();
		end);
	end

	it("refuses another key than the pinned one, and shows the pin that came", function ()
		local link, peer = linked(server "game", { pin_sha256 = { pin_of("other-name.pem") } });
		local said = run(link, says("cannot reach the game"));
		assert.truthy(said:find(("its public key has the pin %s; %s is wanted"):format(pin_of("game.pem"),
			pin_of("other-name.pem")), 1, true), said);
		assert.equal("TLS", link:stats().transport);
		-- The other side hears why, too.
		local failures;
		run(link, function ()
			failures = table.concat(peer:state().failures, " ");
			return failures ~= "";
		end);
		assert.equal("ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", failures);
		link:close();
		peer:stop();
	end);

	it("refuses another key than all of several pinned ones, and says that there are more", function ()
		local link, peer = linked(server "game", { pin_sha256 = { pin_of("other-name.pem"), pin_of("client.pem") } });
		local said = run(link, says("cannot reach the game"));
		assert.truthy(said:find(pin_of("other-name.pem") .. " is wanted, or another of the list", 1, true), said);
		link:close();
		peer:stop();
	end);

	local takes = {
		{ "the authority's certificate for the right name", "game", { ca = "ca.pem" } },
		{ "a self-signed certificate that is given as the authority", "self-signed", { ca = "self-signed.pem" } },
		{ "a pinned key whatever the certificate says", "expired", { pin_of = { "expired.pem" } } },
		{ "a pinned key of the right IPv4 address", "addresses",
			{ verify_name = "127.0.0.2", pin_of = { "addresses.pem" } } },
		{ "a pinned key of the right IPv6 address", "addresses", { verify_name = "::2", pin_of = { "addresses.pem" } } },
		{ "a pinned key of the right host", "game", { verify_name = "game.test", pin_of = { "game.pem" } } },
		{ "the right address by the authority's word", "addresses", { ca = "addresses.pem", host = "::2" } },
		{ "any of several pinned keys", "self-signed", { pin_of = { "game.pem", "self-signed.pem" } } },
		{ "a pinned key with the authority's word", "game", { ca = "ca.pem", pin_of = { "game.pem" } } },
	};
	for _, case in ipairs(takes) do
		it("takes " .. case[1], function ()
			local o = {};
			for k, v in pairs(case[3]) do o[k] = v; end
			if o.pin_of then
				o.pin_sha256 = {};
				for i, name in ipairs(o.pin_of) do o.pin_sha256[i] = pin_of(name); end
				o.pin_of = nil;
			end
			local link, peer = linked(server(case[2]), o);
			run(link, is_up);
			assert.equal("TLSv1.3", link:stats().transport);
			link:close();
			peer:stop();
		end);
	end

	it("asks for its host by name (SNI)", function ()
		local link, peer = linked(server "game", { ca = "ca.pem" });
		run(link, function () return #peer:state().connections == 1; end);
		assert.equal("game.test", peer:state().connections[1].servername);
		link:close();
		peer:stop();
	end);

	for _, version in ipairs { "TLSv1.2", "TLSv1.3" } do
		it("shows its own certificate to a game that wants one, over " .. version, function ()
			local link, peer = linked(server("game", { ca = path "ca.pem", request_certificate = true, most = version }),
				{ ca = "ca.pem", certificate = "jitsi.pem", key = "jitsi.key" });
			run(link, function () return #peer:state().connections == 1; end);
			assert.equal("jitsi.test", peer:state().connections[1].client);
			link:close();
			peer:stop();
		end);

		it("says so when a game wants a certificate and it has none, over " .. version, function ()
			local link, peer = linked(server("game", { ca = path "ca.pem", request_certificate = true, most = version }),
				{ ca = "ca.pem" });
			local said = run(link, says("skotos_tls: certificate and key"));
			assert.truthy(said:find("client's certificate", 1, true), said);
			assert.equal(0, #peer:state().connections);
			link:close();
			peer:stop();
		end);

		it("resumes its session when it connects again, over " .. version, function ()
			local link, peer = linked(server("game", { most = version }), { ca = "ca.pem" });
			for i = 1, 3 do
				run(link, function () return #peer:state().connections == i; end);
				peer:send { hex = rig.hex(request(i)) };
				run(link, function (_, stats) return stats.replies == i; end);
				peer:end_connection { clean = i == 1 };
				run(link, says("lost the game"));
				link:connect("127.0.0.1", peer.port);
			end
			run(link, function () return #peer:state().connections == 4; end);
			local resumed = {};
			for i, connection in ipairs(peer:state().connections) do resumed[i] = connection.resumed; end
			assert.same({ false, true, true, true }, resumed);
			assert.equal(version .. ", session resumed", link:stats().transport);
			link:close();
			peer:stop();
		end);
	end

	it("speaks with nothing older than TLS 1.2", function ()
		local link, peer = linked(server("game", { least = "TLSv1", most = "TLSv1.1", ciphers = "DEFAULT@SECLEVEL=0" }),
			{ ca = "ca.pem" });
		run(link, says("TLS 1.2 or newer is wanted"));
		assert.equal(0, #peer:state().connections);
		link:close();
		peer:stop();
	end);

	it("gives a handshake that never ends 10 s, and blocks nobody meanwhile", function ()
		local link, peer = linked({ says = "nothing" }, { ca = "ca.pem" });
		local begun = socket.gettime();
		run(link, says("no TLS handshake within 10 s"), 60);
		assert.is_true(socket.gettime() - begun > 9);
		assert.is_true(link:stats().longest_step < 5);
		link:close();
		peer:stop();
	end);

	local garbage = { { "a plain game", request(1) }, { "a web server", "HTTP/1.1 400 Bad Request\r\n\r\n" },
		{ "noise", ("\0\1\2\3"):rep(50) } };
	for _, case in ipairs(garbage) do
		it("says so when " .. case[1] .. " answers instead of TLS", function ()
			local link, peer = linked({ says = rig.hex(case[2]) }, { ca = "ca.pem" });
			local said = run(link, says("cannot reach the game"));
			assert.truthy(said:find("TLS", 1, true), said);
			assert.equal(0, openssl_error());
			assert.equal(0, link:stats().requests);
			link:close();
			peer:stop();
		end);
	end

	it("tells a goodbye from a cut", function ()
		local link, peer = linked(server "game", { ca = "ca.pem" });
		run(link, function () return #peer:state().connections == 1; end);
		peer:end_connection { clean = true };
		run(link, says("closed by the game"));
		link:connect("127.0.0.1", peer.port);
		run(link, function () return #peer:state().connections == 2; end);
		peer:end_connection { clean = false };
		local said = run(link, says("lost the game"));
		assert.is_nil(said:find("closed by the game", 1, true));
		assert.equal(0, openssl_error());
		link:close();
		peer:stop();
	end);

	for _, version in ipairs { "TLSv1.2", "TLSv1.3" } do
		it("sends each reply as one record, takes requests however they are cut into records, and says goodbye, over "
				.. version, function ()
			local link, peer = linked(server("game", { most = version }), { ca = "ca.pem" });
			run(link, function () return #peer:state().connections == 1; end);
			local all = "";
			for seq = 1, 40 do all = all .. request(seq); end
			for at = 1, #all, 777 do peer:send { hex = rig.hex(all:sub(at, at + 776)) }; end
			run(link, function () return peer:state().received == 40 * 8192; end);
			local replies = 0;
			for _, record in ipairs(peer:state().records) do
				if record.length >= 1024 then
					replies = replies + 1;
					assert.is_true(record.length >= 8192 and record.length < 8192 + 64, record.length);
				end
			end
			assert.equal(40, replies);
			local before = #peer:state().records;
			link:close();
			for _ = 1, 200 do
				if #peer:state().records > before then break; end
				socket.sleep(0.01);
			end
			local last = peer:state().records;
			assert.equal(before + 1, #last);
			if version == "TLSv1.2" then assert.equal(21, last[#last].type); end -- an alert
			peer:stop();
		end);
	end

	it("takes a flood of 1 MiB that came in one piece to its last request", function ()
		local link, peer = linked(server "game", { ca = "ca.pem" });
		run(link, function () return #peer:state().connections == 1; end);
		local all = {};
		for seq = 1, 9000 do all[seq] = request(seq); end
		peer:send { hex = rig.hex(table.concat(all)) };
		run(link, function (_, stats) return stats.replies + stats.queued == 9000; end);
		link:close();
		peer:stop();
	end);
end);

describe("skotos_tls", function ()
	local cases = {
		{ "a ca that is not there", { ca = "none.pem" },
			"/none.pem\": certificates in PEM are wanted: No such file or directory" },
		{ "a ca that is no certificate", { ca = "ca.cnf" }, "/ca.cnf\": certificates in PEM are wanted" },
		{ "a certificate that is not there", { certificate = "none.pem", key = "jitsi.key" }, "No such file or directory" },
		{ "a certificate without a key", { certificate = "jitsi.pem" },
			"certificate and key are wanted together; key is missing" },
		{ "a key without a certificate", { key = "jitsi.key" }, "certificate is missing" },
		{ "another certificate's key", { certificate = "jitsi.pem", key = "game.key" },
			"/game.key\": it is not the key of the certificate \"" },
		{ "a key with a pass phrase", { certificate = "jitsi.pem", key = "locked.key" }, "it is locked with a pass phrase" },
		{ "no key in its file", { certificate = "jitsi.pem", key = "jitsi.pem" }, "a private key in PEM is wanted" },
		{ "a short pin", { pin_sha256 = { "YWJj" } }, "pin_sha256 = \"YWJj\": 44 characters of base64" },
		{ "a pin without its padding", { pin_sha256 = { ("A"):rep(44) } }, "44 characters of base64" },
		{ "a pin of 31 bytes", { pin_sha256 = { ("A"):rep(42) .. "==" } }, "44 characters of base64" },
		{ "a pin that is no base64", { pin_sha256 = { ("?"):rep(43) .. "=" } }, "44 characters of base64" },
	};
	for _, case in ipairs(cases) do
		it("is refused with " .. case[1] .. ", by name", function ()
			probes.leave_openssl_error(); -- which is not what is wrong here
			local made, why = settings(case[2]);
			assert.is_nil(made);
			assert.truthy(why:find(case[3], 1, true), why);
			assert.truthy(why:find("^skotos_tls"), why);
			assert.equal(0, openssl_error());
		end);
	end

	it("is refused with a key that others may read", function ()
		assert(os.execute(("cp %s %s && chmod 644 %s"):format(path "jitsi.key", path "open.key", path "open.key")));
		local made, why = settings { certificate = "jitsi.pem", key = "open.key" };
		assert.is_nil(made);
		assert.truthy(why:find("others than Prosody may read or change it (mode 644)", 1, true), why);
	end);

	it("is the same as long as its options and its files' contents are", function ()
		local o = { ca = "ca.pem", certificate = "jitsi.pem", key = "jitsi.key" };
		local function again() return assert(settings { ca = o.ca, certificate = o.certificate, key = o.key }); end
		local before = again();
		assert.is_true(before == again());
		o.certificate, o.key = "game.pem", "game.key";
		assert.is_false(before == again());
	end);
end);
