/*
 * ~DevSys/sys/avchat_merry.c: the Jitsi rooms for Merry, in which authors script: the script space "voice".
 *
 *     voice::mute($channel: "jitsi_chat_default", $body: $actor, $muted: 1);
 *
 * A person is a body that a player is in, $body. Each of these gives true when it was asked for, and nil when nobody is
 * in that body; what comes of it a moment later is in the game's log when it fails. README.md in this folder has the list.
 */

# include <type.h>
# include <System/log.h>

# define ROOMS		"/usr/DevSys/sys/avchat_rooms"
# define MERRY		"/usr/SkotOS/sys/merry"

static void create()
{
    MERRY->register_script_space("voice", this_object());
}

/* The user object of the player who is in the body; nil when there is none. Its name is the account's, and so the id. */
private object user_of(mapping args)
{
    object *souls;

    if (typeof(args["body"]) != T_OBJECT) {
	error("voice: $body is wanted, the body of somebody");
    }
    souls = args["body"]->query_souls();
    return sizeof(souls) ? souls[0] : nil;
}

private string text_of(mapping args, string name)
{
    if (typeof(args[name]) != T_STRING) {
	error("voice: $" + name + " is wanted, a string");
    }
    return args[name];
}

/* For avchat_rooms to call. */
void done(int success, string message, mapping reply, string what)
{
    if (!success) {
	SYSLOG(LOG_WARNING, "voice::" + what + ": " + message + "\n");
    }
}

void moved(int success, string message, mapping reply, string what, object user, string to)
{
    done(success, message, reply, what);
    if (success && user) {
	user->send_jitsi_message(to, reply["token"], -1);
    }
}

int query_method(string method)
{
    return sizeof(({ "mute", "kick", "set_moderator", "move", "say", "end" }) & ({ method })) != 0;
}

mixed call_method(string method, mapping args)
{
    string channel, id;
    object user;

    channel = text_of(args, "channel");
    if (method == "say") {
	ROOMS->say(channel, text_of(args, "text"), args["from"], nil, this_object(), "done", method);
	return TRUE;
    }
    if (method == "end") {
	ROOMS->end_room(channel, text_of(args, "reason"), this_object(), "done", method);
	return TRUE;
    }
    user = user_of(args);
    if (!user) {
	return nil;
    }
    id = user->query_name();
    switch (method) {
    case "mute":
	ROOMS->mute(channel, id, args["media"] ? text_of(args, "media") : "audio", !!args["muted"], this_object(), "done", method);
	break;
    case "kick":
	ROOMS->kick(channel, id, text_of(args, "reason"), args["seconds"] ? (int) args["seconds"] : 0, this_object(), "done", method);
	break;
    case "set_moderator":
	ROOMS->set_moderator(channel, id, !!args["moderator"], this_object(), "done", method);
	break;
    case "move":
	ROOMS->move(channel, id, text_of(args, "to"), this_object(), "moved", method, user, args["to"]);
	break;
    }
    return TRUE;
}
