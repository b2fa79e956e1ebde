#include "lua_members.h"

#include <lauxlib.h>
#include <string.h>

/* Members that a reply, an event or an item of a list may have, in the order in which they are written. */
static const char *const members[] = {
    "channel", "to",      "occupant", "id",       "displayName", "moderator", "muted",   "joined",    "since", "why",
    "reason",  "version", "prosody",  "received", "until",       "shards",    "missing", "occupants", "rooms", "count",
    "raised",  "media",   "by",       "actor",    "was",         "shown",     "waiting", NULL};
/* What an event may have beside them, written last. */
#define LAST_TEXT "text"
/* What a result has beside them. */
static const char *const reserved[] = {"success", "message", "grant", "event", NULL};

static bool listed(const char *const *names, const char *name) {
    while (*names && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

static void check_names(lua_State *L, int index) {
    lua_pushnil(L);
    while (lua_next(L, index)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "a number";
        if (!listed(members, name) && !listed(reserved, name) && strcmp(name, LAST_TEXT) != 0) {
            luaL_error(L, "%s is no member of a reply", name);
        }
        lua_pop(L, 1);
    }
}

struct text lua_text_at(lua_State *L, int index) {
    struct text text = {NULL, 0};
    if (lua_type(L, index) == LUA_TSTRING) {
        text.at = lua_tolstring(L, index, &text.len);
    }
    return text;
}

struct text lua_field_text(lua_State *L, int index, const char *name) {
    lua_getfield(L, index, name);
    struct text text = lua_text_at(L, -1);
    lua_pop(L, 1);
    return text;
}

/* The list on top of the stack, of strings only: each is written while it stands there, since Lua would make a new
 * string of a number, which nothing keeps. */
static void write_words(lua_State *L, struct command_reply *reply, const char *name) {
    lua_Integer count = luaL_len(L, -1);
    command_reply_words(reply, name);
    for (lua_Integer i = 1; i <= count && !reply->writer.full; i++) {
        if (lua_geti(L, -1, i) != LUA_TSTRING) {
            luaL_error(L, "%s: a list of strings is wanted", name);
        }
        command_reply_word(reply, lua_text_at(L, -1));
        lua_pop(L, 1);
    }
    command_reply_words_end(reply);
}

/* The number on top of the stack; a float counts when it is a whole number. */
static void write_number(lua_State *L, struct command_reply *reply, const char *name) {
    int whole;
    lua_Integer value = lua_tointegerx(L, -1, &whole);
    if (!whole) {
        luaL_error(L, "%s: a whole number is wanted", name);
    }
    command_reply_integer(reply, name, value);
}

static void write_members(lua_State *L, struct command_reply *reply, int index, bool nested);

/* The list on top of the stack; items are known by `key`, which the game gives back to ask on behind them. */
static void write_list(lua_State *L, struct command_reply *reply, const char *name, const char *key) {
    int list = lua_gettop(L);
    lua_Integer count = luaL_len(L, list);
    struct text last = {NULL, 0};
    command_reply_list(reply, name);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, list, i);
        luaL_checktype(L, -1, LUA_TTABLE);
        struct text cursor = lua_field_text(L, -1, key);
        luaL_argcheck(L, cursor.at, 1, "an item without its key");
        command_reply_item(reply);
        write_members(L, reply, lua_gettop(L), true);
        bool fits = command_reply_item_end(reply, cursor);
        lua_pop(L, 1);
        if (!fits) {
            break;
        }
        last = cursor;
    }
    command_reply_list_end(reply, last);
}

static void write_members(lua_State *L, struct command_reply *reply, int index, bool nested) {
    check_names(L, index);
    for (const char *const *name = members; *name; name++) {
        lua_getfield(L, index, *name);
        switch (lua_type(L, -1)) {
        case LUA_TNIL:
            break;
        case LUA_TSTRING:
            command_reply_text(reply, *name, lua_text_at(L, -1));
            break;
        case LUA_TBOOLEAN:
            command_reply_boolean(reply, *name, lua_toboolean(L, -1));
            break;
        case LUA_TNUMBER:
            write_number(L, reply, *name);
            break;
        case LUA_TTABLE:
            if (!nested && (strcmp(*name, "occupants") == 0 || strcmp(*name, "rooms") == 0)) {
                write_list(L, reply, *name, (*name)[0] == 'o' ? "occupant" : "channel");
            } else {
                write_words(L, reply, *name);
            }
            break;
        default:
            luaL_error(L, "%s: %s cannot be written", *name, luaL_typename(L, -1));
        }
        lua_pop(L, 1);
    }
}

void lua_write_members(lua_State *L, struct command_reply *reply, int index) { write_members(L, reply, index, false); }
