-- What skotos-bridge-setup --undo does with the bridge's name in lines that somebody else wrote.
local setup_lib = require "spec.support.setup";
local tree_lib = require "spec.support.jitsi_tree";
local leftovers = require "leftovers";

describe("the bridge's name in somebody else's lines", function ()
	local tree;
	after_each(function () tree = tree and tree_lib.remove(tree); end);

	for _, case in ipairs {
		{ "with its line, where it stands alone", '{\n  "bosh";\n  "skotos_bridge";\n  "polls";\n}',
			'{\n  "bosh";\n  "polls";\n}' };
		{ "with its line, as the last of a list", '{\n  "bosh",\n  "skotos_bridge"\n}', '{\n  "bosh",\n}' };
		{ "with its line, ended as on Windows", '{\r\n  "skotos_bridge";\r\n  "polls";\r\n}', '{\r\n  "polls";\r\n}' };
		{ "alone, where a remark stands behind it", '{\n  "skotos_bridge"; -- mine\n}', '{\n -- mine\n}' };
		{ "alone, between others", '{ "bosh"; "skotos_bridge"; "polls"; }', '{ "bosh"; "polls"; }' };
		{ "alone, after others", '{ "bosh", "skotos_bridge" }', '{ "bosh", }' };
		{ "alone, in a list of its own", '{ "skotos_bridge" }', '{ }' };
	} do
		it("goes " .. case[1], function ()
			local head = 'VirtualHost "meet.test"\n    modules_enabled = ';
			assert.equal(head .. case[3] .. "\n", leftovers.without(head .. case[2] .. "\n"));
		end);
	end

	it("is told of before it goes, in a preview that has the changed lines alone", function ()
		tree = tree_lib.new();
		local before = tree_lib.read(tree.meet);
		setup_lib.ok(tree, "--yes --game 10.0.0.5");
		local text, count = tree_lib.read(tree.meet):gsub("\n(%s*)modules_enabled = {\n", '%0            "skotos_bridge";\n',
			1);
		assert.equal(1, count);
		setup_lib.put(tree.meet, text);
		local said = setup_lib.ok(tree, "--undo --dry-run");
		assert.truthy(said:find(tree.meet
			.. ": it names skotos_bridge in a line that setup did not write; that is taken out too", 1, true), said);
		local of_meet = said:match("%-%-%- " .. tree.meet:gsub("%p", "%%%0") .. "\n%+%+%+[^\n]*\n(.-)\n%-%-%- ") or said;
		local _, changed = ("\n" .. of_meet):gsub("\n[+-]", "");
		assert.equal(2, changed, of_meet);
		assert.equal(0, (setup_lib.run(tree, "--undo --yes")));
		assert.equal(before, tree_lib.read(tree.meet));
	end);
end);
