-- The copy of the tree in which a line is changed: written, built, looked at, put back.

local M = {};

local WITHIN = 300; -- seconds for one spec file; a mutant that hangs is noticed, too
local ENCLOSED = "unshare --fork --pid --mount-proc --kill-child ";

-- What the file at `path` holds.
function M.contents(path)
	local file = assert(io.open(path, "rb"));
	local text = file:read "a";
	file:close();
	return text;
end

function M.write(path, text)
	local file = assert(io.open(path, "wb"));
	assert(file:write(text));
	assert(file:close());
end

-- Whether the shell command ends with 0.
function M.runs(command) return os.execute(command) == true; end

-- A word of a shell command.
function M.quoted(text) return "'" .. text:gsub("'", [['\'']]) .. "'"; end

-- Whether `tree` builds, `sanitized` or not, after a change of `file` (and of another that was put back).
function M.builds(tree, file, sanitized)
	if file:find "%.lua$" and not loadfile(tree .. "/" .. file) then return false; end
	local what = sanitized and "sanitized-build" or "build/skotos_bridge.so build/skotos_probes.so";
	return M.runs(("make -s -C %s CFLAGS='-O0 -Wno-error' %s >/dev/null 2>&1"):format(tree, what));
end

-- Whether `tree`'s spec file passes, `sanitized` or not, or of it those tests whose names `filter` finds (default all).
function M.passes(tree, spec, sanitized, filter) return M.runs(M.looking(tree, spec, sanitized, filter)); end

-- The command by which it is looked.
function M.looking(tree, spec, sanitized, filter)
	return ("%s timeout %d %s/spec/mutants/look.sh %s %s %s >%s/build/mutant.log 2>&1"):format(ENCLOSED, WITHIN, tree,
		spec,
		sanitized and "sanitized" or "plain", M.quoted(filter or "."), tree);
end

return M;
