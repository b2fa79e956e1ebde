/* bridge.answer: one request in, its reply out, without a link. */
#include "binding.h"

#include "answering.h"
#include "game_link.h"

#include <lauxlib.h>
#include <time.h>

/* bridge.answer(policy, request, now (seconds), size (bytes of the reply's frame, 0: bare)) -> the whole reply frame */
static int answer(lua_State *L) {
    size_t len;
    const struct game *game = lua_policy_game(L, 1);
    const char *bytes = luaL_checklstring(L, 2, &len);
    int64_t now = lua_isnoneornil(L, 3) ? (int64_t)time(NULL) : luaL_checkinteger(L, 3);
    lua_Integer size = luaL_optinteger(L, 4, 0);
    luaL_argcheck(L, size >= 0 && size <= GAME_LINK_REPLY_SIZE_MAX, 4, "0 to 65536 is wanted");
    if (size <= ANSWER_OPEN_MAX) {
        /* A buffer of Lua's would be allocated and collected for each reply. */
        char out[ANSWER_OPEN_MAX];
        lua_pushlstring(L, out, game_reply(game, bytes, len, now, (size_t)size, out, sizeof out));
    } else {
        luaL_Buffer b;
        char *out = luaL_buffinitsize(L, &b, (size_t)size);
        luaL_pushresultsize(&b, game_reply(game, bytes, len, now, (size_t)size, out, (size_t)size));
    }
    return 1;
}

void lua_answer_open(lua_State *L) {
    lua_pushcfunction(L, answer);
    lua_setfield(L, -2, "answer");
}
