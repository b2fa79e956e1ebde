#include "lua_json.h"

#include "binding.h"
#include "printable.h"
#include "writer.h"

#include <lauxlib.h>
#include <string.h>

/* What is longer, as JSON, is left to Lua. */
#define JSON_TEXT_MAX 16384

static void push_object(lua_State *L, const struct json_tree *tree, const struct json_node *object) {
    const struct json_node *node = object + 1;
    lua_createtable(L, 0, (int)object->count);
    for (uint32_t i = 0; i < object->count; i++, node = json_tree_after(tree, node)) {
        lua_pushlstring(L, node->key, node->key_len);
        lua_push_json(L, tree, node);
        lua_rawset(L, -3);
    }
}

static void push_array(lua_State *L, const struct json_tree *tree, const struct json_node *array) {
    const struct json_node *node = array + 1;
    lua_createtable(L, (int)array->count, 0);
    for (uint32_t i = 0; i < array->count; i++, node = json_tree_after(tree, node)) {
        lua_push_json(L, tree, node);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

void lua_push_json(lua_State *L, const struct json_tree *tree, const struct json_node *node) {
    luaL_checkstack(L, 4, "JSON nests too deep");
    switch (node->kind) {
    case JSON_KIND_OBJECT:
        push_object(L, tree, node);
        break;
    case JSON_KIND_ARRAY:
        push_array(L, tree, node);
        break;
    case JSON_KIND_STRING:
        lua_pushlstring(L, node->value.text.at, node->value.text.len);
        break;
    case JSON_KIND_INTEGER:
        lua_pushinteger(L, node->value.integer);
        break;
    case JSON_KIND_REAL:
        lua_pushnumber(L, node->value.real);
        break;
    case JSON_KIND_TRUE:
    case JSON_KIND_FALSE:
        lua_pushboolean(L, node->kind == JSON_KIND_TRUE);
        break;
    case JSON_KIND_NULL:
        lua_pushlightuserdata(L, NULL);
        break;
    }
}

static bool is_plain(const struct json_node *node) {
    bool is_text = node->kind == JSON_KIND_STRING;
    return node->kind != JSON_KIND_NULL &&
           (!node->key || printable_find_other(node->key, node->key_len) == node->key_len) &&
           (!is_text || printable_find_other(node->value.text.at, node->value.text.len) == node->value.text.len);
}

/* bridge.from_json(text) -> the table that an object stands for. Nil, and it is for Lua to say whether it is one, where
 * it has a null, a name twice, what cannot be shown, or too much of anything (json_tree.h). */
static int from_json(lua_State *L) {
    char bytes[JSON_TEXT_MAX];
    struct json_tree tree;
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    if (len > sizeof bytes) {
        return 0;
    }
    memcpy(bytes, text, len);
    tree.count = 0;
    if (json_tree_read(&tree, bytes, len)) {
        return 0;
    }
    for (uint32_t i = 0; i < tree.count; i++) {
        if (!is_plain(&tree.nodes[i])) {
            return 0;
        }
    }
    lua_push_json(L, &tree, tree.nodes);
    return 1;
}

static bool write_json(lua_State *L, struct writer *writer, int depth);

/* The list on top of the stack, of `count` values. */
static bool write_array(lua_State *L, struct writer *writer, lua_Unsigned count, int depth) {
    WRITER_LITERAL(writer, "[");
    for (lua_Unsigned i = 1; i <= count; i++) {
        if (i > 1) {
            WRITER_LITERAL(writer, ",");
        }
        lua_rawgeti(L, -1, (lua_Integer)i);
        bool written = write_json(L, writer, depth);
        lua_pop(L, 1);
        if (!written) {
            return false;
        }
    }
    WRITER_LITERAL(writer, "]");
    return true;
}

/* The table on top of the stack, which has no list in it. */
static bool write_object(lua_State *L, struct writer *writer, int depth) {
    const char *before = "{";
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        size_t len;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : NULL;
        if (name) {
            writer_bytes(writer, before, 1);
            writer_string(writer, name, len);
            WRITER_LITERAL(writer, ":");
        }
        if (!name || !write_json(L, writer, depth)) {
            lua_pop(L, 2);
            return false;
        }
        lua_pop(L, 1);
        before = ",";
    }
    if (*before == '{') {
        WRITER_LITERAL(writer, "{");
    }
    WRITER_LITERAL(writer, "}");
    return true;
}

static lua_Unsigned count_keys(lua_State *L) {
    lua_Unsigned count = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        count++;
    }
    return count;
}

static bool write_table(lua_State *L, struct writer *writer, int depth) {
    if (depth == JSON_TREE_DEPTH_MAX || !lua_checkstack(L, 8)) {
        return false;
    }
    if (lua_getmetatable(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    lua_Unsigned count = lua_rawlen(L, -1);
    if (count == 0) {
        return write_object(L, writer, depth + 1);
    }
    return count_keys(L) == count && write_array(L, writer, count, depth + 1);
}

/* The value on top of the stack, which stays there. */
static bool write_json(lua_State *L, struct writer *writer, int depth) {
    size_t len;
    const char *text;
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(L, -1, &len);
        writer_string(writer, text, len);
        return !writer->full;
    case LUA_TBOOLEAN:
        text = lua_toboolean(L, -1) ? "true" : "false";
        writer_bytes(writer, text, strlen(text));
        return !writer->full;
    case LUA_TNUMBER:
        writer_integer(writer, lua_tointeger(L, -1));
        return lua_isinteger(L, -1) && !writer->full;
    case LUA_TTABLE:
        return write_table(L, writer, depth) && !writer->full;
    default:
        return false;
    }
}

/* bridge.to_json(table) -> JSON, of a plain table of plain tables, strings, booleans and whole numbers. Nil, and it is
 * Lua's to write, where it is anything else or too long. */
static int to_json(lua_State *L) {
    char out[JSON_TEXT_MAX];
    struct writer writer = writer_into(out, sizeof out);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (!write_json(L, &writer, 0)) {
        return 0;
    }
    lua_pushlstring(L, out, writer_len(&writer));
    return 1;
}

static const luaL_Reg functions[] = {
    {"from_json", from_json},
    {"to_json", to_json},
    {NULL, NULL},
};

void lua_json_open(lua_State *L) { luaL_setfuncs(L, functions, 0); }
