#include "lua_json.h"

#include <lauxlib.h>

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
