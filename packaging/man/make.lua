-- make.lua options|commands: a man page (mdoc) on standard output, made of what is written elsewhere: skotos_bridge(5) of the tables of
-- options in mod_skotos_bridge/README.md, prosodyctl-skotos_bridge(7) of the commands' own help. Run from the top of the tree.

local kind, date = arg[1], os.date("!%B %d, %Y", tonumber(os.getenv "SOURCE_DATE_EPOCH") or os.time());

local function contents(path)
	local file = assert(io.open(path, "rb"));
	local text = file:read("a");
	file:close();
	return text;
end

-- Text for roff: nothing of it may be a request.
local function roff(text)
	text = text:gsub("\\", "\\e"):gsub("%[([^%]]*)%]%([^)]*%)", "%1"):gsub("`", "\\(aq"):gsub("\u{2026}", "..."):gsub("\u{2192}", "->");
	return (text:gsub("^([.'])", "\\&%1"):gsub("\n([.'])", "\n\\&%1"));
end

local function head(name, section, about)
	io.write((".Dd %s\n.Dt %s %s\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n"):format(date, name:upper(), section, name, about));
end

local function options()
	head("skotos_bridge", "5", "the options of skotos_bridge in Prosody's configuration");
	io.write(".Sh DESCRIPTION\nAll of them belong into the VirtualHost; with\n.Xr skotos-bridge-setup 8\nthey stand in\n",
		".Pa /etc/prosody/skotos-bridge/HOST.cfg.lua .\nA changed file counts after\n.Ql prosodyctl reload .\n");
	local told = contents("mod_skotos_bridge/README.md"):match("\n## Options\n(.-)\n## ");
	for title, text in (told .. "\n### "):gmatch("### ([^\n]+)\n(.-)\n%f[#]") do
		local rows = {};
		for names, default, meaning in text:gmatch("\n| (`[^\n]-) | ([^\n]-) | ([^\n]-) |%f[\n\0]") do
			rows[#rows + 1] = (".It %s\n%s.\nDefault: %s.\n"):format(roff((names:gsub("`", ""))), (roff(meaning):gsub("%.$", "")), roff(default));
		end
		if rows[1] then io.write((".Ss %s\n.Bl -tag -width Ds\n%s.El\n"):format(roff(title), table.concat(rows))); end
	end
	io.write(".Sh SEE ALSO\n.Xr skotos-bridge-setup 8 ,\n.Xr prosodyctl-skotos_bridge 7\n");
end

-- A module of the command line, of which only the texts are wanted: what it needs of Prosody's is stood in for.
local function texts_of(name)
	local anything;
	anything = setmetatable({}, { __index = function () return anything; end, __call = function () return anything; end });
	local env = setmetatable({
		module = { require = function (_, other)
			if other:find("ctl/draining$") then return assert(loadfile("mod_skotos_bridge/skotos_bridge/ctl/draining.lib.lua", "t",
				setmetatable({ module = { require = function () return anything; end }, require = function () return anything; end }, { __index = _G })))(); end
			return anything;
		end };
		require = function () return anything; end;
	}, { __index = _G });
	return assert(loadfile(("mod_skotos_bridge/skotos_bridge/ctl/%s.lib.lua"):format(name), "t", env))();
end

local function commands()
	head("prosodyctl-skotos_bridge", "7", "looks after skotos_bridge in a Prosody");
	io.write(".Sh SYNOPSIS\n.Nm prosodyctl\n.Cm mod_skotos_bridge\n.Ar command\n.Op Ar options\n.Sh DESCRIPTION\n",
		"Each command takes\n.Fl -help ,\n.Fl -json\n(one line for machines, the last of the output) and\n.Fl -host Ar host\n(one VirtualHost only).\n");
	local names = contents("mod_skotos_bridge/skotos_bridge/ctl/subcommands.lib.lua"):match("M.subcommands = {(.-)}");
	for name in names:gmatch('"(%l+)"') do
		local command = texts_of(name);
		io.write((".Ss %s\n.Bd -literal -compact\nprosodyctl mod_skotos_bridge %s %s\n.Ed\n.Pp\n"):format(name, name, roff(command.usage)));
		io.write((".Bd -literal -compact\n%s\n.Ed\n"):format(roff(command.help)));
	end
	io.write(".Sh EXIT STATUS\n0 all is well, 1 a warning, 2 a failure, 64 the command line is wrong.\n",
		".Sh SEE ALSO\n.Xr prosodyctl 1 ,\n.Xr skotos_bridge 5 ,\n.Xr skotos-bridge-setup 8\n");
end

local pages = { options = options, commands = commands };
if not pages[kind] then
	io.stderr:write("make.lua: options or commands is wanted\n");
	os.exit(2);
end
pages[kind]();
