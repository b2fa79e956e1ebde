/* The token's two encodings for the specs and the bench. */
#ifndef SKOTOS_LUA_ENCODING_H
#define SKOTOS_LUA_ENCODING_H

#include <lua.h>

/* Adds base64url_encode, base64url_decode and hmac to the table on top of the stack, which it leaves as it was. */
void lua_encoding_open(lua_State *L);

#endif
