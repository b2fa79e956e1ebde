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

inherit "/usr/DevSys/lib/avchat_json";

# define AVCHAT		"/usr/DevSys/sys/avchat"
# define WAIT		60	/* seconds, as avchat itself waits */
# define LONGEST	65536	/* bytes of a frame; more is no answer of the bridge */

private string buffer;		/* the beginning of a frame that has not ended */
private mapping waiting;	/* number : ({ who, func, args, collected, members }) */
private mapping listeners;	/* object : function that hears of events */
private mapping wanted;		/* room, or "*" : ({ events, who, func, args }), for after a reconnection */

static void create()
{
    buffer = "";
    waiting = ([ ]);
    listeners = ([ ]);
    wanted = ([ ]);
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

/* Subscribes again to what was subscribed to. */
static void renew()
{
    int i;
    string *channels;

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

/* The bridge has connected, for avchat to call: nothing of an earlier connection is answered any more. avchat_port counts
   the connection only after this, and drops until then what is sent. */
void connected()
{
    if (previous_program() == AVCHAT) {
	buffer = "";
	call_out("renew", 0);
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

/* Lets in whoever waits in the room's lobby. */
void admit(string channel, string id, object who, string func, mixed args...)
{
    command("admit", ([ "channel" : channel, "id" : id ]), who, func, args);
}

/* Turns away whoever waits there, for `seconds` (0: who may knock again), with a reason. */
void deny(string channel, string id, string reason, int seconds, object who, string func, mixed args...)
{
    command("deny", ([ "channel" : channel, "id" : id, "reason" : reason, "banFor" : seconds ]), who, func, args);
}

/* Turns somebody's "audio", "video" or "desktop" (the shared screen) off and keeps it off; flag 0 lets that person turn it
 * on again. */
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


/* The account's name, as the game has it, that is behind an `id` of the bridge: there what is not UTF-8 is spelled out. */
string account_of(string id)
{
    string out, before, hex;

    out = "";
    while (sscanf(id, "%s\\x%s", before, hex) == 2 && strlen(hex) >= 2) {
	out += before + byte_of(hex[.. 1]);
	id = hex[2 ..];
    }
    return out + id;
}


/*** Events ***/

private void send_subscription(string channel)
{
    mixed *entry;
    mapping members;

    entry = wanted[channel];
    members = ([ "events" : entry[0] ]);
    if (channel != "*") {
	members["channel"] = channel;
    }
    command("subscribe", members, entry[1], entry[2], entry[3]);
}

/* From now on has the bridge tell of `events` ("joined", "left", "moderator", "room_opened", "room_closed", "said",
   "hand", "muted", "speaking", "renamed", "knocking": mod_skotos_bridge/README.md says what each has) of one room, or of
   all ("*"); ({ }) ends it. Goes on after a reconnection, and `func` is called then too. Every listener hears of them. */
void subscribe(string channel, string *events, object who, string func, mixed args...)
{
    if (channel == "*") {
	wanted = ([ ]);
    }
    wanted[channel] = ({ events, who, func, args });
    send_subscription(channel);
}

/* Has call_other(who, func, name of the event, event as a mapping) tell `who`; func nil: no more. */
void listen(object who, string func)
{
    listeners[who] = func;
}
