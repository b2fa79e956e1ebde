-- The command line of skotos-bridge-setup.

local argument_parser = require "arguments";
local defaults = require "defaults";

local M = { NEXT_PORT = defaults.skotos_port + 1 }; -- a second game's on the same machine

M.help = [[
skotos-bridge-setup: binds a SkotOS game, or tokens alone, to the Jitsi on this machine

  sudo skotos-bridge-setup                          asks what it has to know
  sudo skotos-bridge-setup --yes --game HOST:PORT   asks nothing
  sudo skotos-bridge-setup --undo                   takes all of it out again

Where the game is
  --game HOST[:PORT]    its address; the port is 11091 where none is given
  --tls-ca FILE         the game's stunnel is reached with TLS; FILE is the CA that signed its certificate
  --tls-certificate FILE, --tls-key FILE   what this machine shows to the game's stunnel
  --tls-name NAME       the name in the game's certificate, where it is not HOST
  --allow-plaintext     without TLS to a public address; only where the way there is safe
  --no-game             there is none: only tokens that other programs make are checked

Who may do what
  --moderator NAME      who plays with this account is a moderator in every room; may be given several times
  --game-may-make-moderators   the game's own requests may ask for moderators too
  --allow-guests, --no-guests  may people without a token of the game log in (not unless said)

The tokens
  --app-id NAME         the name that tokens are issued by ("skotos" where the configuration has none)
  --secret-file FILE    takes the secret from the first line of FILE ("-": standard input)
  --new-secret          makes a new one in place of the one that is there
                        An app_secret of Jitsi's that is there is kept; where there is none, a strong one is made.
  --from FILE           takes over the settings of an old chat_admin_server (chat_admin_config.json)
  --old-links-until DATE   with --from: until when the old server's tokens, which have no end, go on being good
                        (YYYY-MM-DD; 30 days from now where it is not said)

More games
  --add-game NAME --tenant TENANT   a walled-off game with rooms of its own, https://HOST/TENANT/…, and no others;
                        with --game (127.0.0.1:11092 where it is not said) and --moderator for this game alone
  --add-game NAME --rooms PATTERN   the same with the rooms whose names match PATTERN ('dev-*'; several times)
  --remove-game NAME    takes it out again

How
  --host NAME           the VirtualHost, where there are several
  --replace-login       replaces a login with accounts (as internal_hashed) too
  --no-jicofo           leaves Jicofo's configuration alone
  --dry-run             shows what would change, changes nothing
  --yes                 asks nothing
  --undo                takes everything out again, or with --host what belongs to that one
  --root DIR            works on the files under DIR and touches no running service
  --help, --version

It exits with 0 when all is well, 1 when nothing was changed, 2 when its options are wrong, 3 when the
configuration is in place but the game does not answer yet.
]];

local takes = {
	words = 0, short = { y = "yes", h = "help" };
	options = {
		game = "text", ["tls-ca"] = "text", ["tls-certificate"] = "text", ["tls-key"] = "text", ["tls-name"] = "text", ["allow-plaintext"] = "flag";
		["no-game"] = "flag";
		moderator = "list", ["game-may-make-moderators"] = "flag", ["allow-guests"] = "flag", ["no-guests"] = "flag";
		["app-id"] = "text", ["secret-file"] = "text", ["new-secret"] = "flag", from = "text", ["old-links-until"] = "text";
		["add-game"] = "text", rooms = "list", tenant = "text", ["remove-game"] = "text";
		host = "text", ["replace-login"] = "flag", ["no-jicofo"] = "flag", ["dry-run"] = "flag", yes = "flag", undo = "flag", root = "text";
		help = "flag", version = "flag";
	};
};

-- Fields that are called otherwise than their options.
local FIELDS = { moderator = "moderators", ["game-may-make-moderators"] = "game_may", ["allow-guests"] = "guests" };

local OF_A_GAME = { "game", "tls-ca", "from", "add-game", "moderator", "game-may-make-moderators" };

local function field_of(name) return FIELDS[name] or (name:gsub("%-", "_")); end

-- "host:port", "[v6]:port" or "host" as two values; nil and why.
function M.address(text, default_port)
	local host, port = text:match("^%[(.*)%]:?(%d*)$");
	if not host then host, port = text:match("^([^:]+):?(%d*)$"); end
	if not host and text:find(":.*:") then host, port = text, ""; end
	if not host or not host:find("^[%w%.%-_:]+$") then return nil, ("--game %s: HOST or HOST:PORT is wanted"):format(text); end
	port = port == "" and default_port or math.tointeger(tonumber(port));
	if not port or port < 1 or port > 65535 then return nil, ("--game %s: a port is a number from 1 to 65535"):format(text); end
	return host, port;
end

local function wrong_together(o)
	for _, name in ipairs(OF_A_GAME) do
		if o.no_game and o[field_of(name)] then return ("--no-game and --%s do not go together"):format(name); end
	end
	if o.guests and o.no_guests then return "--allow-guests and --no-guests do not go together"; end
	if (o.rooms or o.tenant) and not o.add_game then return (o.rooms and "--rooms" or "--tenant") .. " belongs to --add-game"; end
	if o.add_game and not o.rooms and not o.tenant then return "--add-game needs --tenant or --rooms, as: --add-game dev --tenant dev"; end
	if o.tenant and not o.tenant:find("^[%l%d][%l%d_-]*$") then return ("--tenant %s: small letters, digits, - and _ are wanted"):format(o.tenant); end
	if o.add_game and not o.add_game:find("^[%a_][%w_]*$") then return ("--add-game %s: a name of letters and digits is wanted"):format(o.add_game); end
	if o.add_game and o.from then return "--add-game and --from do not go together"; end
	if o.old_links_until and not o.from then return "--old-links-until belongs to --from"; end
	if o.old_links_until and not o.old_links_until:find("^%d%d%d%d%-%d%d%-%d%d$") then
		return ("--old-links-until %s: a date as 2027-01-31 is wanted"):format(o.old_links_until);
	end
	if o.new_secret and o.secret_file then return "--new-secret and --secret-file do not go together"; end
	if (o.tls_certificate == nil) ~= (o.tls_key == nil) then return "--tls-certificate and --tls-key belong together"; end
	if (o.tls_certificate or o.tls_name) and not o.tls_ca then return "--tls-ca is missing: the CA that signed the game's certificate"; end
	for _, field in ipairs { "tls_ca", "tls_certificate", "tls_key" } do
		if o[field] and o[field]:sub(1, 1) ~= "/" then
			return ("--%s %s: a whole path from / on is wanted, since Prosody reads it"):format(field:gsub("_", "-"), o[field]);
		end
	end
end

-- The options as a table by field (--old-links-until: old_links_until; FIELDS), guests false with --no-guests; or nil and what is wrong.
function M.parse(arguments)
	local given, err = argument_parser.parse(arguments, takes);
	if not given then return nil, err .. " (--help tells more)"; end
	local o = {};
	for name, value in pairs(given) do o[field_of(name)] = value; end
	local wrong = wrong_together(o);
	if wrong then return nil, wrong; end
	if o.no_guests then o.guests = false; end
	if o.game then
		o.game_host, o.game_port = M.address(o.game, o.add_game and M.NEXT_PORT or defaults.skotos_port);
		if not o.game_host then return nil, o.game_port; end
	end
	return o;
end

return M;
