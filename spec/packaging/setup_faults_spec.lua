-- skotos-bridge-setup where the disk is full, or it is killed, at any of the calls with which it changes a file (spec/support/failing_writes.c
-- counts them): Prosody's configuration loads at any time, every line of the administrator's is whole, nobody is locked out, and the next
-- run ends where a first one would.
local setup_lib = require "spec.support.setup";
local tree_lib = require "spec.support.jitsi_tree";

local SECRET = "the-secret-of-the-specs-of-40-characters";
local ARGUMENTS = "--yes --game 10.0.0.5 --moderator Skott --secret-file ";
local LIBRARY = "build/failing_writes.so";

describe("skotos-bridge-setup under faults", function ()
	local first, untouched, done, counter, given;
	local trees = {};

	local function new()
		local tree = tree_lib.new { login = "token", moderation = true };
		trees[#trees + 1] = tree;
		return tree;
	end
	local function state(tree) return (tree_lib.state(tree):gsub(tree.root, "")); end

	-- Runs it so that its nth change does not succeed; gives its status, what it said, and how many changes there were.
	local function run(tree, arguments, action, nth)
		setup_lib.put(counter, ("\0"):rep(8));
		local status, text = setup_lib.run(tree, arguments, ("setsid -w env LD_PRELOAD=%s FAILING_COUNT=%s FAILING_BELOW=%s FAILING_ACTION=%s FAILING_AT=%d")
			:format(LIBRARY, counter, tree.root, action or "count", nth or 0));
		return status, text, (("<i8"):unpack(tree_lib.read(counter)));
	end

	local calls, calls_of_undo;
	setup(function ()
		assert(os.execute("make -s " .. LIBRARY));
		counter, given = os.tmpname(), os.tmpname();
		setup_lib.put(given, SECRET .. "\n");
		first = new();
		untouched = state(first);
		local status, text;
		status, text, calls = run(first, ARGUMENTS .. given);
		assert.equal(0, status, text);
		done = state(first);
		status, text, calls_of_undo = run(first, "--undo --yes");
		assert.equal(0, status, text);
		assert.equal(untouched, state(first));
		assert.is_true(calls > 30 and calls_of_undo > 10, calls .. " and " .. calls_of_undo);
	end);
	teardown(function ()
		for _, tree in ipairs(trees) do tree_lib.remove(tree); end
		os.remove(counter);
		os.remove(given);
	end);

	-- Prosody reads it, with the login as it was or as it is to be, and with a secret in either case; Jitsi's lines are all there.
	local function is_sound(tree, where)
		local config, err = setup_lib.config(tree);
		assert.truthy(config, where .. ": " .. tostring(err));
		local function value(name) return config:get(tree_lib.HOST, name); end
		if value "authentication" == "skotos_bridge" then
			local file = value "skotos_secret_file";
			assert.equal(SECRET .. "\n", file and tree_lib.read(tree.root .. file), where);
		else
			assert.equal("token", value "authentication", where);
			assert.equal(tree_lib.SECRET, value "app_secret", where);
		end
		local text = tree_lib.read(tree.meet);
		local original = tree_lib.meet { login = "token", moderation = true };
		assert.equal(original, text:sub(1, #original), where);
	end

	for _, action in ipairs { "fail", "kill" } do
		it("sets up soundly or not at all, and mends it the next time: " .. action, function ()
			for nth = 1, calls do
				local tree, where = new(), ("%s at %d of %d"):format(action, nth, calls);
				local status, text = run(tree, ARGUMENTS .. given, action, nth);
				is_sound(tree, where);
				if action == "fail" and status ~= 0 then
					assert.equal(1, status, where .. text);
					assert.equal(untouched, state(tree), where .. text);
				end
				status, text = setup_lib.run(tree, ARGUMENTS .. given);
				assert.equal(0, status, where .. text);
				assert.equal(done, state(tree), where);
				tree_lib.remove(tree);
			end
		end);

		it("takes everything out soundly, and at the latest the next time: " .. action, function ()
			for nth = 1, calls_of_undo do
				local tree, where = new(), ("%s at %d of %d"):format(action, nth, calls_of_undo);
				assert.equal(0, (setup_lib.run(tree, ARGUMENTS .. given)));
				local status, text = run(tree, "--undo --yes", action, nth);
				is_sound(tree, where);
				if action == "fail" and status ~= 0 then
					assert.equal("token", setup_lib.settings(tree).authentication, where .. text);
				end
				status, text = setup_lib.run(tree, "--undo --yes");
				assert.equal(0, status, where .. text);
				assert.equal(untouched, state(tree), where);
				tree_lib.remove(tree);
			end
		end);
	end
end);
