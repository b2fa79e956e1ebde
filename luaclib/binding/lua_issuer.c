/* bridge.issuer: a game's rules, policy and key, out of one table. */
#include "binding.h"

#include "command.h"
#include "game_link.h"
#include "request_members.h"
#include "responder.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char issuer_type[] = "skotos_bridge.issuer";

/* As luaL_checkudata, without looking the type up by its name, which takes as long as a tenth of a request. */
const struct issuer *lua_issuer_at(lua_State *L, int index) {
    const struct issuer *issuer = lua_touserdata(L, index);
    bool ours = false;
    if (issuer && lua_getmetatable(L, index)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, issuer_type);
        ours = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    return ours ? issuer : luaL_checkudata(L, index, issuer_type);
}

static int issuer_gc(lua_State *L) {
    issuer_free(luaL_checkudata(L, 1, issuer_type));
    return 0;
}

static bool option_boolean(lua_State *L, const char *name) {
    lua_getfield(L, 1, name);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static int64_t option_integer(lua_State *L, const char *name, int64_t least, int64_t most) {
    int whole;
    lua_getfield(L, 1, name);
    int64_t value = lua_tointegerx(L, -1, &whole);
    if (!whole || value < least || value > most) {
        luaL_error(L, "%s: %s came, %I to %I is wanted", name, luaL_tolstring(L, -1, NULL), (LUAI_UACINT)least,
                   (LUAI_UACINT)most);
    }
    lua_pop(L, 1);
    return value;
}

/* The string field `name`, left on the stack. */
static const char *option_string(lua_State *L, const char *name, size_t *len) {
    if (lua_getfield(L, 1, name) != LUA_TSTRING) {
        luaL_error(L, "%s: a string is wanted", name);
    }
    return lua_tolstring(L, -1, len);
}

/* Reads a list of strings into `list`. Returns whether the field is there. */
static bool option_names(lua_State *L, const char *name, struct name_list *list) {
    if (lua_getfield(L, 1, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        size_t len;
        if (lua_geti(L, -1, i) != LUA_TSTRING) {
            luaL_error(L, "%s[%I]: a string is wanted", name, (LUAI_UACINT)i);
        }
        const char *text = lua_tolstring(L, -1, &len);
        if (!name_list_add(list, text, len)) {
            luaL_error(L, "%s: no memory", name);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return true;
}

static void read_members(lua_State *L, struct request_rules *rules) {
    if (lua_getfield(L, 1, "request_members") == LUA_TTABLE) {
        lua_Integer count = luaL_len(L, -1);
        for (lua_Integer i = 1; i <= count; i++) {
            lua_geti(L, -1, i);
            unsigned bit = request_member_bit(luaL_checkstring(L, -1));
            if (bit == 0) {
                luaL_error(L, "request_members: %s is none of bridge.request_members", lua_tostring(L, -1));
            }
            rules->members |= bit;
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

static void read_commands(lua_State *L, struct request_rules *rules) {
    int type = lua_getfield(L, 1, "commands");
    if (type == LUA_TBOOLEAN && lua_toboolean(L, -1)) {
        rules->commands = (1U << COMMAND_COUNT) - 1;
    } else if (type == LUA_TTABLE) {
        lua_Integer count = luaL_len(L, -1);
        for (lua_Integer i = 1; i <= count; i++) {
            size_t len;
            lua_geti(L, -1, i);
            const char *name = luaL_checklstring(L, -1, &len);
            int command = command_find(name, len);
            if (command < 0) {
                luaL_error(L, "commands: %s is no command", name);
            }
            rules->commands |= 1U << command;
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

/* The policies in the list `owners`, which the userdata at 2 keeps alive. */
static void read_owners(lua_State *L, struct policy *policy) {
    if (lua_getfield(L, 1, "owners") == LUA_TTABLE) {
        lua_Integer count = luaL_len(L, -1);
        policy->owners = calloc((size_t)count + 1, sizeof *policy->owners);
        if (!policy->owners) {
            luaL_error(L, "owners: no memory");
        }
        for (lua_Integer i = 1; i <= count; i++) {
            lua_geti(L, -1, i);
            policy->owners[policy->owner_count++] = &lua_issuer_at(L, -1)->policy;
            lua_pop(L, 1);
        }
    }
    lua_setiuservalue(L, 2, 1);
}

static void read_tenants(lua_State *L, struct policy *policy) {
    size_t len = 0;
    if (lua_getfield(L, 1, "tenant") != LUA_TNIL) {
        const char *tenant = luaL_checklstring(L, -1, &len);
        luaL_argcheck(L, len > 0 && len <= POLICY_TENANT_MAX, 1, "tenant: 1 to 63 bytes are wanted");
        memcpy(policy->tenant, tenant, len + 1);
    }
    lua_pop(L, 1);
    option_names(L, "tenants", &policy->tenants);
}

static void read_key(lua_State *L, struct issuer *issuer) {
    static const char *const algorithms[] = {"HS256", "HS384", "HS512", NULL};
    static const enum hmac_digest digests[] = {HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
    size_t len;
    lua_getfield(L, 1, "algorithm");
    enum hmac_digest digest = digests[luaL_checkoption(L, -1, NULL, algorithms)];
    const char *app_id = option_string(L, "app_id", &len);
    const char *domain = option_string(L, "domain", &len);
    lua_getfield(L, 1, "secrets");
    luaL_checktype(L, -1, LUA_TTABLE);
    if (lua_geti(L, -1, 1) != LUA_TSTRING) {
        luaL_error(L, "secrets: a list of strings is wanted");
    }
    const char *secret = lua_tolstring(L, -1, &len);
    issuer->maker = token_maker_new(app_id, domain, digest, secret, len);
    lua_pop(L, 5);
}

/* bridge.issuer{ app_id=, domain=, secrets={…}, algorithm="HS256"|"HS384"|"HS512", default_validity=, max_validity=,
 * session_validity= (seconds), max_frame= (bytes) [, allow_moderator_tokens=false, allow_wildcard_room=false,
 * moderators={…}, rooms={…}, tenant= (of letters, digits, - and _), tenants={…} (of all games: policy.h),
 * owners={issuer, …} (of the games whose rooms it may touch too: policy.h), request_members={…}, any_member=false,
 * commands=true|{…}] }
 * -> issuer, or nil and why OpenSSL refused. A table of another shape is a programmer's mistake and raises an error.
 * What an option is by default, defaults.lib.lua says. */
static int issuer_new(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct issuer *issuer = lua_newuserdatauv(L, sizeof *issuer, 1);
    memset(issuer, 0, sizeof *issuer);
    luaL_setmetatable(L, issuer_type);
    issuer->policy.default_validity = option_integer(L, "default_validity", 1, INT32_MAX);
    issuer->policy.max_validity = option_integer(L, "max_validity", 1, INT32_MAX);
    issuer->policy.session_validity = option_integer(L, "session_validity", 0, INT32_MAX);
    issuer->policy.allow_moderator = option_boolean(L, "allow_moderator_tokens");
    issuer->policy.allow_wildcard = option_boolean(L, "allow_wildcard_room");
    issuer->max_frame = (size_t)option_integer(L, "max_frame", 256, 1 << 24);
    option_names(L, "moderators", &issuer->policy.moderators);
    if (!policy_fold_moderators(&issuer->policy)) {
        return luaL_error(L, "moderators: no memory");
    }
    issuer->policy.limit_rooms = option_names(L, "rooms", &issuer->policy.rooms);
    if (!policy_fold_rooms(&issuer->policy)) {
        return luaL_error(L, "rooms: no memory");
    }
    read_tenants(L, &issuer->policy);
    read_owners(L, &issuer->policy);
    read_members(L, &issuer->rules);
    read_commands(L, &issuer->rules);
    issuer->rules.listener = option_boolean(L, "any_member");
    if (issuer->rules.listener) {
        issuer->rules.members = REQUEST_MEMBERS_ALL;
    }
    read_key(L, issuer);
    if (!issuer->maker) {
        return lua_push_fault(L, "OpenSSL does not take the key");
    }
    return 1;
}

/* issuer:reply(request, now (seconds), size (bytes of the reply's frame, 0: bare)) -> the whole reply frame to one
 * request, without a link */
static int issuer_reply_to(lua_State *L) {
    size_t len;
    const struct issuer *issuer = lua_issuer_at(L, 1);
    const char *bytes = luaL_checklstring(L, 2, &len);
    int64_t now = lua_isnoneornil(L, 3) ? (int64_t)time(NULL) : luaL_checkinteger(L, 3);
    lua_Integer size = luaL_optinteger(L, 4, 0);
    luaL_argcheck(L, size >= 0 && size <= GAME_LINK_REPLY_SIZE_MAX, 4, "0 to 65536 is wanted");
    if (size <= REPLY_OPEN_MAX) {
        /* A buffer of Lua's would be allocated and collected for each reply. */
        char out[REPLY_OPEN_MAX];
        lua_pushlstring(L, out, issuer_reply_frame(issuer, bytes, len, now, (size_t)size, out, sizeof out));
    } else {
        luaL_Buffer b;
        char *out = luaL_buffinitsize(L, &b, (size_t)size);
        luaL_pushresultsize(&b, issuer_reply_frame(issuer, bytes, len, now, (size_t)size, out, (size_t)size));
    }
    return 1;
}

static const luaL_Reg methods[] = {{"reply", issuer_reply_to}, {"__gc", issuer_gc}, {NULL, NULL}};

/* Also bridge.request_members, the names of the members that a game may be allowed. */
void lua_issuer_open(lua_State *L) {
    luaL_newmetatable(L, issuer_type);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_rawsetp(L, LUA_REGISTRYINDEX, issuer_type);
    lua_pushcfunction(L, issuer_new);
    lua_setfield(L, -2, "issuer");
    lua_newtable(L);
    const char *name;
    for (lua_Integer n = 0; (name = request_member_name((size_t)n)) != NULL; n++) {
        lua_pushstring(L, name);
        lua_rawseti(L, -2, n + 1);
    }
    lua_setfield(L, -2, "request_members");
}
