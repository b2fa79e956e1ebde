-- skotos-bridge-setup on configurations as real Jitsis have them: secrets in other places, Jitsi's token package that
-- comes and goes, two Jitsis on one machine, a secure domain with guests, files that are no links, faults that are not
-- ours.
local setup_lib = require "spec.support.setup";
local tree_lib = require "spec.support.jitsi_tree";

local HOST = tree_lib.HOST;
local LONG = "a-secret-that-stands-somewhere-else-entirely";

describe("skotos-bridge-setup on a real Jitsi", function ()
	local tree;
	after_each(function () tree = tree and tree_lib.remove(tree); end);
	local function new(o) tree = tree_lib.new(o); end
	local function settings(name) return setup_lib.settings(tree, name); end
	local function ok(arguments) return setup_lib.ok(tree, arguments); end
	local function main() return tree.root .. "/etc/prosody/prosody.cfg.lua"; end
	local function change(path, what, by)
		local text = tree_lib.read(path);
		local at, last = text:find(what, 1, true);
		assert(at, what);
		setup_lib.put(path, text:sub(1, at - 1) .. by .. text:sub(last + 1));
	end

	-- What the module wants: one secret, a name, the login. `where` tells which case it is.
	local function lets_in(where)
		local s = settings();
		assert.equal("skotos_bridge", s.authentication, where);
		assert.equal("string", type(s.app_id), where);
		local file = s.skotos_secret_file;
		local held = file and tree_lib.read(tree.root .. file);
		assert.is_true(not file == (s.app_secret ~= nil and s.app_secret ~= false),
			where .. ": one of app_secret and skotos_secret_file counts");
		assert.is_true(#(held or s.app_secret) >= 16, where);
		assert.is_truthy(s.skotos_host, where);
		return held and held:match("[^\n]+") or s.app_secret;
	end

	describe("keeps the secret that is there, wherever it stands:", function ()
		local places = {
			["in the global section"] = function ()
				setup_lib.put(main(), ("app_id = 'jitsi'\napp_secret = %q\n"):format(LONG) .. tree_lib.read(main()));
			end;
			["in a file that is included"] = function ()
				setup_lib.put(tree.root .. "/etc/prosody/secret.cfg.lua", ("app_id = 'jitsi'\napp_secret = %q\n"):format(LONG));
				setup_lib.put(main(), 'Include "secret.cfg.lua"\n' .. tree_lib.read(main()));
			end;
			["computed"] = function ()
				change(tree.meet, "VirtualHost \"meet.test\"\n",
					("VirtualHost \"meet.test\"\n app_id = 'jitsi'\n app_secret = (%q):rep(1)\n"):format(LONG));
			end;
			["in a list"] = function ()
				change(tree.meet, "VirtualHost \"meet.test\"\n",
					("VirtualHost \"meet.test\"\n app_id = 'jitsi'\n app_secret = { %q }\n"):format(LONG));
			end;
		};
		for name, place in pairs(places) do
			it(name, function ()
				new();
				place();
				local before = tree_lib.state(tree);
				ok "--yes --game 10.0.0.5";
				local s = settings();
				assert.same(name == "in a list" and { LONG } or LONG, s.app_secret);
				assert.is_nil(s.skotos_secret_file);
				assert.equal("jitsi", s.app_id);
				assert.truthy(ok "--yes --game 10.0.0.5":find("nothing changes", 1, true));
				ok "--undo --yes";
				assert.equal(before, tree_lib.state(tree));
			end);
		end
	end);

	it("signs itself where Jitsi only checks tokens of others, with a key server", function ()
		new();
		change(tree.meet, "VirtualHost \"meet.test\"\n",
			'VirtualHost "meet.test"\n app_id = "jitsi"\n asap_key_server = "https://keys.test"\n '
				.. 'signature_algorithm = "RS256"\n');
		local text = ok "--yes --game 10.0.0.5";
		lets_in "key server";
		assert.equal("HS256", settings().signature_algorithm);
		assert.truthy(text:find("signature_algorithm", 1, true), text);
	end);

	-- jitsi-meet-tokens' scripts: what they change in the host's file.
	local function tokens_come(secret)
		change(tree.meet, 'authentication = "jitsi-anonymous" -- do not delete me',
			'authentication = "token" -- do not delete me');
		change(tree.meet, '--app_id="example_app_id"', ' app_id="tokens"');
		change(tree.meet, '--app_secret="example_app_secret"', (' app_secret="%s"'):format(secret));
		change(tree.meet, '--"token_verification"', '"token_verification"');
	end
	local function tokens_go(secret)
		change(tree.meet, 'authentication = "token" -- do not delete me',
			'authentication = "jitsi-anonymous" -- do not delete me');
		change(tree.meet, ' app_id="tokens"', '--app_id="example_app_id"');
		change(tree.meet, (' app_secret="%s"'):format(secret), '--app_secret="example_app_secret"');
		change(tree.meet, '"token_verification"', '--"token_verification"');
	end

	it("goes on letting players in when Jitsi's token package is installed later, and when it goes", function ()
		new();
		local untouched = tree_lib.state(tree);
		ok "--yes --game 10.0.0.5";
		local signs = lets_in "at first";
		tokens_come(LONG);
		assert.equal(signs, lets_in "with the package");
		assert.is_false(setup_lib.config(tree):enables("conference." .. HOST, "token_verification"));
		ok "--yes --game 10.0.0.5";
		assert.equal(signs, lets_in "with the package, set up again");
		tokens_go(LONG);
		assert.equal(signs, lets_in "without it again");
		ok "--undo --yes";
		assert.equal(untouched, tree_lib.state(tree));
	end);

	it("mends what the token package took away when it went", function ()
		new();
		tokens_come(LONG);
		ok "--yes --game 10.0.0.5";
		assert.equal(LONG, lets_in "with the package");
		tokens_go(LONG);
		local text = ok "--yes --game 10.0.0.5";
		assert.falsy(text:find("nothing changes", 1, true), text);
		lets_in "set up again";
	end);

	for name, lost in pairs {
		["its secret's file is deleted"] = function () os.remove(setup_lib.secret(tree)); end;
		["its secret's file is empty"] = function () setup_lib.put(setup_lib.secret(tree), ""); end;
		["its own file is deleted, so that Prosody cannot read its configuration"] = function ()
			os.remove(setup_lib.drop_in(tree));
		end;
		["its line is gone"] = function ()
			setup_lib.put(tree.meet, (tree_lib.read(tree.meet):gsub("Include[^\n]*\n", "")));
		end;
		["its line stands before the host's own settings"] = function ()
			local line = tree_lib.read(tree.meet):match("Include[^\n]*\n");
			setup_lib.put(tree.meet, line .. tree_lib.read(tree.meet):gsub("Include[^\n]*\n", ""));
		end;
		["the host is set again in a file that is read later"] = function ()
			setup_lib.put(main(), tree_lib.read(main()) .. 'VirtualHost "meet.test"\n authentication = "token"\n');
		end;
		["the host is set again where its file ends"] = function ()
			setup_lib.put(tree.meet, tree_lib.read(tree.meet)
				.. 'VirtualHost "meet.test"\n authentication = "token"\n skotos_host = "10.9.9.9"\n');
		end;
	} do
		it("ends where a first run would when " .. name, function ()
			new();
			ok "--yes --game 10.0.0.5";
			lost();
			local text = ok "--yes --game 10.0.0.5";
			assert.falsy(text:find("nothing changes", 1, true), text);
			lets_in(name);
			assert.equal("10.0.0.5", settings().skotos_host);
			assert.truthy(ok "--yes --game 10.0.0.5":find("nothing changes", 1, true));
			ok "--undo --yes";
			assert.falsy((tree_lib.read(tree.meet) .. tree_lib.read(main())):find("skotos%-bridge"));
		end);
	end

	it("has one file, one secret and one undo for each of two Jitsis on a machine", function ()
		new();
		local second = tree.root .. "/etc/prosody/conf.d/two.test.cfg.lua";
		setup_lib.put(second, (tree_lib.meet {}:gsub("meet%.test", "two.test"):gsub("\nVirtualHost \"jigasi.*$", "\n")));
		local untouched = tree_lib.state(tree);
		local status, text = setup_lib.run(tree, "--yes --game 10.0.0.5");
		assert.equal(1, status);
		assert.truthy(text:find("there are several hosts: meet.test, two.test; say which one with --host", 1, true), text);
		ok "--yes --game 10.0.0.5 --host meet.test";
		local first = lets_in "the first";
		local one = tree_lib.state(tree);
		ok "--yes --game 10.0.0.6 --host two.test --app-id two";
		assert.equal(first, lets_in "the first, beside the second");
		assert.equal("/etc/prosody/skotos-bridge/two.test.secret", settings("two.test").skotos_secret_file);
		assert.not_equal(first .. "\n", tree_lib.read(setup_lib.secret(tree, "two.test")));
		assert.equal("10.0.0.6", settings("two.test").skotos_host);
		assert.equal("10.0.0.5", settings().skotos_host);
		ok "--undo --yes --host two.test";
		assert.equal(one, tree_lib.state(tree));
		ok "--undo --yes";
		assert.equal(untouched, tree_lib.state(tree));
	end);

	it("finds the one host of a Jitsi whose file is no link but a copy, in capitals too", function ()
		new { text = (tree_lib.meet {}:gsub("meet%.test", "Meet.Test")) };
		os.execute(("rm %s/etc/prosody/conf.d/*; cp %s %s/etc/prosody/conf.d/"):format(tree.root, tree.meet, tree.root));
		local untouched = tree_lib.state(tree);
		ok "--yes --game 10.0.0.5";
		lets_in "a copy";
		assert.falsy(tree_lib.read(tree.meet):find("skotos", 1, true));
		ok "--undo --yes";
		assert.equal(untouched, tree_lib.state(tree));
	end);

	it("shows what stands in a configuration so that it steers no terminal, in what changes and in what is wrong",
			function ()
		new();
		local text = tree_lib.read(tree.meet);
		setup_lib.put(tree.meet, (text:gsub("\n", " -- \27[2Jok\n")));
		local shown = ok "--yes --game 10.0.0.5 --dry-run";
		assert.truthy(shown:find("\\x1b[2Jok", 1, true), shown);
		assert.falsy(shown:find("\27[2J", 1, true));
		setup_lib.put(tree.meet, text .. 'nonsense("\27[2Jok")\n');
		local status, said = setup_lib.run(tree, "--yes --game 10.0.0.5");
		assert.not_equal(0, status);
		assert.falsy(said:find("\27[2J", 1, true), said);
	end);

	it("names the guests' VirtualHost of a secure domain, and needs to be told to replace its accounts", function ()
		new { text = tree_lib.meet { login = "internal_hashed" }
			.. '\nVirtualHost "guest.meet.test"\n    authentication = "jitsi-anonymous"\n    c2s_require_encryption = false\n' };
		assert.equal(1, (setup_lib.run(tree, "--yes --game 10.0.0.5")));
		local text = ok "--yes --game 10.0.0.5 --replace-login";
		assert.truthy(text:find('VirtualHost "guest.meet.test" lets people log in without a token', 1, true), text);
		lets_in "secure domain";
		assert.equal("jitsi-anonymous", settings("guest.meet.test").authentication);
	end);

	it("sets up a VirtualHost that is written as one table, with a computed list of modules", function ()
		new { text = 'local_modules = { "bosh" }\nVirtualHost "meet.test" { authentication = "jitsi-anonymous"; '
			.. 'modules_enabled = local_modules; }\n'
			.. 'Component "conference.meet.test" "muc" { storage = "memory" }\n' };
		local untouched = tree_lib.state(tree);
		ok "--yes --game 10.0.0.5";
		lets_in "one table";
		ok "--undo --yes";
		assert.equal(untouched, tree_lib.state(tree));
	end);

	it("says whose fault a configuration is that does not load, and changes nothing; undo works all the same", function ()
		new();
		ok "--yes --game 10.0.0.5";
		setup_lib.put(tree.root .. "/etc/prosody/conf.d/zz.cfg.lua", "this is no Lua\n");
		local before = tree_lib.state(tree);
		local status, text = setup_lib.run(tree, "--yes --game 10.0.0.6");
		assert.equal(1, status);
		assert.truthy(text:find("zz.cfg.lua:1:", 1, true) and text:find("nothing that setup has done", 1, true), text);
		assert.equal(before, tree_lib.state(tree));
		ok "--undo --yes";
		assert.falsy(tree_lib.read(tree.meet):find("skotos", 1, true));
	end);

	it("is not put off by what Prosody complains of already", function ()
		new { text = tree_lib.meet {} .. "rig = 1\nrig = 2\n" };
		setup_lib.put(main(), "use_libevent = true\ndaemonize = true\n" .. tree_lib.read(main()));
		ok "--yes --game 10.0.0.5";
		lets_in "with complaints";
	end);

	it("keeps what somebody added to its file, when it is run again and, beside, when it is undone", function ()
		new();
		local untouched = tree_lib.state(tree);
		ok "--yes --game 10.0.0.5";
		local path = setup_lib.drop_in(tree);
		change(path, '    allow_empty_token', '    skotos_commands = true -- the guide says so\n    allow_empty_token');
		ok "--yes --game 10.0.0.6:12091";
		assert.is_true(settings().skotos_commands);
		assert.equal("10.0.0.6", settings().skotos_host);
		local text = ok "--undo --yes";
		local kept = tree.root .. "/etc/prosody/skotos-bridge-meet.test.kept";
		assert.truthy(text:find(kept, 1, true), text);
		assert.equal("    skotos_commands = true -- the guide says so\n", tree_lib.read(kept):match("\n(.*)$"));
		os.remove(kept);
		assert.equal(untouched, tree_lib.state(tree));
	end);

	it("keeps once what somebody added, however often it is undone, and says when nothing is left to undo", function ()
		new();
		ok "--yes --game 10.0.0.5";
		local path = setup_lib.drop_in(tree);
		change(path, '    allow_empty_token', '    skotos_commands = true\n    allow_empty_token');
		local edited, records = tree_lib.read(path), tree.root .. "/var/lib/skotos-bridge/meet.test.written";
		local written = tree_lib.read(records);
		ok "--undo --yes";
		local kept = tree.root .. "/etc/prosody/skotos-bridge-meet.test.kept";
		local once = tree_lib.read(kept);
		assert.truthy(ok "--undo --yes":find("nothing to undo", 1, true));
		assert.equal(once, tree_lib.read(kept));
		-- As a kill between the two leaves it.
		assert(os.execute(("mkdir -p '%s' '%s'"):format(path:match "^(.*)/", records:match "^(.*)/")));
		setup_lib.put(path, edited);
		setup_lib.put(records, written);
		ok "--undo --yes";
		assert.equal(once, tree_lib.read(kept));
	end);

	it("names Jicofo's restart where it asks, when it is undone as when it sets up", function ()
		new();
		local both = "Prosody will be restarted and so will Jicofo;";
		ok "--yes --game 10.0.0.5";
		local _, text = setup_lib.run(tree, "--undo");
		assert.truthy(text:find(both, 1, true), text);
		ok "--undo --yes";
		ok "--yes --game 10.0.0.5 --no-jicofo";
		_, text = setup_lib.run(tree, "--undo");
		assert.truthy(text:find("Prosody will be restarted;", 1, true), text);
	end);

	it("is undone where its record is gone, where a backup was put back, and twice", function ()
		new();
		local backup, untouched = tree_lib.read(tree.meet), tree_lib.state(tree);
		ok "--yes --game 10.0.0.5";
		setup_lib.put(tree.meet, backup);
		ok "--undo --yes";
		assert.equal(untouched, tree_lib.state(tree));
		ok "--yes --game 10.0.0.5";
		os.execute(("rm -r '%s/var/lib/skotos-bridge'"):format(tree.root));
		ok "--undo --yes";
		os.remove(tree.root .. "/etc/prosody/skotos-bridge-meet.test.kept");
		assert.equal(untouched, tree_lib.state(tree));
		assert.truthy(ok "--undo --yes":find("nothing to undo", 1, true));
	end);

	it("lets nobody else work at the same time", function ()
		new();
		local before = tree_lib.state(tree);
		local held = ([[local f = io.open("%s/run/skotos-bridge-setup.lock", "r+"); assert(require "lfs".lock(f, "w"));
			os.execute("PROSODY_SRCDIR=%s packaging/bin/skotos-bridge-setup --root %s --yes --game 10.0.0.5 2>&1")]])
			:format(tree.root, setup_lib.FOLDER, tree.root);
		local pipe = io.popen("lua5.4 -e '" .. held .. "'");
		local text = pipe:read("a");
		pipe:close();
		assert.truthy(text:find("another skotos-bridge-setup is at work", 1, true), text);
		assert.equal(before, tree_lib.state(tree));
	end);

	it("has the module itself judge what it would be, and changes nothing where nobody could log in", function ()
		local here = require "lfs".currentdir();
		local function with_module(more)
			new { text = (tree_lib.meet {}:gsub("/usr/share/jitsi%-meet/prosody%-plugins/", here .. "/mod_skotos_bridge")
				:gsub('VirtualHost "meet%.test"\n', '%0' .. more .. "\n", 1)) };
			return setup_lib.run(tree, "--yes --game 10.0.0.5", ("LUA_CPATH='%s/build/?.so;;'"):format(here));
		end
		local status, text = with_module "    skotos_moderators = 5";
		assert.equal(1, status, text);
		assert.truthy(text:find("the module would not take it: meet.test: skotos_moderators = 5: a list of", 1, true), text);
		assert.equal("jitsi-anonymous", settings().authentication);
		tree_lib.remove(tree);
		status, text = with_module '    asap_accepted_audiences = { "others" }';
		assert.equal(1, status, text);
		assert.truthy(text:find("the options refuse the very tokens that they make", 1, true), text);
		tree_lib.remove(tree);
		status, text = with_module '    skotos_tls = { ca = "/nowhere/ca.pem" }';
		assert.equal(1, status, text);
		assert.truthy(text:find('the module would not take it: meet.test: game game: skotos_tls.ca = "/nowhere/ca.pem"', 1,
			true), text);
		tree_lib.remove(tree);
		status, text = with_module "";
		assert.equal(0, status, text);
		lets_in "judged by the module";
	end);
end);
