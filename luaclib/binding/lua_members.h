/* Plain tables as the members of replies and events. */
#ifndef SKOTOS_LUA_MEMBERS_H
#define SKOTOS_LUA_MEMBERS_H

#include "command_reply.h"

#include <lua.h>

/* Writes the fields of the table at `index` that are members of a reply; a Lua error for one that no reply may hold. */
void lua_write_members(lua_State *L, struct command_reply *reply, int index);

/* The string at `index`, which keeps its memory alive; NULL when it is none. */
struct text lua_text_at(lua_State *L, int index);

/* The same of the field `name` of the table at `index`. */
struct text lua_field_text(lua_State *L, int index, const char *name);

#endif
