-- Files for the specs, also of a folder that stands for /.
local M = {};

-- What the file `path` holds, which has to be there.
function M.text(path)
	local file = assert(io.open(path, "rb"));
	local text = file:read("a");
	file:close();
	return text;
end

-- What the file `path` below `root` holds; nil where there is none.
function M.read(root, path)
	local file = io.open(root .. path, "rb");
	if not file then return nil; end
	local text = file:read("a");
	file:close();
	return text;
end

-- Puts `text` into the file `path` below `root`, with the folders that it takes.
function M.put(root, path, text)
	assert(os.execute(("mkdir -p '%s'"):format((root .. path):match("^(.*)/"))));
	local file = assert(io.open(root .. path, "wb"));
	assert(file:write(text));
	assert(file:close());
end

return M;
