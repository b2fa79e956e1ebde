-- packaging/game-host/make-certificates.sh --renew: what ends soon is issued anew for the same name and key, what does
-- not stays, and what cannot be renewed is said.
local shell = require "spec.support.shell";

describe("the certificates of the link", function ()
	local folder;
	-- In the folder.
	local function sh(command) return shell.sh(("cd '%s' && (%s)"):format(folder, command)); end
	local function ok(command) return shell.ok(("cd '%s' && (%s)"):format(folder, command)); end
	local here = require "lfs".currentdir();
	local SCRIPT = "sh " .. here .. "/packaging/game-host/make-certificates.sh ";

	before_each(function ()
		folder = io.popen("mktemp -d"):read("l");
		ok("DAYS=10 " .. SCRIPT .. "made game.test 127.0.0.2 && mkdir stunnel && cp made/game.pem stunnel/");
	end);
	after_each(function () os.execute("rm -r " .. folder); end);

	local function pin(path) return ok(("openssl x509 -in %s -noout -pubkey | sha256sum"):format(path)); end

	it("are renewed before they end, with their names, keys and so the pin", function ()
		local game, jitsi = pin "made/game.pem", pin "made/jitsi.pem";
		local said = ok(SCRIPT .. "--renew made stunnel");
		assert.truthy(said:find("bring made/jitsi.pem to the Jitsi host", 1, true), said);
		ok("openssl x509 -in stunnel/game.pem -noout -checkend 100000000 && openssl x509 -in made/jitsi.pem -noout "
			.. "-checkend 100000000");
		ok "openssl verify -CAfile made/ca.pem -purpose sslserver -verify_hostname game.test stunnel/game.pem";
		ok "openssl verify -CAfile made/ca.pem -purpose sslclient -verify_ip 127.0.0.2 made/jitsi.pem";
		assert.equal(game, pin "stunnel/game.pem");
		assert.equal(jitsi, pin "made/jitsi.pem");
		assert.equal("", ok(SCRIPT .. "--renew made stunnel"));
	end);

	it("stay as they are while they are good for long", function ()
		ok("rm made/game.* made/jitsi.* && " .. SCRIPT .. "made game.test meet.test");
		local before = ok "sha256sum made/*";
		assert.equal("", ok(SCRIPT .. "--renew made stunnel"));
		assert.equal(before, ok "sha256sum made/*");
	end);

	it("are told of where the authority's key is elsewhere", function ()
		ok "rm made/ca.key";
		local before = ok "sha256sum made/*";
		local status, said = sh(SCRIPT .. "--renew made stunnel");
		assert.equal(1, status);
		assert.truthy(said:find("made/game.pem ends on ", 1, true) and said:find("is not here to make a new one", 1, true),
			said);
		assert.equal(before, ok "sha256sum made/*");
	end);
end);
