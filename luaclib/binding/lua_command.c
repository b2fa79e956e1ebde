/* bridge.next_command, bridge.reply, bridge.push_event: commands as plain tables, and plain tables as replies. */
#include "binding.h"

#include "answering.h"
#include "command_reply.h"
#include "reply.h"
#include "request_parse.h"

#include <lauxlib.h>
#include <openssl/crypto.h>
#include <string.h>
#include <time.h>

/* Members that a reply, an event or an item of a list may have, in the order in which they are written. */
static const char *const members[] = {"channel", "to",       "occupant", "id",     "displayName", "moderator",
                                      "muted",   "joined",   "since",    "why",    "reason",      "version",
                                      "prosody", "received", "until",    "shards", "missing",     "occupants",
                                      "rooms",   "count",    NULL};
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
        if (!listed(members, name) && !listed(reserved, name)) {
            luaL_error(L, "%s is no member of a reply", name);
        }
        lua_pop(L, 1);
    }
}

static struct text text_at(lua_State *L, int index) {
    struct text text = {NULL, 0};
    if (lua_type(L, index) == LUA_TSTRING) {
        text.at = lua_tolstring(L, index, &text.len);
    }
    return text;
}

/* The field `name` of the table at `index`, which keeps its memory alive. */
static struct text field_text(lua_State *L, int index, const char *name) {
    lua_getfield(L, index, name);
    struct text text = text_at(L, -1);
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
        command_reply_word(reply, text_at(L, -1));
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
        struct text cursor = field_text(L, -1, key);
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
            command_reply_text(reply, *name, text_at(L, -1));
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

/* A checked command as { cmd=, channel=, … }: what was given and nothing else; `events` is left to C. */
static void push_command(lua_State *L, const struct request *request) {
    lua_newtable(L);
    lua_pushstring(L, command_name(request->command));
    lua_setfield(L, -2, "cmd");
    for (int i = 0; i < COMMAND_FIELD_COUNT; i++) {
        const struct command_value *value = &request->fields->values[i];
        if (!value->given) {
            continue;
        }
        switch (command_field_kind((enum command_field)i)) {
        case COMMAND_KIND_TEXT:
            lua_pushlstring(L, value->text.at, value->text.len);
            break;
        case COMMAND_KIND_BOOLEAN:
            lua_pushboolean(L, value->number != 0);
            break;
        case COMMAND_KIND_INTEGER:
            lua_pushinteger(L, value->number);
            break;
        case COMMAND_KIND_EVENTS:
            continue;
        }
        lua_setfield(L, -2, command_field_name((enum command_field)i));
    }
}

/* The token that the result's `grant` = { name=, id= } asks for, into `out`; 0 with `fault` set when there is none. */
static size_t make_token(lua_State *L, int result, const struct game *game, const struct request *request, int64_t now,
                         char out[TOKEN_MAX], struct fault *fault) {
    lua_getfield(L, result, "grant");
    struct request wish = {.command = -1,
                           .channel = request->fields->values[COMMAND_FIELD_TO].text,
                           .name = field_text(L, -1, "name"),
                           .id = field_text(L, -1, "id"),
                           .valid_for = request->fields->values[COMMAND_FIELD_VALID_FOR].number};
    lua_pop(L, 1);
    luaL_argcheck(L, wish.channel.at && wish.name.at, result, "grant: a name, and a command with \"to\", are wanted");
    return game_token(game, &wish, now, out, TOKEN_MAX, fault);
}

static size_t write_failure(const struct request *request, const char *why, int64_t now, size_t limit, char *out,
                            size_t room) {
    struct command_reply reply;
    command_reply_begin(&reply, out, room, limit, request->seq, false, (struct text){NULL, 0},
                        (struct text){why, strlen(why)}, now);
    return command_reply_len(&reply);
}

/* Writes the open reply to `request` that the table `result` tells of. Returns its length. */
static size_t write_result(lua_State *L, int result, const struct game *game, const struct request *request,
                           int64_t now, size_t limit, char out[ANSWER_OPEN_MAX]) {
    struct command_reply reply;
    struct fault fault;
    char token[TOKEN_MAX];
    size_t token_len = 0;
    luaL_checktype(L, result, LUA_TTABLE);
    lua_getfield(L, result, "success");
    bool success = lua_toboolean(L, -1);
    bool grant = lua_getfield(L, result, "grant") == LUA_TTABLE;
    lua_pop(L, 2);
    struct text message = field_text(L, result, "message");
    if (grant && (token_len = make_token(L, result, game, request, now, token, &fault)) == 0) {
        return write_failure(request, fault.text, now, limit, out, ANSWER_OPEN_MAX);
    }
    command_reply_begin(&reply, out, ANSWER_OPEN_MAX, limit, request->seq, success,
                        (struct text){grant ? token : NULL, token_len}, message.at ? message : (struct text){"OK", 2},
                        now);
    OPENSSL_cleanse(token, token_len);
    write_members(L, &reply, result, false);
    size_t len = command_reply_len(&reply);
    if (len == 0) {
        len = write_failure(request, "the answer does not fit a reply; a larger skotos_reply_size is wanted", now,
                            limit, out, ANSWER_OPEN_MAX);
    }
    return len;
}

/* bridge.next_command(link) -> ticket, { cmd=, channel=, id=, … }: the oldest command that nobody has taken; nil when
 * there is none. Every ticket is to be given to bridge.reply once, within 50 s. */
static int next_command(lua_State *L) {
    const struct pending_command *command = command_queue_take(&game_link_control(lua_link_at(L, 1))->commands);
    if (!command) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)command->ticket);
    push_command(L, &command->entry->request);
    return 2;
}

/* bridge.reply(link, ticket, { success=, message="OK", grant={ name=, id= } for a token, members… }) -> true; false
 * when it comes too late, for a second time, or after the connection of its command has ended. The game's next step
 * sends it. */
static int reply_command(lua_State *L) {
    char out[ANSWER_OPEN_MAX];
    struct game_link *link = lua_link_at(L, 1);
    struct control *control = game_link_control(link);
    uint64_t ticket = (uint64_t)luaL_checkinteger(L, 2);
    const struct pending_command *command = command_queue_find(&control->commands, ticket);
    if (!command) {
        lua_pushboolean(L, 0);
        return 1;
    }
    const struct request *request = &command->entry->request;
    int64_t now = (int64_t)time(NULL);
    lua_getfield(L, 3, "success");
    bool subscribes = request->command == COMMAND_SUBSCRIBE && lua_toboolean(L, -1);
    lua_pop(L, 1);
    size_t len = subscribes && !control_subscribe(control, request->fields)
                     ? write_failure(request, "channel: too many rooms have a subscription of their own", now,
                                     game_link_reply_size(link), out, sizeof out)
                     : write_result(L, 3, game_link_game(link), request, now, game_link_reply_size(link), out);
    lua_pushboolean(L, control_answer(control, ticket, out, len));
    OPENSSL_cleanse(out, len);
    return 1;
}

static size_t write_event(lua_State *L, int index, size_t limit, char out[ANSWER_OPEN_MAX]) {
    struct command_reply reply;
    struct text event = field_text(L, index, "event");
    luaL_argcheck(L, event.at, index, "an event without its name");
    command_reply_event(&reply, out, ANSWER_OPEN_MAX, limit, event.at);
    write_members(L, &reply, index, false);
    return command_reply_len(&reply);
}

/* bridge.push_event(link, { event=, channel=, members… }) -> true when it waits to be sent: asked for by this link's
 * game, of one of its rooms, and not lost for want of room. The game's next step sends it. */
static int push_event(lua_State *L) {
    char out[ANSWER_OPEN_MAX];
    struct game_link *link = lua_link_at(L, 1);
    struct control *control = game_link_control(link);
    struct text name = field_text(L, 2, "event"), channel = field_text(L, 2, "channel");
    luaL_argcheck(L, name.at && channel.at, 2, "an event with its channel is wanted");
    int event = room_event_find(name.at, name.len);
    luaL_argcheck(L, event >= 0, 2, "no such event");
    bool wanted = game_link_state(link) == GAME_LINK_UP &&
                  control_wants(control, &game_link_game(link)->policy, (enum room_event)event, channel);
    lua_pushboolean(L, wanted &&
                           event_queue_push(&control->events, out, write_event(L, 2, game_link_reply_size(link), out)));
    return 1;
}

/* bridge.covers(policy, channel) -> whether the policy's game may touch the room */
static int covers(lua_State *L) {
    const struct game *game = lua_policy_game(L, 1);
    luaL_checktype(L, 2, LUA_TSTRING);
    lua_pushboolean(L, policy_covers(&game->policy, text_at(L, 2)));
    return 1;
}

static const char request_type[] = "skotos_bridge.request";

static int request_gc(lua_State *L) {
    request_free(luaL_checkudata(L, 1, request_type));
    return 0;
}

/* A request that is freed also when Lua raises an error. */
static struct request *new_request(lua_State *L) {
    struct request *request = lua_newuserdatauv(L, sizeof *request, 0);
    *request = (struct request){.command = -1};
    if (luaL_newmetatable(L, request_type)) {
        lua_pushcfunction(L, request_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return request;
}

/* bridge.command(policy, request, result (table), size (bytes of the frame, 0: bare)) -> the command as next_command
 * gives it and the whole reply frame that `result` makes; or nil and why the request is refused. For the specs: no link
 * is needed. */
static int command_without_link(lua_State *L) {
    char out[ANSWER_OPEN_MAX + REPLY_CLOSE_MIN];
    struct fault fault;
    size_t len, size = (size_t)luaL_optinteger(L, 4, 0);
    const struct game *game = lua_policy_game(L, 1);
    const char *bytes = luaL_checklstring(L, 2, &len);
    luaL_argcheck(L, size <= ANSWER_OPEN_MAX, 4, "0 to 16384 is wanted");
    lua_settop(L, 4);
    struct request *request = new_request(L);
    if (!request_parse(request, &game->rules, bytes, len, &fault) ||
        (request->command >= 0 && !policy_allows_command(&game->policy, request->fields, &fault))) {
        return lua_push_fault(L, fault.text);
    }
    if (request->command < 0) {
        return lua_push_fault(L, "a token is wanted");
    }
    push_command(L, request);
    len = lua_istable(L, 3) ? write_result(L, 3, game, request, (int64_t)time(NULL), size, out) : 0;
    lua_pushlstring(L, out, len > 0 ? reply_close(out, len, sizeof out, size, REPLY_END_NUL) : 0);
    return 2;
}

/* bridge.event({ event=, … }, size) -> the whole frame. For the specs. */
static int event_without_link(lua_State *L) {
    char out[ANSWER_OPEN_MAX + REPLY_CLOSE_MIN];
    size_t size = (size_t)luaL_optinteger(L, 2, 0);
    luaL_argcheck(L, size <= ANSWER_OPEN_MAX, 2, "0 to 16384 is wanted");
    size_t len = write_event(L, 1, size, out);
    lua_pushlstring(L, out, len > 0 ? reply_close(out, len, sizeof out, size, REPLY_END_NUL) : 0);
    return 1;
}

static const luaL_Reg functions[] = {
    {"next_command", next_command},
    {"reply", reply_command},
    {"push_event", push_event},
    {"covers", covers},
    {"command", command_without_link},
    {"event", event_without_link},
    {NULL, NULL},
};

void lua_command_open(lua_State *L) { luaL_setfuncs(L, functions, 0); }
