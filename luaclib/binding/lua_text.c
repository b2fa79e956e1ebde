/* bridge.printable, bridge.is_printable: what of a text can be shown. */
#include "binding.h"

#include "printable.h"
#include "utf8.h"

#include <lauxlib.h>

/* bridge.printable(text (UTF-8)) -> the text without control characters, but for newline and tab, and without what XML
 * cannot hold */
static int printable(lua_State *L) {
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, len);
    luaL_pushresultsize(&buffer, printable_copy(out, text, len));
    return 1;
}

/* bridge.is_printable(text) -> whether it is UTF-8 of which bridge.printable would take nothing out */
static int is_printable(lua_State *L) {
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_pushboolean(L, utf8_valid(text, len) && printable_find_other(text, len) == len);
    return 1;
}

static const luaL_Reg functions[] = {
    {"is_printable", is_printable},
    {"printable", printable},
    {NULL, NULL},
};

void lua_text_open(lua_State *L) { luaL_setfuncs(L, functions, 0); }
