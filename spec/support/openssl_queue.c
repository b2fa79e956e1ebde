/* require "openssl_queue"() -> the first error that waits in OpenSSL's queue, 0: none. The queue belongs to the whole
 * process: what one user leaves there, another takes for its own. */
#include <lauxlib.h>
#include <lua.h>
#include <openssl/err.h>

static int peek(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)ERR_peek_error());
    return 1;
}

int luaopen_openssl_queue(lua_State *L);
int luaopen_openssl_queue(lua_State *L) {
    lua_pushcfunction(L, peek);
    return 1;
}
