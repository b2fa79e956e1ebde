-- What an administrator does to the configuration between skotos-bridge-setup and its --undo, at random (EDITS runs, 40
-- by default; SEED, 1 by default, so that a run can be had again): lines added, moved, removed and copied, in our file
-- and out of it, tabs, CRLF, remarks, includes, a backup put back. However that is, undo ends in a configuration that
-- Prosody loads, that holds every line that he wrote, and none of ours.
local setup_lib = require "spec.support.setup";
local tree_lib = require "spec.support.jitsi_tree";

local EDITS, SEED = tonumber(os.getenv "EDITS") or 40, tonumber(os.getenv "SEED") or 1;

local function lines_of(text)
	local lines = {};
	for line in text:gmatch("[^\n]*\n?") do
		if line ~= "" then lines[#lines + 1] = line; end
	end
	return lines;
end

describe("skotos-bridge-setup --undo", function ()
	local function any(list) return list[math.random(#list)]; end
	local number = 0;

	-- A line that nobody else writes, which is right anywhere between two statements: a setting or a remark.
	local function own_line()
		number = number + 1;
		return any { "  rig_own_%d = true\n", "\trig_own_%d = { \"a\", \"b\" }\n", "-- rig_own_%d, a remark\n",
			"skotos_commands = true -- rig_own_%d\n",
			"rig_own_%d = \"skotos-bridge\"; rig_too = 1\r\n" }:format(number), "rig_own_" .. number;
	end

	-- Where a line can go between two statements: a list of numbers of lines. Inside a table there is no such place.
	local function gaps(lines)
		local places, depth = { }, 0;
		for i, line in ipairs(lines) do
			local code = line:gsub("%-%-%[%[.-%]%]", ""):gsub("%-%-.*$", ""):gsub("\"[^\"]*\"", "");
			if depth == 0 then places[#places + 1] = i; end
			depth = depth + select(2, code:gsub("{", "")) - select(2, code:gsub("}", ""));
		end
		places[#places + 1] = #lines + 1;
		return places;
	end

	local edits = {};
	function edits.add(lines, written)
		local line, mark = own_line();
		local at = any(gaps(lines));
		if at > 1 and not lines[at - 1]:find("\n$") then lines[at - 1] = lines[at - 1] .. "\n"; end
		table.insert(lines, at, line);
		written[#written + 1] = mark;
	end
	function edits.move_ours(lines)
		for i, line in ipairs(lines) do
			if line:find("^Include .*skotos%-bridge") then
				table.remove(lines, i);
				table.insert(lines, any(gaps(lines)), (line:gsub("\n?$", "\n")));
				return;
			end
		end
	end
	function edits.remove_ours(lines)
		for i, line in ipairs(lines) do
			if line:find("^Include .*skotos%-bridge") then table.remove(lines, i); return; end
		end
	end
	function edits.remark_on_ours(lines)
		for i, line in ipairs(lines) do
			if line:find("^Include .*skotos%-bridge") then lines[i] = any { "-- ", "--", "\t", "  " } .. line; return; end
		end
	end
	function edits.change_our_remark(lines)
		for i, line in ipairs(lines) do
			if line:find("^Include .*skotos%-bridge") then
				lines[i] = line:gsub(" *%-%- skotos.*$", any { "\n", " -- what is this?\n", ";\n", "\r\n" });
				return;
			end
		end
	end
	function edits.copy_ours(lines)
		for i, line in ipairs(lines) do
			if line:find("^Include .*skotos%-bridge") then table.insert(lines, i, (line:gsub("\n?$", "\n"))); return; end
		end
	end
	function edits.crlf(lines)
		for i, line in ipairs(lines) do lines[i] = line:gsub("\r?\n$", "\r\n"); end
	end
	function edits.tabs(lines)
		for i, line in ipairs(lines) do lines[i] = line:gsub("^    ", "\t"):gsub("\n$", any { "\n", " \n", "\t\n" }); end
	end
	function edits.lose_the_end(lines)
		lines[#lines] = lines[#lines]:gsub("\r?\n$", "");
	end
	function edits.join(lines) -- our line behind another statement
		for i, line in ipairs(lines) do
			if i > 1 and line:find("^Include .*skotos%-bridge") and not lines[i - 1]:find("%-%-")
					and lines[i - 1]:find("[^%s]") then
				lines[i - 1] = lines[i - 1]:gsub("[\r\n]+$", "") .. " " .. line;
				table.remove(lines, i);
				return;
			end
		end
	end
	function edits.name_us(lines, written) -- the bridge by hand, as the guide tells
		local line, mark = own_line();
		table.insert(lines, any(gaps(lines)), any { 'authentication = "skotos_bridge"\n',
			'modules_enabled = { "rig_module"; "skotos_bridge"; }\n' } .. line);
		written[#written + 1] = mark;
	end
	local names = {};
	for name in pairs(edits) do names[#names + 1] = name; end
	table.sort(names);

	local in_ours = {};
	function in_ours.add(lines, written)
		local line, mark = own_line();
		table.insert(lines, math.random(4, #lines + 1), line);
		written[#written + 1] = mark;
	end
	function in_ours.remove(lines) table.remove(lines, math.random(6, 8)); end
	function in_ours.change(lines, written)
		for i, line in ipairs(lines) do
			if line:find("skotos_host") then
				local before = line:match("rig_own_%d+");
				for w = #written, 1, -1 do
					if written[w] == before then table.remove(written, w); end -- he has taken that back himself
				end
				number = number + 1;
				lines[i] = ("    skotos_host = \"rig_own_%d\"\n"):format(number);
				written[#written + 1] = "rig_own_" .. number;
			end
		end
	end
	function in_ours.crlf(lines) edits.crlf(lines); end
	function in_ours.empty(lines) for i = #lines, 1, -1 do lines[i] = nil; end end

	local function edit(path, kinds, written, times)
		local text = tree_lib.read(path);
		if not text then return {}; end
		local lines, done = lines_of(text), {};
		for _ = 1, times do
			local name = any(kinds);
			if #lines > 8 or kinds ~= in_ours then (edits[name] or in_ours[name])(lines, written); end
			done[#done + 1] = name;
		end
		setup_lib.put(path, table.concat(lines));
		return done;
	end

	-- The configuration's text, and what stands beside it.
	local function everything(tree)
		local function of(pattern)
			local pipe = io.popen(("cd %s/etc/prosody && cat %s 2>/dev/null"):format(tree.root, pattern));
			local text = pipe:read("a");
			pipe:close();
			return text;
		end
		return of "*.lua conf.avail/*", of "*.kept";
	end

	-- One run of it; gives the kinds of edits that were made.
	local function once(o)
		local tree = tree_lib.new(o);
		local backup = tree_lib.read(tree.meet);
		assert.equal(0, (setup_lib.run(tree, "--yes --game 10.0.0.5 --moderator Skott")));
		local written, done = {}, {};
		local function note(where, list)
			for _, name in ipairs(list) do done[#done + 1] = where .. name; end
		end
		local ours = {};
		for name in pairs(in_ours) do ours[#ours + 1] = name; end
		table.sort(ours);
		local added_to_ours = {};
		if math.random(3) == 1 then
			local lines = lines_of(tree_lib.read(setup_lib.drop_in(tree)));
			for _ = 1, math.random(2) do
				local name = any(ours);
				if name == "empty" then for i = #added_to_ours, 1, -1 do added_to_ours[i] = nil; end end
				if #lines > 8 or name == "empty" then
					in_ours[name](lines, added_to_ours);
					note("ours ", { name });
				end
			end
			setup_lib.put(setup_lib.drop_in(tree), table.concat(lines));
		end
		note("", edit(tree.meet, names, written, math.random(4)));
		if math.random(5) == 1 then
			note("main ", edit(tree.root .. "/etc/prosody/prosody.cfg.lua", { "add", "tabs" }, written, 1));
		end
		local last = math.random(12);
		if last == 1 then
			setup_lib.put(tree.meet, backup);
			written = {};
			note("", { "backup put back" });
		elseif last == 2 then
			os.remove(setup_lib.drop_in(tree));
			added_to_ours = {};
			note("", { "our file deleted" });
		elseif last == 3 then
			os.execute("rm -rf " .. tree.root .. "/var/lib/skotos-bridge");
			note("", { "record deleted" });
		elseif last == 4 and setup_lib.config(tree) then
			setup_lib.run(tree, "--yes --game 10.0.0.6 --moderator Zoe");
			note("", { "set up again" });
			added_to_ours = {}; -- what he changed there may be what setup was asked to change
		end
		return tree, written, added_to_ours, done;
	end

	it("ends without us, with all that he wrote, in a configuration that loads (seed " .. SEED .. ")", function ()
		math.randomseed(SEED);
		for i = 1, EDITS do
			local tree, written, added_to_ours, done = once(any { {}, { login = "token", moderation = true } });
			local where = ("seed %d, run %d: %s\n"):format(SEED, i, table.concat(done, ", "));
			local before = tree_lib.read(tree.meet);
			local status, text = setup_lib.run(tree, "--undo --yes");
			assert.equal(0, status, where .. text);
			local config, err = setup_lib.config(tree);
			assert.truthy(config, where .. tostring(err) .. "\n" .. before .. "\n" .. tree_lib.read(tree.meet));
			local text_now, kept = everything(tree);
			local all = text_now .. kept;
			for _, list in ipairs { written, added_to_ours } do
				for _, mark in ipairs(list) do assert.truthy(all:find(mark .. "%D"), where .. mark .. " is lost\n" .. all); end
			end
			local names_us = config:names(function (options)
				return options.authentication == "skotos_bridge" or options.skotos_secret_file ~= nil or options.skotos_host ~= nil;
			end);
			assert.same({}, names_us, where);
			for _, host in ipairs { tree_lib.HOST, "conference." .. tree_lib.HOST, "*" } do
				assert.is_false(config:enables(host, "skotos_bridge"), where);
			end
			assert.falsy(text_now:find("skotos-bridge/", 1, true), where .. all);
			for line in tree_lib.meet({}):gmatch("[^\r\n]+") do
				local bare = line:match("^%s*(.-)%s*$");
				if not bare:find("app_") and not bare:find("authentication") then
					assert.truthy(all:find(bare, 1, true), where .. bare .. " is lost");
				end
			end
			assert.is_nil(tree_lib.read(setup_lib.drop_in(tree)), where);
			assert.is_nil(tree_lib.read(setup_lib.secret(tree)), where);
			tree_lib.remove(tree);
		end
	end);
end);
