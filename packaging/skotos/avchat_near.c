/*
 * ~DevSys/sys/avchat_near.c: near and far.
 *
 * Says to each player's page how loud the others are heard (packaging/skotos/web), from where everybody stands, what is
 * heard through the walls, and who whispers. The page gets it as SKOOT 81, beside SKOOT 80:
 *
 *     SKOOT 81 {"volumes":{"*":0,"ann":1,"bob":0.3}}
 *
 * Ids are those of the tokens: the names that avchat asked for. README.md in this folder tells how to put it in.
 */

# include <type.h>

inherit "/usr/DevSys/lib/avchat_json";

private mapping places;		/* id : the place where that person stands */
private mapping users;		/* id : the object whose raw_line() reaches the page */
private mapping walls;		/* place : ([ other place : how loud it is heard from there, 0.0 to 1.0 ]) */
private mapping whispers;	/* id : who alone hears that person, ids */
private mapping sent;		/* id : the last text that went to the page */
private int pending;		/* the call-out that tells all; 0: none */

static void create()
{
    places = ([ ]);
    users = ([ ]);
    walls = ([ ]);
    whispers = ([ ]);
    sent = ([ ]);
}

/* How loud `listener` hears `speaker`. */
private float level(string listener, string speaker)
{
    string *only;
    mapping through;

    only = whispers[speaker];
    if (only) {
	return sizeof(only & ({ listener })) != 0 ? 1.0 : 0.0;
    }
    if (places[listener] == places[speaker]) {
	return 1.0;
    }
    through = walls[places[listener]];
    return through && through[places[speaker]] ? through[places[speaker]] : 0.0;
}

/* Tells one page, if there is anything new. Who is not named is not heard. */
private void tell(string listener)
{
    int i;
    float loud;
    string *ids, text;

    ids = map_indices(places);
    text = "{\"volumes\":{\"*\":0";
    for (i = 0; i < sizeof(ids); i++) {
	loud = (ids[i] == listener) ? 0.0 : level(listener, ids[i]);
	if (loud > 0.0) {
	    text += "," + quoted(ids[i]) + ":" + (string) loud;
	}
    }
    text += "}}";
    /* While SkotOS asks the player something it ends no line by itself, and the page waits for its end. */
    if (users[listener] && sent[listener] != text) {
	sent[listener] = text;
	users[listener]->raw_line("SKOOT 81 " + text + "\n");
    }
}

/* Whatever has changed in this turn is told once. */
static void tell_all()
{
    int i;
    string *ids;

    pending = 0;
    ids = map_indices(users);
    for (i = 0; i < sizeof(ids); i++) {
	tell(ids[i]);
    }
}

private void changed()
{
    if (!pending) {
	pending = call_out("tell_all", 0);
    }
}

/* Somebody stands in `place` now, and `user` is the user object; place nil: that person has left the game. */
void stands(string id, string place, object user)
{
    places[id] = place;
    users[id] = place ? user : nil;
    if (!place) {
	whispers[id] = nil;
	sent[id] = nil;
    }
    changed();
}

/* The page has come anew, as after a login: it knows nothing of what was told before. */
void again(string id)
{
    sent[id] = nil;
    changed();
}

/* In `place` is heard, so loud, what is spoken in `other`: 0.3 through a wall, 0.0 no more. A wall has two sides. */
void wall(string place, string other, float loud)
{
    if (!walls[place]) {
	walls[place] = ([ ]);
    }
    walls[place][other] = loud > 0.0 ? loud : nil;
    changed();
}

/* Only those hear somebody who are in `to`, wherever they stand; nil: aloud again. */
void whisper(string id, string *to)
{
    whispers[id] = to;
    changed();
}
