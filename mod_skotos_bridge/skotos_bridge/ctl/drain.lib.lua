-- prosodyctl mod_skotos_bridge drain

return module:require("skotos_bridge/ctl/draining").subcommand("drain", "drains", "nothing changes: it drains already",
	"take this server out: no new rooms, links close when idle",
	"The links to the games close as soon as nothing waits on them, so that the games ask another shard. /skotos/health answers 404, at\n"
	.. "which HAProxy sends no new rooms here and leaves those that are here. undrain takes the server in again.");
