/* bridge.clock, bridge.disk, bridge.private_file: the machine's state, and whether a file is kept from others. */
#include "binding.h"

#include "host.h"
#include "private_file.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>

/* bridge.clock() -> { synchronized=, most_error= (seconds) }, or nil and why */
static int clock_state(lua_State *L) {
    struct host_clock clock;
    if (!host_clock_read(&clock)) {
        return lua_push_fault(L, strerror(errno));
    }
    lua_createtable(L, 0, 2);
    lua_pushboolean(L, clock.synchronized);
    lua_setfield(L, -2, "synchronized");
    lua_pushnumber(L, (lua_Number)clock.most_error_us / 1e6);
    lua_setfield(L, -2, "most_error");
    return 1;
}

static void set_number(lua_State *L, const char *name, uint64_t value) {
    lua_pushnumber(L, (lua_Number)value);
    lua_setfield(L, -2, name);
}

/* bridge.disk(path) -> { free_bytes=, total_bytes=, free_files=, total_files=, read_only= }, or nil and why */
static int disk_state(lua_State *L) {
    struct host_disk disk;
    if (!host_disk_read(&disk, luaL_checkstring(L, 1))) {
        return lua_push_fault(L, strerror(errno));
    }
    lua_createtable(L, 0, 5);
    set_number(L, "free_bytes", disk.free_bytes);
    set_number(L, "total_bytes", disk.total_bytes);
    set_number(L, "free_files", disk.free_files);
    set_number(L, "total_files", disk.total_files);
    lua_pushboolean(L, disk.read_only);
    lua_setfield(L, -2, "read_only");
    return 1;
}

/* bridge.private_file(path, uid, gid) -> true, or nil and why others than that user, that group and root may read or
 * change the file (private_file.h) */
static int private_file(lua_State *L) {
    char reason[PRIVATE_FILE_REASON_SIZE];
    lua_Integer uid = luaL_checkinteger(L, 2), gid = luaL_checkinteger(L, 3);
    luaL_argcheck(L, uid >= 0 && uid <= UINT32_MAX, 2, "a user's number is wanted");
    luaL_argcheck(L, gid >= 0 && gid <= UINT32_MAX, 3, "a group's number is wanted");
    if (!private_file_check(luaL_checkstring(L, 1), (uid_t)uid, (gid_t)gid, reason)) {
        return lua_push_fault(L, reason);
    }
    lua_pushboolean(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"clock", clock_state}, {"disk", disk_state}, {"private_file", private_file}, {NULL, NULL}};

void lua_host_open(lua_State *L) { luaL_setfuncs(L, functions, 0); }
