-- prosodyctl mod_skotos_bridge check, where the link is encrypted: certificates that have ended, end soon, or are
-- another's.
local ctl = require "spec.support.ctl";
local rig = require "spec.support.rig";

describe("prosodyctl mod_skotos_bridge check of skotos_tls", function ()
	local dir, folder, text, game, stunnel, prosody;
	setup(function ()
		dir = ctl.folder();
		assert(os.execute("rmdir " .. dir .. " && spec/support/certificates.sh " .. dir));
		assert(os.execute(("cd %s && openssl x509 -req -in expired.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 5 "
			.. "-extfile expired.ext -out soon.pem 2>/dev/null"):format(dir)));
		folder = ctl.folder();
		game = rig.game {};
		stunnel = rig.stunnel { game = game.port, certificates = dir };
		prosody = rig.prosody { game_port = stunnel.port, auth = "skotos_bridge";
			host_options = ('skotos_tls = { ca = "%s/ca.pem", certificate = "%s/jitsi.pem", key = "%s/jitsi.key", verify_name '
				.. '= "game.test" }'):format(dir, dir, dir) };
		game:connected {};
		text = ctl.read(prosody.dir .. "/prosody.cfg.lua");
	end);
	teardown(function ()
		prosody:stop();
		stunnel:stop();
		game:stop();
		os.execute("rm -r " .. dir .. " " .. folder);
	end);

	-- Checks the configuration on the disk with another port, and with `change` = { what, by what }.
	local function check(port, change)
		local changed = text:gsub("skotos_port = %d+", "skotos_port = " .. port);
		if change then
			local at, last = changed:find(change[1], 1, true);
			changed = changed:sub(1, at - 1) .. change[2] .. changed:sub(last + 1);
		end
		ctl.write(folder .. "/prosody.cfg.lua", changed);
		return ctl.ask(folder, { "check" });
	end

	local function named(told, topic, level, what, mend)
		for _, line in ipairs(ctl.lines(told, topic, level)) do
			if line.text:find(what, 1, true) then
				assert.truthy(mend == nil or line.mend:find(mend, 1, true), line.mend);
				return;
			end
		end
		error(("no %s of %s says %q, but: %s"):format(level, topic, what, require "util.json".encode(told.checks)), 2);
	end

	it("tells until when the certificates of a link that is up are good", function ()
		local _, told = check(stunnel.port);
		named(told, "game", "ok", "is up (TLSv1.3");
		named(told, "certificate", "ok", "the game's certificate is good for");
		named(told, "certificate", "ok", "our certificate " .. dir .. "/jitsi.pem is good for");
		named(told, "rights", "ok", "only Prosody may read " .. dir .. "/jitsi.key");
		assert.equal(1, game:stats().connected);
	end);

	local peers = {
		{ "an expired certificate", "expired", "has expired on 2021-01-01", "make a new certificate on the game's host" };
		{ "a certificate that is not good yet", "future", "is not valid before 2048-01-01", "timedatectl" };
		{ "another host's certificate", "other-name", 'its certificate is for "elsewhere.test"; "game.test" is wanted',
			"skotos_tls.verify_name must be a name in the certificate" };
		{ "a self-signed certificate", "self-signed", "is self-signed", "skotos_tls.ca must be the authority" };
		{ "a stranger's certificate", "foreign/game", "was issued by", "skotos_tls.ca must be the authority" };
	};
	for _, peer in ipairs(peers) do
		it("names " .. peer[1] .. ", and the remedy", function ()
			local server = rig.tls_peer { key = ("%s/%s.key"):format(dir, peer[2]),
				certificate = ("%s/%s.pem"):format(dir, peer[2]) };
			local code, told = check(server.port);
			named(told, "game", "fail", peer[3], peer[4]);
			assert.equal(2, code);
			server:stop();
		end);
	end

	it("names a certificate that ends soon, the game's or ours", function ()
		local server = rig.tls_peer { key = dir .. "/expired.key", certificate = dir .. "/soon.pem" };
		local _, told = check(server.port);
		named(told, "certificate", "warn", "the game's certificate ends in 4 days", "packaging/game-host");
		server:stop();
		local good = rig.tls_peer { key = dir .. "/game.key", certificate = dir .. "/game.pem" };
		local _, ours = check(good.port, { dir .. '/jitsi.pem", key = "' .. dir .. "/jitsi.key",
			dir .. '/soon.pem", key = "' .. dir .. "/expired.key" });
		named(ours, "certificate", "warn", "our certificate " .. dir .. "/soon.pem ends in 4 days",
			"systemctl reload prosody");
		good:stop();
	end);

	it("names a port that speaks no TLS", function ()
		local server = rig.tls_peer { says = rig.hex "220 mail.test ESMTP\r\n" };
		local _, told = check(server.port);
		named(told, "game", "fail", "speaks no TLS", "skotos_port must be stunnel's port");
		server:stop();
	end);

	it("names a key that others may read", function ()
		os.execute("chmod 644 " .. dir .. "/jitsi.key");
		local code, told = check(stunnel.port);
		named(told, "rights", "fail", "others than Prosody may read or change it", "chmod 600 '" .. dir .. "/jitsi.key'");
		assert.equal(2, code);
		os.execute("chmod 600 " .. dir .. "/jitsi.key");
	end);
end);
