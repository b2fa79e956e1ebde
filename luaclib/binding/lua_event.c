/* bridge.push_event, bridge.wants_event: what happens in the rooms, as plain tables. */
#include "binding.h"
#include "lua_members.h"

#include "padded_reply.h"
#include "responder.h"

#include <lauxlib.h>

static size_t write_event(lua_State *L, int index, size_t limit, char out[REPLY_OPEN_MAX]) {
    struct command_reply reply;
    struct text event = lua_field_text(L, index, "event");
    luaL_argcheck(L, event.at, index, "an event without its name");
    command_reply_event(&reply, out, REPLY_OPEN_MAX, limit, event.at);
    lua_write_members(L, &reply, index);
    struct text text = lua_field_text(L, index, "text");
    if (text.at) {
        command_reply_last_text(&reply, "text", text);
    }
    return command_reply_len(&reply);
}

/* The event called as the string at `index`; a Lua error when there is none. */
static enum room_event event_at(lua_State *L, int index) {
    size_t len;
    const char *name = luaL_checklstring(L, index, &len);
    int event = room_event_find(name, len);
    luaL_argcheck(L, event >= 0, index, "no such event");
    return (enum room_event)event;
}

/* bridge.wants_event(link, event[, channel]) -> whether the link's game has asked to be told of this event of the room,
 * or of any room */
static int wants_event(lua_State *L) {
    struct game_link *link = lua_link_at(L, 1);
    struct control *control = game_link_control(link);
    enum room_event event = event_at(L, 2);
    bool wanted = game_link_state(link) == GAME_LINK_UP;
    if (lua_isnoneornil(L, 3)) {
        wanted = wanted && subscription_wants_any(&control->subscription, event);
    } else {
        luaL_checktype(L, 3, LUA_TSTRING);
        wanted = wanted && control_wants(control, &game_link_issuer(link)->policy, event, lua_text_at(L, 3));
    }
    lua_pushboolean(L, wanted);
    return 1;
}

/* bridge.push_event(link, { event=, channel=, members… }) -> true when it waits to be sent: asked for by this link's
 * game, of one of its rooms, and not lost for want of room. The game's next step sends it. */
static int push_event(lua_State *L) {
    char out[REPLY_OPEN_MAX];
    struct game_link *link = lua_link_at(L, 1);
    struct control *control = game_link_control(link);
    struct text name = lua_field_text(L, 2, "event"), channel = lua_field_text(L, 2, "channel");
    luaL_argcheck(L, name.at && channel.at, 2, "an event with its channel is wanted");
    int event = room_event_find(name.at, name.len);
    luaL_argcheck(L, event >= 0, 2, "no such event");
    bool wanted = game_link_state(link) == GAME_LINK_UP &&
                  control_wants(control, &game_link_issuer(link)->policy, (enum room_event)event, channel);
    lua_pushboolean(L, wanted &&
                           event_queue_push(&control->events, out, write_event(L, 2, game_link_reply_size(link), out)));
    return 1;
}

/* bridge.event({ event=, … }, size) -> the whole frame. For the specs. */
static int event_without_link(lua_State *L) {
    char out[REPLY_OPEN_MAX + REPLY_CLOSE_MIN];
    size_t size = (size_t)luaL_optinteger(L, 2, 0);
    luaL_argcheck(L, size <= REPLY_OPEN_MAX, 2, "0 to 16384 is wanted");
    size_t len = write_event(L, 1, size, out);
    lua_pushlstring(L, out, len > 0 ? reply_close(out, len, sizeof out, size, REPLY_END_NUL) : 0);
    return 1;
}

static const luaL_Reg functions[] = {
    {"wants_event", wants_event},
    {"push_event", push_event},
    {"event", event_without_link},
    {NULL, NULL},
};

/* Also bridge.events, the names of all events. */
void lua_event_open(lua_State *L) {
    luaL_setfuncs(L, functions, 0);
    lua_createtable(L, ROOM_EVENT_COUNT, 0);
    for (int i = 0; i < ROOM_EVENT_COUNT; i++) {
        lua_pushstring(L, room_event_name((enum room_event)i));
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "events");
}
