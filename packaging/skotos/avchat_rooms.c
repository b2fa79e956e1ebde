/*
 * ~DevSys/sys/avchat_rooms.c: the game runs its Jitsi rooms.
 *
 * Stands beside ~DevSys/sys/avchat.c, shares its connection and its count of requests (the bridge wants numbers that only
 * grow), and asks mod_skotos_bridge for more than tokens. README.md in this folder tells how to put it in, and what for.
 *
 * Each function below gives one command. The answer comes later, by
 *
 *     call_other(who, func, success, message, reply, args...)
 *
 * success: 1 or 0; message: "OK", or why not, for people to read; reply: the whole answer as a mapping, nil when none
 * came within 60 seconds. Rooms are called as avchat calls them. A person is an "id" (what the token says: the request's
 * "id", else the name it was asked for).
 */

# include <type.h>

# define AVCHAT		"/usr/DevSys/sys/avchat"
# define WAIT		60	/* seconds, as avchat itself waits */
# define LONGEST	65536	/* bytes of a frame; more is no answer of the bridge */

private string buffer;		/* the beginning of a frame that has not ended */
private mapping waiting;	/* number : ({ who, func, args, collected, members }) */
private mapping listeners;	/* object : function that hears of events */
private mapping wanted;		/* room, or "*" : events subscribed to, for after a reconnection */

private string json(mixed value);

static void create()
{
    buffer = "";
    waiting = ([ ]);
    listeners = ([ ]);
    wanted = ([ ]);
}


/*** JSON, written ***/

/* One character as a string. */
private string character(int code)
{
    string str;

    str = " ";
    str[0] = code;
    return str;
}

/* Text as a JSON string: quotes, backslashes and control characters escaped, all other bytes as they are. */
private string quoted(string text)
{
    int i, len, from, code;
    string out, hex;

    hex = "0123456789abcdef";
    out = "\"";
    for (i = 0, len = strlen(text); i < len; i++) {
	code = text[i];
	if (code < 32 || code == '"' || code == '\\') {
	    if (i > from) {
		out += text[from .. i - 1];
	    }
	    out += (code < 32) ?
		    "\\u00" + character(hex[code / 16]) + character(hex[code % 16]) :
		    "\\" + character(code);
	    from = i + 1;
	}
    }
    if (from < len) {
	out += text[from ..];
    }
    return out + "\"";
}

private string json_list(mixed *list)
{
    int i;
    string *parts;

    parts = allocate(sizeof(list));
    for (i = 0; i < sizeof(list); i++) {
	parts[i] = json(list[i]);
    }
    return "[" + implode(parts, ",") + "]";
}

private string json(mixed value)
{
    switch (typeof(value)) {
    case T_STRING:
	return quoted(value);
    case T_INT:
	return (string) value;
    case T_ARRAY:
	return json_list(value);
    }
    error("Only strings, numbers and arrays can be sent");
}


/*** JSON, read ***/

/* A value's text is ({ text, place }); each reader moves the place behind what it has read. */

private mixed read_value(mixed *in);

private int look(mixed *in)
{
    string text;
    int at;

    text = in[0];
    at = in[1];
    while (at < strlen(text) && (text[at] == ' ' || text[at] == '\n')) {
	at++;
    }
    in[1] = at;
    if (at == strlen(text)) {
	error("JSON ends early");
    }
    return text[at];
}

private void expect(mixed *in, int code)
{
    if (look(in) != code) {
	error("JSON has an unexpected character at " + in[1]);
    }
    in[1]++;
}

private int hex_digits(string text)
{
    int i, code, value;

    for (i = 0; i < strlen(text); i++) {
	code = text[i];
	value = value * 16 + ((code <= '9') ? code - '0' : (code | 32) - 'a' + 10);
    }
    return value;
}

/* A code point below 65536 in UTF-8. */
private string utf8(int code)
{
    if (code < 128) {
	return character(code);
    }
    if (code < 2048) {
	return character(192 | code / 64) + character(128 | code % 64);
    }
    return character(224 | code / 4096) + character(128 | code / 64 % 64) + character(128 | code % 64);
}

private string read_string(mixed *in)
{
    string text, out;
    int at, from, code;

    expect(in, '"');
    text = in[0];
    at = from = in[1];
    out = "";
    while ((code=text[at]) != '"') {
	if (code == '\\') {
	    if (at > from) {
		out += text[from .. at - 1];
	    }
	    code = text[at + 1];
	    if (code == 'u') {
		out += utf8(hex_digits(text[at + 2 .. at + 5]));
		at += 4;
	    } else {
		switch (code) {
		case 'n': code = '\n'; break;
		case 't': code = '\t'; break;
		case 'r': code = '\r'; break;
		case 'b': code = '\b'; break;
		case 'f': code = 12; break;
		}
		out += character(code);
	    }
	    from = at + 2;
	    at++;
	}
	at++;
    }
    if (at > from) {
	out += text[from .. at - 1];
    }
    in[1] = at + 1;
    return out;
}

private mapping read_object(mixed *in)
{
    mapping map;
    string name;

    map = ([ ]);
    expect(in, '{');
    while (look(in) != '}') {
	name = read_string(in);
	expect(in, ':');
	map[name] = read_value(in);
	if (look(in) == ',') {
	    in[1]++;
	}
    }
    in[1]++;
    return map;
}

private mixed *read_list(mixed *in)
{
    mixed *list;

    list = ({ });
    expect(in, '[');
    while (look(in) != ']') {
	list += ({ read_value(in) });
	if (look(in) == ',') {
	    in[1]++;
	}
    }
    in[1]++;
    return list;
}

private mixed read_word(mixed *in)
{
    string text;
    int at, value;

    text = in[0];
    at = in[1];
    if (sscanf(text[at ..], "%d%*s", value) != 0) {
	while (at < strlen(text) && (text[at] == '-' || (text[at] >= '0' && text[at] <= '9'))) {
	    at++;
	}
	in[1] = at;
	return value;
    }
    while (at < strlen(text) && text[at] >= 'a' && text[at] <= 'z') {
	at++;
    }
    if (at == in[1]) {
	error("JSON has an unexpected character at " + at);
    }
    text = text[in[1] .. at - 1];
    in[1] = at;
    return (text == "true") ? TRUE : (text == "null") ? nil : FALSE;
}

private mixed read_value(mixed *in)
{
    switch (look(in)) {
    case '{': return read_object(in);
    case '[': return read_list(in);
    case '"': return read_string(in);
    }
    return read_word(in);
}

/* A frame as a mapping; nil when it is none. */
private mapping parse(string frame)
{
    string head;
    mapping map;

    /* The filling need not be looked at; no text inside can look like it, since its quotes are escaped. */
    if (sscanf(frame, "%s,\"pad\":\"", head) != 0) {
	frame = head + "}";
    }
    catch {
	map = read_object(({ frame, 0 }));
    } : return nil;
    return map;
}


/*** The connection ***/

/* Sends a command for whoever waits: ({ who, func, args, collected, members }). */
private void send(mixed *entry)
{
    int number, i;
    string *names, text;
    mapping members;

    number = AVCHAT->take_number();
    members = entry[4];
    names = map_indices(members);
    text = "{\"cmd\":" + quoted(members["cmd"]);
    for (i = 0; i < sizeof(names); i++) {
	if (names[i] != "cmd") {
	    text += "," + quoted(names[i]) + ":" +
		    ((names[i] == "moderator" || names[i] == "muted") ?
		     (members[names[i]] ? "true" : "false") : json(members[names[i]]));
	}
    }
    waiting[number] = entry;
    call_out("give_up", WAIT, number);
    AVCHAT->send_frame(text + ",\"seq\":" + number + "}" + character(0));
}

private void answer(mixed *entry, int success, string message, mapping reply)
{
    mixed *args;

    if (entry[0]) {
	args = entry[2];
	catch {
	    call_other(entry[0], entry[1], success, message, reply, args...);
	}
    }
}

static void give_up(int number)
{
    mixed *entry;

    entry = waiting[number];
    if (entry) {
	waiting[number] = nil;
	answer(entry, FALSE, "TIMEOUT", nil);
    }
}

/* A list that did not fit one frame is asked on for; all of it is told at once. */
private void got_reply(int number, mapping reply)
{
    mixed *entry;
    string list;

    entry = waiting[number];
    waiting[number] = nil;
    list = (entry[4]["cmd"] == "rooms") ? "rooms" : "occupants";
    if (reply["success"] && typeof(reply[list]) == T_ARRAY) {
	reply[list] = entry[3] + reply[list];
	if (reply["more"]) {
	    entry[3] = reply[list];
	    entry[4]["cursor"] = reply["cursor"];
	    send(entry);
	    return;
	}
    }
    answer(entry, reply["success"], reply["message"], reply);
}

private void got_event(mapping event)
{
    object *who;
    int i;

    who = map_indices(listeners);
    for (i = 0; i < sizeof(who); i++) {
	catch {
	    call_other(who[i], listeners[who[i]], event["event"], event);
	}
    }
}

/* One whole frame. What is not for this object goes back to avchat. */
private void receive_frame(string frame)
{
    int number;
    mapping map;

    if (sscanf(frame, "{\"event\":%*s") != 0) {
	map = parse(frame);
	if (map) {
	    got_event(map);
	}
    } else if (sscanf(frame, "%*s\"seq\":%d", number) == 2 && waiting[number]) {
	map = parse(frame);
	if (map) {
	    got_reply(number, map);
	}
    } else {
	AVCHAT->receive_frame(frame);
    }
}

/* What one read of the connection has brought: parts of frames, or several of them. For avchat to call. */
void receive(string bytes)
{
    string frame, nul;

    if (previous_program() == AVCHAT) {
	nul = character(0);
	buffer += bytes;
	while (sscanf(buffer, "%s" + nul + "%s", frame, buffer) != 0) {
	    receive_frame(frame);
	}
	if (strlen(buffer) > LONGEST) {
	    buffer = "";
	}
    }
}

private void send_subscription(string channel);

/* The bridge has connected, for avchat to call: nothing of an earlier connection is answered any more, and what was
   subscribed to is subscribed to again. */
void connected()
{
    if (previous_program() == AVCHAT) {
	int i;
	string *channels;

	buffer = "";
	channels = map_indices(wanted);
	if (wanted["*"]) {
	    send_subscription("*"); /* first: it goes for all rooms and forgets single ones */
	}
	for (i = 0; i < sizeof(channels); i++) {
	    if (channels[i] != "*") {
		send_subscription(channels[i]);
	    }
	}
    }
}


/*** The commands ***/

private void command(string cmd, mapping members, object who, string func, mixed *args)
{
    members["cmd"] = cmd;
    send(({ who, func, args, ({ }), members }));
}

/* Makes somebody a moderator of the room until it ends, or takes it away (flag 0). */
void set_moderator(string channel, string id, int flag, object who, string func, mixed args...)
{
    command("set_moderator", ([ "channel" : channel, "id" : id, "moderator" : flag ]), who, func, args);
}

/* Puts somebody out, for `seconds` (0: who may come back at once), with a reason that everybody reads. */
void kick(string channel, string id, string reason, int seconds, object who, string func, mixed args...)
{
    command("kick", ([ "channel" : channel, "id" : id, "reason" : reason, "banFor" : seconds ]), who, func, args);
}

/* Turns somebody's "audio" or "video" off and keeps it off; flag 0 lets that person turn it on again. */
void mute(string channel, string id, string media, int flag, object who, string func, mixed args...)
{
    command("mute", ([ "channel" : channel, "id" : id, "media" : media, "muted" : flag ]), who, func, args);
}

/* Asks for a token with which somebody can go from one room to another: reply["token"]. */
void move(string channel, string id, string to, object who, string func, mixed args...)
{
    command("move", ([ "channel" : channel, "id" : id, "to" : to ]), who, func, args);
}

/* Speaks in the room's chat as `from` (nil: the game's name), to everybody or to one (id nil: everybody). */
void say(string channel, string text, string from, string id, object who, string func, mixed args...)
{
    mapping members;

    members = ([ "channel" : channel, "text" : text ]);
    if (from) {
	members["from"] = from;
    }
    if (id) {
	members["id"] = id;
    }
    command("say", members, who, func, args);
}

/* Who is there: reply["occupants"], an array of mappings, however long. */
void occupants(string channel, object who, string func, mixed args...)
{
    command("occupants", ([ "channel" : channel ]), who, func, args);
}

/* Which of the game's rooms are open: reply["rooms"]. */
void rooms(object who, string func, mixed args...)
{
    command("rooms", ([ ]), who, func, args);
}

/* Closes the room; everybody reads the reason. */
void end_room(string channel, string reason, object who, string func, mixed args...)
{
    command("end", ([ "channel" : channel, "reason" : reason ]), who, func, args);
}

/* Is the bridge there? reply["version"]. */
void ping(object who, string func, mixed args...)
{
    command("ping", ([ ]), who, func, args);
}


/*** Events ***/

static void subscribed(int success, string message, mapping reply, string channel)
{
}

private void send_subscription(string channel)
{
    mapping members;

    members = ([ "events" : wanted[channel] ]);
    if (channel != "*") {
	members["channel"] = channel;
    }
    command("subscribe", members, this_object(), "subscribed", ({ channel }));
}

/* From now on has the bridge tell of `events` ("joined", "left", "moderator", "room_opened", "room_closed") of one room,
   or of all ("*"); ({ }) ends it. Goes on after a reconnection. Every listener hears of them. */
void subscribe(string channel, string *events)
{
    if (channel == "*") {
	wanted = ([ ]);
    }
    wanted[channel] = events;
    send_subscription(channel);
}

/* Has call_other(who, func, name of the event, event as a mapping) tell `who`; func nil: no more. */
void listen(object who, string func)
{
    listeners[who] = func;
}
