/* bridge.next_command, bridge.reply: commands as plain tables, and plain tables as replies. */
#include "binding.h"
#include "lua_members.h"

#include "command_reply.h"
#include "padded_reply.h"
#include "request_parse.h"
#include "responder.h"

#include <lauxlib.h>
#include <openssl/crypto.h>
#include <string.h>
#include <time.h>

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
static size_t make_token(lua_State *L, int result, const struct issuer *issuer, const struct request *request,
                         int64_t now, char out[TOKEN_MAX], struct fault *fault) {
    lua_getfield(L, result, "grant");
    struct request wish = {.command = -1,
                           .channel = request->fields->values[COMMAND_FIELD_TO].text,
                           .name = lua_field_text(L, -1, "name"),
                           .id = lua_field_text(L, -1, "id"),
                           .valid_for = request->fields->values[COMMAND_FIELD_VALID_FOR].number};
    lua_pop(L, 1);
    wish.account = wish.id.at && memchr(wish.id.at, '\\', wish.id.len) ? wish.id : wish.name;
    luaL_argcheck(L, wish.channel.at && wish.name.at, result, "grant: a name, and a command with \"to\", are wanted");
    return issuer_token(issuer, &wish, now, out, TOKEN_MAX, fault);
}

static size_t write_failure(const struct request *request, const char *why, int64_t now, size_t limit, char *out,
                            size_t room) {
    struct command_reply reply;
    command_reply_begin(&reply, out, room, limit, request->seq, false, (struct text){NULL, 0},
                        (struct text){why, strlen(why)}, now);
    return command_reply_len(&reply);
}

/* Writes the open reply to `request` that the table `result` tells of. Returns its length. */
static size_t write_result(lua_State *L, int result, const struct issuer *issuer, const struct request *request,
                           int64_t now, size_t limit, char out[REPLY_OPEN_MAX]) {
    struct command_reply reply;
    struct fault fault;
    char token[TOKEN_MAX];
    size_t token_len = 0;
    luaL_checktype(L, result, LUA_TTABLE);
    lua_getfield(L, result, "success");
    bool success = lua_toboolean(L, -1);
    bool grant = lua_getfield(L, result, "grant") == LUA_TTABLE;
    lua_pop(L, 2);
    struct text message = lua_field_text(L, result, "message");
    if (grant && (token_len = make_token(L, result, issuer, request, now, token, &fault)) == 0) {
        return write_failure(request, fault.text, now, limit, out, REPLY_OPEN_MAX);
    }
    command_reply_begin(&reply, out, REPLY_OPEN_MAX, limit, request->seq, success,
                        (struct text){grant ? token : NULL, token_len}, message.at ? message : (struct text){"OK", 2},
                        now);
    OPENSSL_cleanse(token, token_len);
    lua_write_members(L, &reply, result);
    size_t len = command_reply_len(&reply);
    if (len == 0) {
        len = write_failure(request, "the answer does not fit a reply; a larger skotos_reply_size is wanted", now,
                            limit, out, REPLY_OPEN_MAX);
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
    char out[REPLY_OPEN_MAX];
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
                     : write_result(L, 3, game_link_issuer(link), request, now, game_link_reply_size(link), out);
    lua_pushboolean(L, control_reply(control, ticket, out, len));
    OPENSSL_cleanse(out, len);
    return 1;
}

/* bridge.covers(issuer, channel) -> whether the issuer's game may touch the room */
static int covers(lua_State *L) {
    const struct issuer *issuer = lua_issuer_at(L, 1);
    luaL_checktype(L, 2, LUA_TSTRING);
    lua_pushboolean(L, policy_covers(&issuer->policy, lua_text_at(L, 2)));
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

/* bridge.command(issuer, request, result (table), size (bytes of the frame, 0: bare)) -> the command as next_command
 * gives it and the whole reply frame that `result` makes; or nil and why the request is refused. For the specs: no link
 * is needed. */
static int command_without_link(lua_State *L) {
    char out[REPLY_OPEN_MAX + REPLY_CLOSE_MIN];
    struct fault fault;
    size_t len, size = (size_t)luaL_optinteger(L, 4, 0);
    const struct issuer *issuer = lua_issuer_at(L, 1);
    const char *bytes = luaL_checklstring(L, 2, &len);
    luaL_argcheck(L, size <= REPLY_OPEN_MAX, 4, "0 to 16384 is wanted");
    lua_settop(L, 4);
    struct request *request = new_request(L);
    if (!request_parse(request, &issuer->rules, bytes, len, &fault) ||
        (request->command >= 0 && !policy_allows_command(&issuer->policy, request->fields, &fault))) {
        return lua_push_fault(L, fault.text);
    }
    if (request->command < 0) {
        return lua_push_fault(L, "a token is wanted");
    }
    push_command(L, request);
    len = lua_istable(L, 3) ? write_result(L, 3, issuer, request, (int64_t)time(NULL), size, out) : 0;
    lua_pushlstring(L, out, len > 0 ? reply_close(out, len, sizeof out, size, REPLY_END_NUL) : 0);
    return 2;
}

/* bridge.read_command(JSON) -> the command as next_command gives it, or nil and why it is none: for one that comes from
 * another server. */
static int read_command(lua_State *L) {
    static const struct request_rules rules = {.commands = (1U << COMMAND_COUNT) - 1, .listener = true};
    struct fault fault;
    size_t len;
    const char *bytes = luaL_checklstring(L, 1, &len);
    struct request *request = new_request(L);
    if (!request_parse(request, &rules, bytes, len, &fault)) {
        return lua_push_fault(L, fault.text);
    }
    if (request->command < 0) {
        return lua_push_fault(L, "cmd: a command's name is wanted");
    }
    push_command(L, request);
    return 1;
}

/* bridge.check_members(table): an error when no reply or event may hold it */
static int check_members(lua_State *L) {
    char out[REPLY_OPEN_MAX];
    struct command_reply reply;
    luaL_checktype(L, 1, LUA_TTABLE);
    command_reply_event(&reply, out, sizeof out, 0, "");
    lua_write_members(L, &reply, 1);
    return 0;
}

static const luaL_Reg functions[] = {
    {"next_command", next_command},
    {"read_command", read_command},
    {"check_members", check_members},
    {"reply", reply_command},
    {"covers", covers},
    {"command", command_without_link},
    {NULL, NULL},
};

/* Also bridge.commands, the names of all commands. */
void lua_command_open(lua_State *L) {
    luaL_setfuncs(L, functions, 0);
    lua_createtable(L, COMMAND_COUNT, 0);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        lua_pushstring(L, command_name(i));
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "commands");
}
