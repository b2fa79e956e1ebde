/* require "skotos_bridge": opens the parts of the binding. */
#include "binding.h"

#include "address.h"
#include "version.h" /* made by the build, from packaging/version.sh */

#include <lauxlib.h>

/* bridge.address_scope(ip) -> "loopback" | "private" | "public" | nil when `ip` is no numeric address */
static int address_scope(lua_State *L) {
    struct address address;
    if (!address_parse(&address, luaL_checkstring(L, 1), 0)) {
        return lua_push_fault(L, "no numeric address");
    }
    lua_pushstring(L, address_scope_name(address.scope));
    return 1;
}

__attribute__((visibility("default"))) int luaopen_skotos_bridge(lua_State *L);

int luaopen_skotos_bridge(lua_State *L) {
    lua_newtable(L);
    lua_pushliteral(L, VERSION);
    lua_setfield(L, -2, "version");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_pushcfunction(L, address_scope);
    lua_setfield(L, -2, "address_scope");
    lua_issuer_open(L);
    lua_tls_open(L);
    lua_link_open(L);
    lua_listener_open(L);
    lua_verifier_open(L);
    lua_command_open(L);
    lua_event_open(L);
    lua_host_open(L);
    lua_text_open(L);
    lua_json_open(L);
    return 1;
}
