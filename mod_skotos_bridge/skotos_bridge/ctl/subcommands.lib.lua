-- prosodyctl mod_skotos_bridge SUBCOMMAND: the table of subcommands, their help, and which one is meant. Each is a file beside this one
-- that returns { summary =, usage =, options =, words =, run = function (given) … return exit status; end }.

local arguments = module:require "skotos_bridge/admin/arguments";

local M = {};

-- In the order of the help text. One more subcommand is one more line here and one more file.
M.subcommands = { "check", "status", "mint", "verify", "migrate", "drain", "undrain" };

local function load_subcommand(name)
	for _, known in ipairs(M.subcommands) do
		if known == name then return module:require("skotos_bridge/ctl/" .. name); end
	end
end

local function usage()
	print("Usage: prosodyctl mod_skotos_bridge COMMAND [OPTIONS]\n");
	print("Looks after skotos_bridge, which gives a SkotOS game's players their voice tokens and moderators.\n\nCommands:");
	for _, name in ipairs(M.subcommands) do
		print(("  %-9s %s"):format(name, load_subcommand(name).summary));
	end
	print("\nEach takes --help, --json (one line for machines, the last of the output) and --host HOST (one VirtualHost only).");
	print("Run it as root or as Prosody's user: both read the same configuration as Prosody. Exit status: 0 all is well, 1 a warning,");
	print("2 a failure, 64 the command line is wrong. --version tells which version is installed.");
end

local function help(name, subcommand)
	print(("Usage: prosodyctl mod_skotos_bridge %s %s\n\n%s"):format(name, subcommand.usage, subcommand.help));
end

-- Runs what `arg` says; gives the exit status.
function M.run(arg)
	local name = table.remove(arg, 1);
	if not name or name == "help" or name == "--help" or name == "-h" then
		usage();
		return name and 0 or 64;
	end
	if name == "--version" or name == "version" then
		local ok, bridge = pcall(require, "skotos_bridge");
		print("skotos_bridge " .. (ok and bridge.version or "of unknown version: the C module does not load"));
		return ok and 0 or 2;
	end
	local subcommand = load_subcommand(name);
	if not subcommand then
		io.stderr:write(("%s: no such command\n"):format(name));
		usage();
		return 64;
	end
	if arg[1] == "--help" or arg[1] == "-h" then
		help(name, subcommand);
		return 0;
	end
	local takes = { words = subcommand.words or 0, options = { json = "flag", host = "text" } };
	for option, kind in pairs(subcommand.options or {}) do takes.options[option] = kind; end
	local given, err = arguments.parse(arg, takes);
	if not given then
		io.stderr:write(("prosodyctl mod_skotos_bridge %s: %s (--help tells more)\n"):format(name, err));
		return 64;
	end
	return subcommand.run(given);
end

return M;
