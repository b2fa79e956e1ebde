/* JSON values as Lua values. */
#ifndef SKOTOS_LUA_JSON_H
#define SKOTOS_LUA_JSON_H

#include "json_tree.h"

#include <lua.h>

/* Pushes `node` of `tree` as Lua has it: objects and arrays become tables, null becomes bridge.null (a light userdata
 * NULL). Raises a Lua error when memory is short; there is nothing to free then. */
void lua_push_json(lua_State *L, const struct json_tree *tree, const struct json_node *node);

#endif
