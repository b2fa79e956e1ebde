/* Opens the library. */
#include "probes.h"

#include <lauxlib.h>

__attribute__((visibility("default"))) int luaopen_skotos_probes(lua_State *L);

int luaopen_skotos_probes(lua_State *L) {
    lua_newtable(L);
    probe_core_open(L);
    probe_encoding_open(L);
    probe_openssl_open(L);
    probe_stream_open(L);
    probe_splits_open(L);
    return 1;
}
