/* The core's parts for the specs and the bench: bytes in, bytes out, without a socket. */
#include "probes.h"

#include "binding.h"
#include "frame.h"
#include "game_link.h"
#include "request_scan.h"
#include "responder.h"
#include "whole.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* probes.answer_all(policy, requests (each ends in NUL), now (seconds), size (bytes of each reply's frame, 0: bare)) ->
 * all reply frames, one behind the other, in the order of their requests: what one read brings, in one call, as a link
 * has it. What stands behind the last NUL is not looked at. */
static int answer_all(lua_State *L) {
    size_t len;
    const struct issuer *issuer = lua_issuer_at(L, 1);
    const char *at = luaL_checklstring(L, 2, &len), *end = at + len, *nul;
    int64_t now = lua_isnoneornil(L, 3) ? (int64_t)time(NULL) : luaL_checkinteger(L, 3);
    lua_Integer size = luaL_optinteger(L, 4, 0);
    luaL_argcheck(L, size >= 0 && size <= GAME_LINK_REPLY_SIZE_MAX, 4, "0 to 65536 is wanted");
    const size_t room = size > REPLY_OPEN_MAX ? (size_t)size : REPLY_OPEN_MAX;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    while (at < end && (nul = memchr(at, '\0', (size_t)(end - at))) != NULL) {
        char *out = luaL_prepbuffsize(&b, room);
        luaL_addsize(&b, issuer_reply_frame(issuer, at, (size_t)(nul - at), now, (size_t)size, out, room));
        at = nul + 1;
    }
    luaL_pushresult(&b);
    return 1;
}

/* The reader's memory is freed also when Lua raises an error in between. */
static const char reader_type[] = "skotos_probes.frame_reader";

static int reader_gc(lua_State *L) {
    frame_reader_free(luaL_checkudata(L, 1, reader_type));
    return 0;
}

/* probes.frames(pieces (list of strings), max_frame, first (true: NUL or newline)) -> list of { bytes,
 * "whole"|"too-long" }, bytes of the rest, bytes of room that it has taken */
static int frames(lua_State *L) {
    const char *frame;
    size_t len;
    lua_Integer found = 0;
    enum frame_status status;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer max_frame = luaL_checkinteger(L, 2);
    enum frame_end ending = lua_toboolean(L, 3) ? FRAME_END_FIRST : FRAME_END_NUL;
    struct frame_reader *reader = lua_newuserdatauv(L, sizeof *reader, 0);
    frame_reader_init(reader, ending, (size_t)max_frame);
    luaL_setmetatable(L, reader_type);
    lua_newtable(L);
    lua_Integer count = luaL_len(L, 1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 1, i);
        const char *piece = luaL_checklstring(L, -1, &len);
        char *room = frame_reader_room(reader, len);
        if (!room) {
            return luaL_error(L, "no memory");
        }
        memcpy(room, piece, len);
        frame_reader_filled(reader, len);
        lua_pop(L, 1);
        while ((status = frame_reader_next(reader, &frame, &len)) != FRAME_NONE) {
            lua_createtable(L, 2, 0);
            lua_pushlstring(L, frame, len);
            lua_seti(L, -2, 1);
            lua_pushstring(L, status == FRAME_WHOLE ? "whole" : "too-long");
            lua_seti(L, -2, 2);
            lua_seti(L, -2, ++found);
        }
    }
    lua_pushinteger(L, (lua_Integer)frame_reader_partial(reader));
    lua_pushinteger(L, (lua_Integer)reader->capacity);
    return 3;
}

/* A copy of the string at `index`, behind which nothing stands: sanitizers see who looks there. The caller frees it. */
static char *copy_alone(lua_State *L, int index, size_t *len) {
    const char *bytes = luaL_checklstring(L, index, len);
    char *copy = malloc(*len > 0 ? *len : 1);
    if (!copy) {
        luaL_error(L, "no memory");
    } else {
        memcpy(copy, bytes, *len);
    }
    return copy;
}

/* probes.driver_text(frame) -> bytes of it that are the driver's own text */
static int driver_text(lua_State *L) {
    size_t len;
    char *frame = copy_alone(L, 1, &len);
    lua_pushinteger(L, (lua_Integer)frame_driver_text(frame, len));
    free(frame);
    return 1;
}

/* probes.scan(frame) -> name, channel, valid_for, seq, as request_scan reads it; nil when it does not */
static int scan(lua_State *L) {
    size_t len;
    struct request request;
    char *bytes = copy_alone(L, 1, &len);
    bool read = request_scan(&request, bytes, len);
    if (read) {
        lua_pushlstring(L, request.name.at, request.name.len);
        lua_pushlstring(L, request.channel.at, request.channel.len);
        lua_pushinteger(L, request.valid_for);
        lua_pushinteger(L, request.numbered ? request.seq : -1);
    }
    free(bytes);
    return read ? 4 : 0;
}

static struct arrival *read_arrivals(lua_State *L, int list, size_t count) {
    struct arrival *arrivals = lua_newuserdatauv(L, (count + 1) * sizeof *arrivals, 0);
    for (size_t i = 0; i < count; i++) {
        lua_geti(L, list, (lua_Integer)i + 1);
        lua_geti(L, -1, 1);
        lua_geti(L, -2, 2);
        arrivals[i] = (struct arrival){.next = i + 1 < count ? &arrivals[i + 1] : NULL,
                                       .numbered = lua_isinteger(L, -2),
                                       .seq = lua_tointeger(L, -2),
                                       .command = lua_toboolean(L, -1)};
        lua_pop(L, 3);
    }
    return arrivals;
}

/* probes.judge(batches): a new connection's batches, each a list of { seq or false, whether it is a sound command }; ->
 * the same shape with { "not"|"perhaps"|"proven", answer }, or "no rest" in place of a batch behind which no stream
 * rests, and "gap" before its frames when numbers are missing */
static int judge(lua_State *L) {
    static const char *const names[] = {"not", "perhaps", "proven"};
    struct count known = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer batches = luaL_len(L, 1);
    lua_newtable(L);
    for (lua_Integer b = 1; b <= batches; b++) {
        lua_geti(L, 1, b);
        size_t count = (size_t)luaL_len(L, -1);
        struct arrival *arrivals = read_arrivals(L, lua_gettop(L), count), *last = &arrivals[count - 1];
        enum rest rest = count_rest(&known, last->numbered, last->seq, count);
        if (rest == REST_NOT) {
            lua_pushliteral(L, "no rest");
        } else {
            whole_judge(&known, arrivals, count, last->seq, WHOLE_PROVEN);
            lua_newtable(L);
            for (size_t i = 0; i < count; i++) {
                lua_createtable(L, 2, 0);
                lua_pushstring(L, names[arrivals[i].whole]);
                lua_seti(L, -2, 1);
                lua_pushboolean(L, arrivals[i].answer);
                lua_seti(L, -2, 2);
                lua_seti(L, -2, (lua_Integer)i + 1);
            }
            lua_pushboolean(L, rest == REST_GAP);
            lua_setfield(L, -2, "gap");
        }
        lua_seti(L, 2, b);
        lua_settop(L, 2);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"answer_all", answer_all}, {"frames", frames}, {"driver_text", driver_text}, {"scan", scan},
    {"judge", judge},           {NULL, NULL},
};

void probe_core_open(lua_State *L) {
    luaL_newmetatable(L, reader_type);
    lua_pushcfunction(L, reader_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
