#include "binding.h"

#include <lauxlib.h>

lua_Number lua_option_number(lua_State *L, int index, const char *name, lua_Number fallback) {
    int is_number = 1;
    lua_Number value = fallback;
    if (lua_getfield(L, index, name) != LUA_TNIL) {
        value = lua_tonumberx(L, -1, &is_number);
    }
    lua_pop(L, 1);
    if (!is_number) {
        luaL_error(L, "%s: a number is wanted", name);
    }
    return value;
}
