-- Hands what was counted to Prosody's own statistics (core.statsmanager; mod_http_openmetrics shows them): C counts what a link does, the
-- Lua side what happens in rooms and logins; it is all read when Prosody collects ("stats-update"), nothing of it per request.

local M = {};

-- name, type, unit, what it tells, labels. A counter's name in OpenMetrics ends in _total.
local families = {
	{ "link_up", "gauge", "", "Whether the link to the game is up", { "game" } };
	{ "replies_waiting", "gauge", "", "Requests and replies that wait on the link", { "game" } };
	{ "certificate_until", "gauge", "seconds", "When the certificate of the game's host ends, in seconds since 1970", { "game" } };
	{ "connections", "counter", "", "Times that the link came up", { "game" } };
	{ "reconnects", "counter", "", "Times that the link came up again", { "game" } };
	{ "requests", "counter", "", "Requests of the game, by command and what came of them", { "game", "cmd", "outcome" } };
	{ "replies", "counter", "", "Replies that were sent", { "game" } };
	{ "replies_late", "counter", "", "Replies that were not sent since the game had given them up", { "game" } };
	{ "requests_lost", "counter", "", "Requests that could not be answered: the link was lost, or there was no room", { "game" } };
	{ "driver_errors", "counter", "", "Error texts that the game's driver wrote to the link", { "game" } };
	{ "events", "counter", "", "Events of rooms that were told to the game", { "game" } };
	{ "events_dropped", "counter", "", "Events of rooms that the game did not get", { "game" } };
	{ "received", "counter", "bytes", "Bytes from the game", { "game" } };
	{ "sent", "counter", "bytes", "Bytes to the game", { "game" } };
	{ "reply_time", "counter", "seconds", "Sum of the times from a request's arrival to its reply", { "game" } };
	{ "reply_time_bucket", "counter", "", "Replies that took at most le seconds", { "game", "le" } };
	{ "longest_step", "gauge", "seconds", "The longest that the link has held up Prosody", { "game" } };
	{ "listener_callers", "gauge", "", "Programs that are connected to the listener (skotos_listen)", {} };
	{ "listener_requests", "counter", "", "Requests to the listener, by what came of them", { "outcome" } };
	{ "listener_lost", "counter", "", "Callers of the listener that were sent away, or went without their replies", { "why" } };
	{ "logins", "counter", "", "Logins, by outcome of the token's check (ok, none, expired, signature, ...)", { "outcome" } };
	{ "joins", "counter", "", "Joins with a token, by what it gave", { "as" } };
	{ "entries_refused", "counter", "", "Joins that were refused, by reason", { "reason" } };
	{ "grants", "counter", "", "Persons who were made moderators, or unmade, by somebody in the room", { "what" } };
	{ "grants_refused", "counter", "", "Tries to make somebody owner or moderator who has no moderator's token", { "what" } };
};

local function set_link(metric, game, stats)
	metric.link_up:with_labels(game):set(stats.state == "up" and 1 or 0);
	metric.replies_waiting:with_labels(game):set(stats.queued);
	if stats.certificate_until then metric.certificate_until:with_labels(game):set(stats.certificate_until); end
	metric.connections:with_labels(game):set(stats.connects);
	metric.reconnects:with_labels(game):set(math.max(0, stats.connects - 1));
	metric.requests:with_labels(game, "jwt_token", "ok"):set(stats.tokens);
	for kind, count in pairs(stats.refused_by) do metric.requests:with_labels(game, "jwt_token", kind):set(count); end
	metric.replies:with_labels(game):set(stats.replies);
	metric.replies_late:with_labels(game):set(stats.late);
	metric.requests_lost:with_labels(game):set(stats.dropped);
	metric.driver_errors:with_labels(game):set(stats.driver_errors);
	metric.events:with_labels(game):set(stats.events or 0);
	metric.events_dropped:with_labels(game):set(stats.events_lost or 0);
	metric.received:with_labels(game):set(stats.bytes_in);
	metric.sent:with_labels(game):set(stats.bytes_out);
	metric.reply_time:with_labels(game):set(stats.latency.sum);
	metric.longest_step:with_labels(game):set(stats.longest_step);
	for _, bucket in ipairs(stats.latency.buckets) do
		metric.reply_time_bucket:with_labels(game, bucket.le and ("%.14g"):format(bucket.le) or "+Inf"):set(bucket.count);
	end
end

local function set_listener(metric, stats)
	metric.listener_callers:with_labels():set(stats.callers);
	metric.listener_requests:with_labels("ok"):set(stats.tokens);
	metric.listener_requests:with_labels("refused"):set(stats.refused);
	for _, why in ipairs { "turned_away", "slow", "cut", "dropped" } do metric.listener_lost:with_labels(why):set(stats[why]); end
end

-- Name of a family -> Prosody's metric of it.
local function made()
	local metric = {};
	for _, family in ipairs(families) do
		metric[family[1]] = module:metric(family[2], family[1], family[3], family[4], family[5]);
	end
	return metric;
end

-- Tells Prosody's statistics, whenever it collects, of this host: of `links()` (name of the game -> link:stats()), `listener()` (its stats,
-- nil when there is none), `counts` (name of a family with one label -> value of the label -> count) and `commands` (game -> cmd ->
-- outcome -> count).
function M.attach(links, listener, counts, commands)
	local metric; -- made when Prosody first collects: where it has no statistics it never does
	module:hook_global("stats-update", function ()
		metric = metric or made();
		for game, stats in pairs(links()) do set_link(metric, game, stats); end
		local listener_stats = listener();
		if listener_stats then set_listener(metric, listener_stats); end
		for name, by_label in pairs(counts) do
			for label, count in pairs(by_label) do metric[name]:with_labels(label):set(count); end
		end
		for game, by_command in pairs(commands) do
			for cmd, by_outcome in pairs(by_command) do
				for outcome, count in pairs(by_outcome) do metric.requests:with_labels(game, cmd, outcome):set(count); end
			end
		end
	end);
end

return M;
