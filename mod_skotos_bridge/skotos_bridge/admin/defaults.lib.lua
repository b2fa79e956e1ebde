-- What an option is where nothing is said; those that are not here have no value then. The guide's tables are held to this
-- by spec/guide_spec.lua. It is installed for skotos-bridge-setup too, so it needs nothing of Prosody's.

return {
	signature_algorithm = "HS256"; -- Jitsi's own
	skotos_allow_moderator_tokens = true;
	skotos_allow_plaintext = false;
	skotos_allow_weak_secret = false;
	skotos_allow_wildcard_room = false;
	skotos_commands = false;
	skotos_health_addresses = {};
	skotos_host = "127.0.0.1";
	skotos_leeway = 10; -- seconds
	skotos_listen = false;
	skotos_max_frame = 65536; -- bytes
	skotos_moderators_may_grant = false;
	skotos_port = 11091; -- avchat's, with the portbase 11000
	skotos_reconnect_grace = 300; -- seconds
	skotos_reply_interval = 0; -- seconds
	skotos_reply_size = 8192; -- bytes; what the game's driver reads at a time
	skotos_tls = false;
	skotos_token_default_validity = 600; -- seconds
	skotos_token_max_validity = 86400; -- seconds
	skotos_token_session_validity = 43200; -- seconds
};
