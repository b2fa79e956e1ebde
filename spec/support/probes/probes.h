/* require "skotos_probes": looks into the C core for the specs and the bench. Not part of what is installed. */
#ifndef SKOTOS_PROBES_H
#define SKOTOS_PROBES_H

#include <lua.h>

/* Each adds its functions to the table on top of the stack, which it leaves as it was. */
void probe_core_open(lua_State *L);
void probe_encoding_open(lua_State *L);
void probe_openssl_open(lua_State *L);
void probe_stream_open(lua_State *L);
void probe_splits_open(lua_State *L);

#endif
