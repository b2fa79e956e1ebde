-- prosodyctl of the Prosody version under test, as an administrator runs it.
local rig = require "spec.support.rig";
local json = require "util.json";

local ctl = {};

function ctl.read(path)
	local file = assert(io.open(path, "rb"));
	local text = file:read("a");
	file:close();
	return text;
end

function ctl.write(path, text)
	local file = assert(io.open(path, "wb"));
	file:write(text);
	file:close();
	return path;
end

-- A word of a shell's command.
function ctl.quoted(word) return "'" .. tostring(word):gsub("'", [['\'']]) .. "'"; end

function ctl.folder()
	local pipe = io.popen("mkdir -p build/run && mktemp -d -p build/run ctl-XXXXXX");
	local name = pipe:read("l");
	pipe:close();
	return require "lfs".currentdir() .. "/" .. name;
end

local launcher; -- of Prosody 13
local function path_of_launcher()
	if rig.version ~= "13.0" then return "/usr/bin/prosodyctl"; end
	if not launcher then
		local tree = require "lfs".currentdir() .. "/build/prosody13";
		launcher = tree .. "/prosodyctl";
		-- Other spec files run it at the same time: it is there whole, or not at all.
		local own = launcher .. tostring({}):match "0x%x+";
		ctl.write(own, (ctl.read(tree .. "/usr/bin/prosodyctl"):gsub("/usr/lib/prosody", tree .. "/usr/lib/prosody")));
		assert(os.rename(own, launcher));
	end
	return launcher;
end

-- Runs a line in the shell of the Prosody whose configuration is in `dir`. Gives the exit status and what it printed.
function ctl.shell(dir, line)
	local pipe = io.popen(("timeout 60 lua5.4 %s --config %s/prosody.cfg.lua shell %s 2>&1")
		:format(ctl.quoted(path_of_launcher()), dir, ctl.quoted(line)));
	local text = pipe:read("a");
	local _, _, code = pipe:close();
	return code, text;
end

-- Runs "prosodyctl mod_skotos_bridge" with the words `args` on the configuration in `dir` (prosody.cfg.lua). Gives the
-- exit status, standard output and standard error. `o`: stdin = text, before = what runs the command, as text for the
-- shell, cpath = LUA_CPATH.
function ctl.run(dir, args, o)
	o = o or {};
	local words = { o.before or "", "env LUA_CPATH="
		.. ctl.quoted(o.cpath or require "lfs".currentdir() .. "/build/?.so;;"), "timeout 60 lua5.4",
		ctl.quoted(path_of_launcher()) };
	for _, word in ipairs { "--config", dir .. "/prosody.cfg.lua", "mod_skotos_bridge" } do
		words[#words + 1] = ctl.quoted(word);
	end
	for _, word in ipairs(args) do words[#words + 1] = ctl.quoted(word); end
	local out, err, input = os.tmpname(), os.tmpname(), os.tmpname();
	ctl.write(input, o.stdin or "");
	local _, _, code = os.execute(("%s < %s > %s 2> %s"):format(table.concat(words, " "), input, out, err));
	local stdout, stderr = ctl.read(out), ctl.read(err);
	for _, path in ipairs { out, err, input } do os.remove(path); end
	return code, stdout, stderr;
end

-- The same with --json: the exit status and the table.
function ctl.ask(dir, args, o)
	local words = { table.unpack(args) };
	words[#words + 1] = "--json";
	local code, stdout, stderr = ctl.run(dir, words, o);
	local last;
	for line in stdout:gmatch("[^\n]+") do last = line; end
	local told = last and json.decode(last);
	if type(told) ~= "table" then error("no JSON but: " .. stdout .. stderr, 2); end
	return code, told, stderr;
end

-- The lines of a check with this topic and level.
function ctl.lines(told, topic, level)
	local found = {};
	for _, line in ipairs(told.checks) do
		if line.check == topic and (level == nil or line.level == level) then found[#found + 1] = line; end
	end
	return found;
end

return ctl;
