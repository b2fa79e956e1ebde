/* The token's encodings: base64url, JSON, its signature. */
#include "probes.h"

#include "base64url.h"
#include "hmac.h"
#include "json_tree.h"
#include "writer.h"

#include <lauxlib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* probes.base64url_encode(bytes) -> text */
static int encode(lua_State *L) {
    size_t len;
    luaL_Buffer b;
    const char *bytes = luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len <= SIZE_MAX / 8, 1, "too long");
    char *out = luaL_buffinitsize(L, &b, BASE64URL_ENCODED_LEN(len));
    luaL_pushresultsize(&b, base64url_encode(out, (const unsigned char *)bytes, len));
    return 1;
}

/* probes.base64url_decode(text) -> bytes, or nil when it is not canonical */
static int decode(lua_State *L) {
    size_t len, out_len = 0;
    luaL_Buffer b;
    const char *text = luaL_checklstring(L, 1, &len);
    char *out = luaL_buffinitsize(L, &b, BASE64URL_DECODED_MAX(len));
    bool good = base64url_decode((unsigned char *)out, &out_len, text, len);
    luaL_pushresultsize(&b, out_len);
    if (!good) {
        lua_pushnil(L);
    }
    return 1;
}

/* probes.hmac("SHA256"|"SHA384"|"SHA512", secret, data [, times]) -> bytes; signs `times` times with the same key */
static int hmac(lua_State *L) {
    static const char *const names[] = {"SHA256", "SHA384", "SHA512", NULL};
    static const enum hmac_digest digests[] = {HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
    size_t secret_len, len, size = 0;
    unsigned char out[HMAC_MAX_SIZE];
    int which = luaL_checkoption(L, 1, NULL, names);
    const char *secret = luaL_checklstring(L, 2, &secret_len);
    const char *data = luaL_checklstring(L, 3, &len);
    lua_Integer times = luaL_optinteger(L, 4, 1);
    struct hmac_key *key = hmac_key_new(digests[which], secret, secret_len);
    for (lua_Integer i = 0; key && i < times; i++) {
        size = hmac_key_sign(key, data, len, out);
    }
    hmac_key_free(key);
    if (size == 0) {
        return luaL_error(L, "OpenSSL does not sign");
    }
    lua_pushlstring(L, (const char *)out, size);
    return 1;
}

/* probes.json(text) -> nil, or what is wrong with it. Nothing stands behind it: sanitizers see who looks there. */
static int json(lua_State *L) {
    static struct json_tree tree;
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    char *bytes = malloc(len > 0 ? len : 1);
    if (!bytes) {
        return luaL_error(L, "no memory");
    }
    memcpy(bytes, text, len);
    lua_pushstring(L, json_tree_read(&tree, bytes, len));
    free(bytes);
    return 1;
}

/* probes.json_string(text, room) -> the text as a JSON string, nil when it does not fit; how many bytes of it would.
 * Nothing stands behind the text, nor behind the room. */
static int json_string(lua_State *L) {
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    size_t room = (size_t)luaL_checkinteger(L, 2);
    char *copy = malloc(len > 0 ? len : 1), *out = malloc(room > 0 ? room : 1);
    if (!copy || !out) {
        free(copy);
        free(out);
        return luaL_error(L, "no memory");
    }
    memcpy(copy, text, len);
    struct writer writer = writer_into(out, room);
    writer_string(&writer, copy, len);
    if (writer_len(&writer) > 0) {
        lua_pushlstring(L, out, writer_len(&writer));
    } else {
        lua_pushnil(L);
    }
    lua_pushinteger(L, (lua_Integer)writer_string_fitting(copy, len, room));
    free(copy);
    free(out);
    return 2;
}

/* probes.json_integer(n) -> the number as JSON has it */
static int json_integer(lua_State *L) {
    char out[32];
    struct writer writer = writer_into(out, sizeof out);
    writer_integer(&writer, luaL_checkinteger(L, 1));
    lua_pushlstring(L, out, writer_len(&writer));
    return 1;
}

static const luaL_Reg functions[] = {
    {"base64url_encode", encode}, {"base64url_decode", decode},   {"hmac", hmac}, {"json", json},
    {"json_string", json_string}, {"json_integer", json_integer}, {NULL, NULL}};

void probe_encoding_open(lua_State *L) { luaL_setfuncs(L, functions, 0); }
