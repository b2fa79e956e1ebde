-- Is the game there: its name, its port, and what a link to it meets. A game whose link is up in the running Prosody is only asked
-- about: one more connection could take its requests. Any other is tried with the very link that Prosody would make (which answers, should
-- a request come), so that the reason is the one that Prosody meets.

local async = require "util.async";
local socket = require "socket";
local ssl = require "ssl";
local timer = require "util.timer";

local file = module:require "skotos_bridge/admin/file";
local resolver = module:require "skotos_bridge/game/resolver";

local M = {};

local RESOLVE_WITHIN, CONNECT_WITHIN = 10, 12; -- seconds
local SOON = 30; -- days before a certificate ends
local CLOSED_AT_ONCE = 0.7; -- seconds in which a connection that is not wanted is closed, and another port of the game has greeted

-- The addresses that a link finds for `name`, empty when there is none; nil when nobody answers.
local function resolve(bridge, name)
	local wait, done = async.waiter();
	local asking, addresses = true, nil;
	local function finish(found)
		if not asking then return; end
		asking, addresses = false, found;
		done();
	end
	resolver.find(bridge, name, finish);
	timer.add_task(RESOLVE_WITHIN, function () finish(nil); end);
	wait();
	return addresses;
end

local function addresses_of(report, bridge, game, label)
	if bridge.address_scope(game.host) then return { game.host }; end
	local addresses = resolve(bridge, game.host);
	if not addresses then
		report:fail("name", ("%s: DNS does not answer within %d s when it is asked for %s"):format(label, RESOLVE_WITHIN, game.host),
			("look at the servers in /etc/resolv.conf; or put the address into /etc/hosts: getent hosts %s"):format(game.host));
		return {};
	elseif #addresses == 0 then
		report:fail("name", ("%s: the name %s has no address"):format(label, game.host),
			("getent hosts %s; set skotos_host right, or put the name into DNS or /etc/hosts"):format(game.host));
	else
		report:ok("name", ("%s: %s is %s"):format(label, game.host, table.concat(addresses, ", ")));
	end
	return addresses;
end

-- What a link to `ip` meets: its journal by kind (luaclib/core/report/journal.h), and what its link:stats() says at the end.
local function try(bridge, game, ip)
	local issuer, err = bridge.issuer(game.issuer);
	local link;
	if issuer and game.tls then
		game.tls.host = game.host;
		game.link.tls, err = bridge.tls(game.tls);
		if not game.link.tls then return { retry = err }; end
	end
	if issuer then link, err = bridge.link(issuer, game.link); end
	if not link then return { retry = err }; end
	local watched = { getfd = function () return link:fd(); end, dirty = function () return false; end };
	local seen = {};
	link:connect(ip, game.port);
	local enough = socket.gettime() + CONNECT_WITHIN;
	while socket.gettime() < enough and not seen.retry and not seen.down do
		socket.select({ watched }, nil, math.min(1, math.max(0, enough - socket.gettime())));
		for _, entry in ipairs(link:step() or {}) do
			if entry.kind == "up" then enough = socket.gettime() + CLOSED_AT_ONCE; end
			seen[entry.kind] = entry.text;
		end
	end
	local stats = link:stats();
	seen.greets = M.greets(stats);
	link:close();
	return seen, stats;
end

-- Whether what a link with these stats meets says something unasked, which avchat's port does not: bytes have come, and no request.
function M.greets(stats)
	return stats.came > 0 and stats.requests == 0 and stats.refused == 0 and stats.driver_errors == 0;
end

local GREETS = "what listens there says something before it is asked, as avchat's port never does: it is another port of the game";
local GREETS_MEND = "set skotos_port to the game's portbase + 91, where avchat listens: 11091 if the portbase is 11000";

local function why_of(text)
	return (text:gsub("^cannot reach the game at %S+: ", ""):gsub("^lost the game at %S+: ", ""):gsub("; next try.*$", ""):gsub("; %d+ requests? .*$", ""));
end

local remedies = {
	{ "refused", "start the game, or set skotos_host and skotos_port right (the game's portbase + 91): ss -ltn shows what listens there" };
	{ "no answer", "the game's host is down or a firewall drops the packets: let this host reach the port, nobody else" };
	{ "nreachable", "the game's host is down, or there is no way to it: ip route get ADDRESS" };
	{ "closed by", "what listens there is not the game, or a stunnel whose game is down: look at the log on the game's host" };
	{ "has expired", "make a new certificate on the game's host (packaging/game-host) and reload stunnel there; are the clocks right?" };
	{ "not valid before", "the clock here, or where the certificate was made, is off: timedatectl" };
	{ "verify_name", "skotos_tls.verify_name must be a name in the certificate: openssl x509 -in CERT -noout -ext subjectAltName" };
	{ "client's certificate", "skotos_tls.certificate and key must be those that packaging/game-host made for this host" };
	{ "our certificate", "skotos_tls.certificate must be of the authority that the game's stunnel knows (its CAfile)" };
	{ "speaks no TLS", "skotos_port must be stunnel's port, not the game's own; or take skotos_tls out" };
	{ "ca or pin_sha256", "skotos_tls.ca must be the authority that signed the game's certificate: openssl x509 -in CERT -noout -issuer" };
	{ "skotos_tls: ca", "skotos_tls.ca must be the authority that signed the game's certificate: openssl x509 -in CERT -noout -issuer" };
	{ "TLS", "compare skotos_tls with the stunnel on the game's host (packaging/game-host)" };
	{ "certificate", "compare skotos_tls with the stunnel on the game's host (packaging/game-host)" };
};

local function remedy_of(why)
	for _, pair in ipairs(remedies) do
		if why:find(pair[1], 1, true) then return pair[2]; end
	end
	return "see Prosody's log for what the link meets: grep skotos /var/log/prosody/prosody.log";
end

-- Tells how long the certificates of both sides are good; a peer's that has ended, or is another's, has ended the handshake already.
local function check_certificates(report, game, label, peer_until)
	local ends = { { "the game's certificate", peer_until, "make a new one on the game's host (packaging/game-host) and reload stunnel there" } };
	if game.tls.certificate then
		ends[2] = {
			"our certificate " .. game.tls.certificate, M.ends_at(game.tls.certificate);
			"make a new one (packaging/game-host), then: systemctl reload prosody";
		};
	end
	for _, item in ipairs(ends) do
		if item[2] then
			local days = (item[2] - os.time()) // 86400;
			if days < 0 then
				report:fail("certificate", ("%s: %s has ended on %s"):format(label, item[1], os.date("%F", item[2])), item[3]);
			elseif days < SOON then
				report:warn("certificate", ("%s: %s ends in %d days, on %s"):format(label, item[1], days, os.date("%F", item[2])), item[3]);
			else
				report:ok("certificate", ("%s: %s is good for %d days"):format(label, item[1], days));
			end
		end
	end
end

-- When the first certificate in the PEM file at `path` ends, in seconds since 1970; nil when it cannot be told.
function M.ends_at(path)
	local text = file.read(path);
	local pem = text and text:match("%-%-%-%-%-BEGIN CERTIFICATE%-%-%-%-%-.-%-%-%-%-%-END CERTIFICATE%-%-%-%-%-");
	local certificate = pem and ssl.loadcertificate(pem .. "\n");
	local month, day, hour, minute, second, year = (certificate and certificate:notafter() or ""):match("^(%a+)%s+(%d+) (%d+):(%d+):(%d+) (%d+)");
	local at = month and ("JanFebMarAprMayJunJulAugSepOctNovDec"):find(month, 1, true);
	if not at then return nil; end
	local now = os.time();
	local zone = os.difftime(now, os.time(os.date("!*t", now)));
	return os.time { year = year, month = (at + 2) // 3, day = day, hour = hour, min = minute, sec = second } + math.tointeger(zone);
end

local function try_game(report, bridge, game, ip, label)
	if bridge.address_scope(ip) == "public" and not game.allow_plaintext and not game.tls then
		report:fail("game", ("%s: %s is a public address, and the link is not encrypted"):format(label, ip),
			"skotos_tls = { … } with the stunnel of packaging/game-host; skotos_allow_plaintext = true only if the way there is safe");
		return;
	end
	local seen, stats = try(bridge, game, ip);
	if seen.greets then
		report:fail("game", ("%s at %s port %d: %s"):format(label, ip, game.port, GREETS), GREETS_MEND);
	elseif seen.retry or seen.down then
		local why = why_of(seen.retry or seen.down);
		report:fail("game", ("%s: nobody to talk to at %s port %d: %s"):format(label, ip, game.port, why), remedy_of(why));
	elseif seen.up then
		report:ok("game", ("%s: it answers at %s port %d (%s)"):format(label, ip, game.port, stats.transport));
		if game.tls then check_certificates(report, game, label, stats.certificate_until); end
	else
		report:fail("game", ("%s: no connection to %s port %d within %d s"):format(label, ip, game.port, CONNECT_WITHIN), remedy_of("no answer"));
	end
end

-- Whether the files of skotos_tls can be used: where not, what was in force before stays, and the next restart does not load the module.
function M.tls_files(report, bridge, host)
	for _, game in ipairs(host.options.games) do
		if game.tls then
			game.tls.host = game.host;
			local ok, err = bridge.tls(game.tls);
			if not ok then
				report:fail("certificate", ("%s: game %s: %s"):format(host.host, game.name, err),
					"set skotos_tls right: each file has to be there, in PEM, and Prosody's user has to be able to read it");
			end
		end
	end
end

-- A game whose link is up.
local function report_link(report, game, label, linked)
	if M.greets(linked) then
		report:fail("game", ("%s: the link to %s is up, but %s"):format(label, linked.address, GREETS), GREETS_MEND);
	else
		report:ok("game", ("%s: the link to %s is up (%s); %d requests so far"):format(label, linked.address, linked.transport, linked.requests));
	end
	if game.tls then check_certificates(report, game, label, linked.certificate_until); end
end

-- Games whose players would meet in one room though nobody meant them to: an unchanged game asks for one room, always the same.
local function check_shared_room(report, bridge, host)
	local ROOM, having = "jitsi_chat_default", {};
	for _, game in ipairs(host.options.games) do
		local issuer = not game.tenant and bridge.issuer(game.issuer);
		if issuer and bridge.covers(issuer, ROOM) then having[#having + 1] = game.name; end
	end
	if #having > 1 then
		report:warn("game", ("%s: the games %s share the room %s, for which every unchanged game asks"):format(host.host, table.concat(having, ", "), ROOM),
			("a tenant for all but one, skotos_games.%s.tenant = %q, and jitsi_host HOST/%s in its instance file; then: systemctl reload prosody")
				:format(having[#having], having[#having]:lower(), having[#having]:lower()));
	end
end

-- `live`: what the running Prosody told of this host, nil when it did not.
function M.run(report, bridge, host, live)
	if live and live.state and live.state ~= "ok" then
		report:warn("game", ("%s: this server takes no new rooms and leaves its games to other shards: it is %s%s"):format(host.host, live.state,
			live.state_reason and ": " .. live.state_reason or ""), "prosodyctl mod_skotos_bridge undrain");
		return;
	end
	check_shared_room(report, bridge, host);
	for _, game in ipairs(host.options.games) do
		local label = ("%s: game %s"):format(host.host, game.name);
		local linked;
		for _, told in ipairs(live and live.games or {}) do
			if told.name == game.name and told.state == "up" then linked = told; end
		end
		local addresses = addresses_of(report, bridge, game, label);
		if linked and linked.host == game.host and linked.port == game.port then
			report_link(report, game, label, linked);
		elseif addresses[1] then
			try_game(report, bridge, game, addresses[1], label);
		end
	end
end

return M;
