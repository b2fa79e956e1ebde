-- Example: what belongs into the configuration of a stock Jitsi host, so that a SkotOS game's players can talk.
--
-- On a real host you do not copy this file. Jitsi's Debian package has already written
--
--     /etc/prosody/conf.avail/YOUR.DOMAIN.cfg.lua
--
-- with your own domain in the place of meet.example.com, and with more lines than you see here. Open that file as root and
-- change in it what is marked NEW or CHANGED below; leave everything else in it as it is. Then:
--
--     prosodyctl check config         does Prosody understand the file?
--     systemctl restart prosody       from now on it counts
--     journalctl -u prosody -e        what Prosody says; or look into /var/log/prosody/prosody.log
--
-- Two hyphens begin a remark, which Prosody does not read. Text stands in "quotation marks"; lists stand in { braces }.
-- `make demo` runs this very file.

plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/" }
muc_mapper_domain_base = "meet.example.com"
component_admins_as_room_owners = true
consider_bosh_secure = true

VirtualHost "meet.example.com"
	-- CHANGED. Jitsi's package wrote "jitsi-anonymous" or "token" here. A player now comes in with the token that the game got
	-- for him, and without one nobody comes in.
	authentication = "skotos_bridge"

	-- NEW. The name and the secret that tokens are made and checked with. The name is yours to choose. Make the secret with
	--     openssl rand -hex 32
	-- and keep it to yourself: whoever knows it can be a moderator. With the one below nothing starts, on purpose.
	app_id = "skotos"
	app_secret = "CHANGE ME"

	modules_enabled = {
		"bosh";
		"pubsub";
		"ping";
		-- Jitsi's own modules ("speakerstats", "muc_lobby_rooms", …) stay in this list as they are.
		"skotos_bridge"; -- NEW: the one line that turns everything on
	}
	c2s_require_encryption = false
	main_muc = "conference.meet.example.com"

	-- NEW. Where the game is: this one is on the same host. A game on another host wants encryption as well: see skotos_tls in
	-- mod_skotos_bridge/README.md. The game's port is 11091, its port base + 91; if yours has another, take the hyphens off the second line.
	-- (`prosodyctl check config` then guesses from the name that it belongs elsewhere. It does not; leave it here.)
	skotos_host = "127.0.0.1"
	-- skotos_port = 11091

	-- NEW, if you like. Who is a moderator, by account ("Skott" and "skott" are one). The game itself never asks for one.
	skotos_moderators = { "Skott" }

Component "conference.meet.example.com" "muc"
	storage = "memory"
	restrict_room_creation = true
	admins = { "focus@auth.meet.example.com" }
	muc_room_locking = false
	muc_room_default_public_jids = true

VirtualHost "auth.meet.example.com"
	authentication = "internal_hashed"

-- Behind this, Jitsi's package has written more components ("focus.…", "lobby.…", "speakerstats.…"). They stay as they are.
--
-- One last thing, in another file: Jicofo makes the first who comes a moderator, unless it is told not to. The bridge refuses
-- that, and Jicofo only notes it in its log. To spare it the attempt, as root:
--     hocon -f /etc/jitsi/jicofo/jicofo.conf set jicofo.conference.enable-auto-owner false
--     systemctl restart jicofo
