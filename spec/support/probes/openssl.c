/* OpenSSL's error queue. It belongs to the whole process: what one user leaves there, another takes for its own. */
#include "probes.h"

#include <lauxlib.h>
#include <openssl/err.h>

/* probes.openssl_error() -> the first error that waits in the queue, 0: none */
static int peek(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)ERR_peek_error());
    return 1;
}

/* probes.leave_openssl_error(): an error as some other user may leave it in the queue */
static int leave(lua_State *L) {
    (void)L;
    ERR_raise(ERR_LIB_USER, 1);
    return 0;
}

void probe_openssl_open(lua_State *L) {
    lua_pushcfunction(L, peek);
    lua_setfield(L, -2, "openssl_error");
    lua_pushcfunction(L, leave);
    lua_setfield(L, -2, "leave_openssl_error");
}
