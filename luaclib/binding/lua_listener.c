/* bridge.listener: the port for other programs of this host, for Prosody's loop. */
#include "binding.h"

#include "listener.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>

static const char listener_type[] = "skotos_bridge.listener";

#define DEFAULT_IDLE_S 300
#define DEFAULT_OUT_MAX 262144

struct lua_listener {
    struct listener *listener; /* owned */
};

static struct listener *check_listener(lua_State *L) {
    struct lua_listener *holder = luaL_checkudata(L, 1, listener_type);
    luaL_argcheck(L, holder->listener, 1, "the listener was not made");
    return holder->listener;
}

/* bridge.listener(issuer, { interface= (numeric address), port= (0: the kernel chooses), idle=300 (seconds), out_max=
 * 262144 (bytes of replies that may wait for one caller) }) -> listener, or nil and why */
static int listener_create(lua_State *L) {
    const struct issuer *issuer = lua_issuer_at(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    struct listener_options options;
    lua_Number port = lua_option_number(L, 2, "port", 0), idle = lua_option_number(L, 2, "idle", DEFAULT_IDLE_S);
    lua_Number out_max = lua_option_number(L, 2, "out_max", DEFAULT_OUT_MAX);
    luaL_argcheck(L, port >= 0 && port <= 65535, 2, "port: 0 to 65535 is wanted");
    luaL_argcheck(L, idle > 0 && idle <= 86400, 2, "idle: more than 0, at most 86400 is wanted");
    luaL_argcheck(L, out_max >= 1024 && out_max <= 1 << 24, 2, "out_max: 1024 to 16777216 is wanted");
    lua_getfield(L, 2, "interface");
    if (!address_parse(&options.address, luaL_checkstring(L, -1), (uint16_t)port)) {
        return lua_push_fault(L, "no numeric address");
    }
    options.idle_ns = (int64_t)(idle * 1e9);
    options.out_max = (size_t)out_max;
    struct lua_listener *holder = lua_newuserdatauv(L, sizeof *holder, 1);
    holder->listener = NULL;
    luaL_setmetatable(L, listener_type);
    holder->listener = listener_new(issuer, &options);
    if (!holder->listener) {
        return lua_push_fault(L, strerror(errno));
    }
    lua_pushvalue(L, 1); /* the issuer lives as long as the listener */
    lua_setiuservalue(L, -2, 1);
    return 1;
}

/* listener:fd() -> the descriptor to watch for reading */
static int lua_listener_fd(lua_State *L) {
    lua_pushinteger(L, listener_fd(check_listener(L)));
    return 1;
}

/* listener:port() -> where it listens */
static int lua_listener_port(lua_State *L) {
    lua_pushinteger(L, listener_port(check_listener(L)));
    return 1;
}

/* listener:step() -> nil, or a list of { kind=, level=, text= } for the log */
static int lua_listener_step(lua_State *L) {
    struct listener *listener = check_listener(L);
    listener_step(listener);
    return lua_push_journal(L, listener_journal(listener));
}

/* listener:set_issuer(issuer) */
static int lua_listener_set_issuer(lua_State *L) {
    struct listener *listener = check_listener(L);
    listener_set_issuer(listener, lua_issuer_at(L, 2));
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, 1, 1);
    return 0;
}

/* listener:stats() -> { callers=, accepted=, turned_away=, idle=, slow=, cut=, requests=, tokens=, refused=, dropped=,
 * bytes_in=, bytes_out=, steps=, longest_step= (seconds) } */
static int lua_listener_stats(lua_State *L) {
    struct listener_stats stats = listener_stats(check_listener(L));
    lua_newtable(L);
    lua_set_count(L, "callers", stats.callers);
    lua_set_count(L, "accepted", stats.accepted);
    lua_set_count(L, "turned_away", stats.turned_away);
    lua_set_count(L, "idle", stats.idle);
    lua_set_count(L, "slow", stats.slow);
    lua_set_count(L, "cut", stats.cut);
    lua_set_count(L, "requests", stats.requests);
    lua_set_count(L, "tokens", stats.tokens);
    lua_set_count(L, "refused", stats.refused);
    lua_set_count(L, "dropped", stats.dropped);
    lua_set_count(L, "bytes_in", stats.bytes_in);
    lua_set_count(L, "bytes_out", stats.bytes_out);
    lua_set_step_times(L, &stats.step_times);
    return 1;
}

/* listener:close() -> how many callers are left without what they asked for; idempotent */
static int lua_listener_close(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)listener_close(check_listener(L)));
    return 1;
}

static int lua_listener_gc(lua_State *L) {
    struct lua_listener *holder = luaL_checkudata(L, 1, listener_type);
    listener_free(holder->listener);
    holder->listener = NULL;
    return 0;
}

static const luaL_Reg methods[] = {
    {"fd", lua_listener_fd},       {"port", lua_listener_port},
    {"step", lua_listener_step},   {"set_issuer", lua_listener_set_issuer},
    {"stats", lua_listener_stats}, {"close", lua_listener_close},
    {"__gc", lua_listener_gc},     {NULL, NULL},
};

void lua_listener_open(lua_State *L) {
    luaL_newmetatable(L, listener_type);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_pushcfunction(L, listener_create);
    lua_setfield(L, -2, "listener");
}
