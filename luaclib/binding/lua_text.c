/* bridge.printable: text without what cannot be shown. */
#include "binding.h"

#include "printable.h"

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

static const luaL_Reg functions[] = {
    {"printable", printable},
    {NULL, NULL},
};

void lua_text_open(lua_State *L) { luaL_setfuncs(L, functions, 0); }
