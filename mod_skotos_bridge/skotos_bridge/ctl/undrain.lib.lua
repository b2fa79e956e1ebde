-- prosodyctl mod_skotos_bridge undrain

return module:require("skotos_bridge/ctl/draining").subcommand("undrain", "takes part again", "nothing changes: it takes part", "take this server in again",
	"Undoes drain: the links to the games are opened, and /skotos/health answers 200.");
