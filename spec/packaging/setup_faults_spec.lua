-- skotos-bridge-setup where the disk is full, or it is killed, at any of the system calls with which it changes a file:
-- Prosody's configuration loads at any time, every line of the administrator's is whole, nobody is locked out, and the
-- next run ends where a first one would. What a kill leaves behind is taken from one run that is stopped at each call;
-- KILLS=all kills for real at each of them too, else at every eighth.
local faults = require "spec.support.faults";
local setup_lib = require "spec.support.setup";
local tree_lib = require "spec.support.jitsi_tree";

local SECRET = "the-secret-of-the-specs-of-40-characters";
local EVERY = os.getenv "KILLS" == "all" and 1 or 8;

describe("skotos-bridge-setup under faults", function ()
	local given, log, set_up;
	local UNDO = "--undo --yes";
	local fresh, finished = {}, {}; -- trees before and after setup: { root =, meet =, state = }

	-- A copy of the tree in the folder `root`.
	local function copy(root)
		local tree = { root = faults.copy(root) };
		tree.meet = tree.root .. fresh.meet:sub(#fresh.root + 1);
		return tree;
	end
	-- The names of files that were only made ready are drawn by lot, and so is where they stand in the list.
	local function state(tree)
		local lines = {};
		for line in tree_lib.state(tree):gsub(tree.root, ""):gsub("(%.skotos%-setup%-)%w%w%w%w%w%w", "%1"):gmatch("[^\n]+") do
			lines[#lines + 1] = line;
		end
		table.sort(lines);
		return table.concat(lines, "\n");
	end
	local ok = setup_lib.ok;

	setup(function ()
		faults.prepare();
		given, log = os.tmpname(), os.tmpname();
		setup_lib.put(given, SECRET .. "\n");
		set_up = "--yes --game 10.0.0.5 --moderator Skott --secret-file " .. given;
		fresh = tree_lib.new { login = "token", moderation = true };
		fresh.state = state(fresh);
		finished = copy(fresh.root);
		ok(finished, set_up);
		finished.state = state(finished);
	end);
	teardown(function ()
		for _, tree in ipairs { fresh, finished } do tree_lib.remove(tree); end
		os.remove(given);
		os.remove(log);
	end);

	-- Prosody reads it, with the login as it was or as it is to be, and with a secret in either case; Jitsi's lines are
	-- all there.
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

	-- From `from` to `to` by `arguments`, killed at any change.
	local function under_kills(from, to, arguments)
		local first = copy(from.root);
		local left, changes = faults.left_by_kills(first.root, function (path) return state { root = path }; end,
			function (before) ok(first, arguments, before); end);
		assert.equal(to.state, state(first));
		tree_lib.remove(first);
		local states = {};
		for _, one in ipairs(left) do
			local tree = { root = one.path, meet = one.path .. fresh.meet:sub(#fresh.root + 1) };
			local where = ("killed at %d, %s"):format(one.at, one.call);
			states[one.at] = state(tree);
			is_sound(tree, where);
			ok(tree, arguments);
			assert.equal(to.state, state(tree), where);
			tree_lib.remove(tree);
		end
		for nth = 1, changes, EVERY do
			local tree = copy(from.root);
			assert.equal(137, (setup_lib.run(tree, arguments, faults.before(tree.root, "kill", nth, log))));
			assert.is_true(states[nth] == nil or states[nth] == state(tree), "a kill leaves something else at " .. nth);
			tree_lib.remove(tree);
		end
		return changes;
	end

	-- The same with a disk that is full from any change on. Gives what failed: a list of { tree =, where =, said = }.
	local function on_full_disks(from, to, arguments, changes)
		local failed = {};
		for nth = 1, changes do
			local tree, where = copy(from.root), "full from " .. nth;
			local status, text = setup_lib.run(tree, arguments, faults.before(tree.root, "fail", nth, log));
			where = ("%s, %s: %s"):format(where, faults.changes(log)[nth] or "", text);
			is_sound(tree, where);
			if status == 0 then
				ok(tree, arguments);
				assert.equal(to.state, state(tree), where);
				tree_lib.remove(tree);
			else
				assert.equal(1, status, where);
				failed[#failed + 1] = { tree = tree, where = where, said = text };
			end
		end
		return failed;
	end

	local changes_of_setup, changes_of_undo;

	it("sets up soundly or not at all when it is killed, and mends it the next time", function ()
		changes_of_setup = under_kills(fresh, finished, set_up);
		assert.is_true(changes_of_setup >= 40, changes_of_setup);
	end);

	it("takes everything out soundly when it is killed, at the latest the next time", function ()
		changes_of_undo = under_kills(finished, fresh, UNDO);
		assert.is_true(changes_of_undo >= 20, changes_of_undo);
	end);

	it("leaves everything as it was where the disk is full", function ()
		for _, one in ipairs(on_full_disks(fresh, finished, set_up, changes_of_setup)) do
			assert.equal(fresh.state, state(one.tree), one.where);
			tree_lib.remove(one.tree);
		end
	end);

	it("takes everything out of what counts where the disk is full, and the rest the next time", function ()
		for _, one in ipairs(on_full_disks(finished, fresh, UNDO, changes_of_undo)) do
			assert.equal("token", setup_lib.settings(one.tree).authentication, one.where);
			ok(one.tree, UNDO);
			assert.equal(fresh.state, state(one.tree), one.where);
			tree_lib.remove(one.tree);
		end
	end);
end);
