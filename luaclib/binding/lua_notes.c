/* Notes for the administrator as a list for Lua. */
#include "binding.h"

#include "notes.h"

#include <string.h>

static void push_note(lua_State *L, const struct note *note) {
    lua_createtable(L, 0, 3);
    lua_pushstring(L, note_kind_name(note->kind));
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, note_level_name(note->level));
    lua_setfield(L, -2, "level");
    lua_pushstring(L, note->text);
    lua_setfield(L, -2, "text");
}

int lua_push_notes(lua_State *L, struct notes *notes) {
    if (notes->count == 0 && notes->lost == 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, (int)notes->count, 0);
    for (size_t i = 0; i < notes->count; i++) {
        push_note(L, &notes->items[i]);
        lua_seti(L, -2, (lua_Integer)i + 1);
    }
    if (notes->lost > 0) {
        struct note more = {.kind = NOTE_LOST, .level = NOTE_WARN};
        lua_pushfstring(L, "%I more lines found no room in the log", (LUAI_UACINT)notes->lost);
        strncpy(more.text, lua_tostring(L, -1), sizeof more.text - 1);
        lua_pop(L, 1);
        push_note(L, &more);
        lua_seti(L, -2, (lua_Integer)notes->count + 1);
    }
    notes_clear(notes);
    return 1;
}
