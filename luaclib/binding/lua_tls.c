/* bridge.tls: what skotos_tls says, read and checked. */
#include "binding.h"

#include "tls_settings.h"

#include <lauxlib.h>
#include <unistd.h>

static const char tls_type[] = "skotos_bridge.tls";

struct lua_tls {
    struct tls_settings *settings; /* one of its users; NULL when it was not made */
};

struct tls_settings *lua_tls_settings(lua_State *L, int index) {
    return ((struct lua_tls *)luaL_checkudata(L, index, tls_type))->settings;
}

/* The string field `name`, NULL when it is not there; left on the stack, so that it stays valid. */
static const char *field(lua_State *L, const char *name) {
    return lua_getfield(L, 1, name) == LUA_TNIL ? NULL : luaL_checkstring(L, -1);
}

static uint32_t option_id(lua_State *L, const char *name, uint32_t without) {
    lua_Integer id = lua_getfield(L, 1, name) == LUA_TNIL ? without : luaL_checkinteger(L, -1);
    luaL_argcheck(L, id >= 0 && id <= UINT32_MAX, 1, "uid, gid: 0 to 4294967295 is wanted");
    return (uint32_t)id;
}

static void read_pins(lua_State *L, struct tls_options *options) {
    if (lua_getfield(L, 1, "pin_sha256") == LUA_TNIL) {
        return;
    }
    luaL_checktype(L, -1, LUA_TTABLE);
    int list = lua_gettop(L);
    lua_Integer count = luaL_len(L, list);
    luaL_argcheck(L, count <= TLS_PINS_MAX, 1, "pin_sha256: at most 8 are wanted");
    luaL_checkstack(L, TLS_PINS_MAX, NULL);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, list, i);
        options->pins[options->pin_count++] = luaL_checkstring(L, -1);
    }
}

/* bridge.tls{ host=, verify_name=, ca=, certificate=, key= (paths), pin_sha256={…} (base64), uid=, gid= (whose
 * the key has to be, by default this process's) } -> settings for bridge.link, or nil and one line: the field, what
 * came, what is wanted. Reads the files. */
static int tls_new(lua_State *L) {
    char message[TLS_MESSAGE_SIZE];
    struct tls_options options = {.pin_count = 0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct lua_tls *holder = lua_newuserdatauv(L, sizeof *holder, 0);
    holder->settings = NULL;
    luaL_setmetatable(L, tls_type);
    options.host = field(L, "host");
    luaL_argcheck(L, options.host, 1, "host: a string is wanted");
    options.verify_name = field(L, "verify_name");
    options.ca = field(L, "ca");
    options.certificate = field(L, "certificate");
    options.key = field(L, "key");
    options.uid = option_id(L, "uid", geteuid());
    options.gid = option_id(L, "gid", getegid());
    read_pins(L, &options);
    holder->settings = tls_settings_new(&options, message);
    if (!holder->settings) {
        return lua_push_fault(L, message);
    }
    lua_settop(L, 2);
    return 1;
}

/* tls == other: the same options, and files with the same contents */
static int tls_same(lua_State *L) {
    lua_pushboolean(L, tls_settings_same(lua_tls_settings(L, 1), lua_tls_settings(L, 2)));
    return 1;
}

static int tls_gc(lua_State *L) {
    struct lua_tls *holder = luaL_checkudata(L, 1, tls_type);
    tls_settings_release(holder->settings);
    holder->settings = NULL;
    return 0;
}

static const luaL_Reg methods[] = {{"__eq", tls_same}, {"__gc", tls_gc}, {NULL, NULL}};

void lua_tls_open(lua_State *L) {
    luaL_newmetatable(L, tls_type);
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
    lua_pushcfunction(L, tls_new);
    lua_setfield(L, -2, "tls");
}
