/* What the administrator is told, as a list for Lua. */
#include "binding.h"

#include "journal.h"

#include <string.h>

static void push_entry(lua_State *L, const struct journal_entry *entry) {
    lua_createtable(L, 0, 3);
    lua_pushstring(L, journal_kind_name(entry->kind));
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, journal_level_name(entry->level));
    lua_setfield(L, -2, "level");
    lua_pushstring(L, entry->text);
    lua_setfield(L, -2, "text");
}

int lua_push_journal(lua_State *L, struct journal *journal) {
    if (journal->count == 0 && journal->lost == 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, (int)journal->count, 0);
    for (size_t i = 0; i < journal->count; i++) {
        push_entry(L, &journal->items[i]);
        lua_seti(L, -2, (lua_Integer)i + 1);
    }
    if (journal->lost > 0) {
        struct journal_entry more = {.kind = JOURNAL_LOST, .level = JOURNAL_WARN};
        lua_pushfstring(L, "%I more lines found no room in the log", (LUAI_UACINT)journal->lost);
        strncpy(more.text, lua_tostring(L, -1), sizeof more.text - 1);
        lua_pop(L, 1);
        push_entry(L, &more);
        lua_seti(L, -2, (lua_Integer)journal->count + 1);
    }
    journal_clear(journal);
    return 1;
}
