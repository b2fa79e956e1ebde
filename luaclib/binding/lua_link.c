/* bridge.link: the link to a game for Prosody's loop. */
#include "binding.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>

static const char link_type[] = "skotos_bridge.link";

struct lua_link {
    struct game_link *link; /* owned */
};

struct game_link *lua_link_at(lua_State *L, int index) {
    struct lua_link *holder = luaL_checkudata(L, index, link_type);
    luaL_argcheck(L, holder->link, index, "the link was not made");
    return holder->link;
}

static struct game_link *check_link(lua_State *L) { return lua_link_at(L, 1); }

/* bridge.link(issuer, { reply_size= (bytes, 0 or 1024 to 65536, with tls to 16384), reply_interval= (seconds)
 * [, tls=bridge.tls{…}] }) -> link, or nil and why */
static int link_create(lua_State *L) {
    const struct issuer *issuer = lua_issuer_at(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_Number size = lua_option_number(L, 2, "reply_size", -1);
    lua_Number interval = lua_option_number(L, 2, "reply_interval", -1);
    luaL_argcheck(L, size == 0 || (size >= 1024 && size <= GAME_LINK_REPLY_SIZE_MAX), 2,
                  "reply_size: 0 or 1024 to 65536 is wanted");
    lua_getfield(L, 2, "tls");
    struct tls_settings *tls = lua_isnil(L, -1) ? NULL : lua_tls_settings(L, -1);
    luaL_argcheck(L, !tls || size <= TRANSPORT_TLS_RECORD, 2, "reply_size: at most 16384 with tls is wanted");
    luaL_argcheck(L, interval >= 0 && interval <= 60, 2, "reply_interval: 0 to 60 is wanted");
    struct game_link_options options = {.reply_size = (size_t)size, .reply_interval_ns = (int64_t)(interval * 1e9)};
    struct lua_link *holder = lua_newuserdatauv(L, sizeof *holder, 1);
    holder->link = NULL;
    luaL_setmetatable(L, link_type);
    options.transport = tls ? transport_tls_new(tls) : transport_plain_new();
    holder->link = options.transport ? game_link_new(issuer, &options) : NULL;
    if (!holder->link) {
        return lua_push_fault(L, strerror(errno));
    }
    lua_pushvalue(L, 1); /* the issuer lives as long as the link */
    lua_setiuservalue(L, -2, 1);
    return 1;
}

/* link:fd() -> the descriptor to watch for reading */
static int lua_link_fd(lua_State *L) {
    lua_pushinteger(L, game_link_fd(check_link(L)));
    return 1;
}

/* link:connect(ip, port) -> true, or nil and why `ip` is no numeric address */
static int lua_link_connect(lua_State *L) {
    struct game_link *link = check_link(L);
    struct address address;
    lua_Integer port = luaL_checkinteger(L, 3);
    luaL_argcheck(L, port > 0 && port < 65536, 3, "1 to 65535 is wanted");
    if (!address_parse(&address, luaL_checkstring(L, 2), (uint16_t)port)) {
        return lua_push_fault(L, "no numeric address");
    }
    game_link_connect(link, &address);
    lua_pushboolean(L, 1);
    return 1;
}

/* link:step() -> nil, or a list of { kind=, level=, text= } for the log; whether the link wants its address anew, by
 * link:connect, which is said once; whether a command waits for bridge.next_command */
static int lua_link_step(lua_State *L) {
    struct game_link *link = check_link(L);
    bool wants_address = game_link_step(link);
    lua_push_journal(L, game_link_journal(link));
    lua_pushboolean(L, wants_address);
    lua_pushboolean(L, game_link_control(link)->commands.untaken > 0);
    return 3;
}

/* link:set_issuer(issuer) */
static int lua_link_set_issuer(lua_State *L) {
    struct game_link *link = check_link(L);
    game_link_set_issuer(link, lua_issuer_at(L, 2));
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, 1, 1);
    return 0;
}

/* link:stats() -> { state=, address=, connects=, requests=, tokens=, refused=, dropped=, late=, replies=, queued=,
 * commands=, events=, events_lost=, driver_errors=, bytes_in=, came= (bytes on this connection), bytes_out=,
 * steps=, longest_step= (seconds), transport= ("tcp", "TLSv1.3", …), refused_by=, latency=
 * (lua_counts.c) } */
static int lua_link_stats(lua_State *L) {
    const struct game_link *link = check_link(L);
    struct game_link_stats stats = game_link_stats(link);
    lua_newtable(L);
    lua_pushstring(L, game_link_state_name(game_link_state(link)));
    lua_setfield(L, -2, "state");
    lua_pushstring(L, game_link_address(link));
    lua_setfield(L, -2, "address");
    lua_pushstring(L, game_link_transport(link));
    lua_setfield(L, -2, "transport");
    lua_set_count(L, "connects", stats.connects);
    lua_set_count(L, "requests", stats.requests);
    lua_set_count(L, "tokens", stats.tokens);
    lua_set_count(L, "refused", stats.refused);
    lua_set_count(L, "dropped", stats.dropped);
    lua_set_count(L, "late", stats.late);
    lua_set_count(L, "replies", stats.replies);
    lua_set_count(L, "queued", stats.queued);
    lua_set_count(L, "commands", stats.commands);
    lua_set_count(L, "events", stats.events);
    lua_set_count(L, "events_lost", stats.events_lost);
    lua_set_count(L, "driver_errors", stats.driver_errors);
    lua_set_count(L, "bytes_in", stats.bytes_in);
    lua_set_count(L, "came", stats.came);
    lua_set_count(L, "bytes_out", stats.bytes_out);
    lua_set_step_times(L, &stats.step_times);
    lua_set_counts(L, link);
    return 1;
}

/* link:close() -> how many requests go unanswered; of how many events the game was told nothing; idempotent */
static int lua_link_close(lua_State *L) {
    struct game_link_losses lost = game_link_close(check_link(L));
    lua_pushinteger(L, (lua_Integer)lost.requests);
    lua_pushinteger(L, (lua_Integer)lost.events);
    return 2;
}

static int lua_link_gc(lua_State *L) {
    struct lua_link *holder = luaL_checkudata(L, 1, link_type);
    game_link_free(holder->link);
    holder->link = NULL;
    return 0;
}

static const luaL_Reg methods[] = {
    {"fd", lua_link_fd},       {"connect", lua_link_connect},
    {"step", lua_link_step},   {"set_issuer", lua_link_set_issuer},
    {"stats", lua_link_stats}, {"close", lua_link_close},
    {"__gc", lua_link_gc},     {NULL, NULL},
};

void lua_link_open(lua_State *L) {
    luaL_newmetatable(L, link_type);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_pushcfunction(L, link_create);
    lua_setfield(L, -2, "link");
}
