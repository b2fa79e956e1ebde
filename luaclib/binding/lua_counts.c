/* What link:stats() tells beyond plain numbers: refusals by kind, how long the replies took, and until when the game's
 * certificate is good (seconds since the epoch, nil without TLS). */
#include "binding.h"

#include "fault.h"
#include "game_link.h"

#include <lauxlib.h>

/* { ["not-json"] = n, … }: kinds that have happened only */
static void push_refusals(lua_State *L, const struct game_link_stats *stats) {
    lua_newtable(L);
    for (int code = FAULT_NONE + 1; code < FAULT_COUNT; code++) {
        if (stats->refused_by[code] > 0) {
            lua_pushinteger(L, (lua_Integer)stats->refused_by[code]);
            lua_setfield(L, -2, fault_name((enum fault_code)code));
        }
    }
}

/* { count =, sum = (seconds), buckets = { { le = (seconds), count = up to it }, … the last without le } } */
static void push_latency(lua_State *L, const struct latency *latency) {
    uint64_t so_far = 0;
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, (lua_Integer)latency->count);
    lua_setfield(L, -2, "count");
    lua_pushnumber(L, (lua_Number)latency->sum_ns / 1e9);
    lua_setfield(L, -2, "sum");
    lua_createtable(L, LATENCY_BOUNDS + 1, 0);
    for (int i = 0; i <= LATENCY_BOUNDS; i++) {
        so_far += latency->buckets[i];
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, (lua_Integer)so_far);
        lua_setfield(L, -2, "count");
        if (i < LATENCY_BOUNDS) {
            lua_pushnumber(L, (lua_Number)latency_bound_ns(i) / 1e9);
            lua_setfield(L, -2, "le");
        }
        lua_seti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "buckets");
}

void lua_set_count(lua_State *L, const char *name, uint64_t count) {
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, name);
}

void lua_set_step_times(lua_State *L, const struct step_times *times) {
    lua_set_count(L, "steps", times->steps);
    lua_pushnumber(L, (lua_Number)times->longest_ns / 1e9);
    lua_setfield(L, -2, "longest_step");
}

void lua_set_counts(lua_State *L, const struct game_link *link) {
    struct game_link_stats stats = game_link_stats(link);
    push_refusals(L, &stats);
    lua_setfield(L, -2, "refused_by");
    push_latency(L, &stats.latency);
    lua_setfield(L, -2, "latency");
    if (game_link_certificate_until(link) > 0) {
        lua_pushinteger(L, game_link_certificate_until(link));
        lua_setfield(L, -2, "certificate_until");
    }
}
