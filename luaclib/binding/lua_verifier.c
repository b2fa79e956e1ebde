/* bridge.verifier: tokens checked for Prosody's Lua. */
#include "binding.h"

#include "lua_json.h"
#include "room_name.h"
#include "verifier.h"

#include <lauxlib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* 2^53: far beyond any clock, and adding to it cannot overflow. */
#define NOW_MAX (INT64_C(1) << 53)

static const char verifier_type[] = "skotos_bridge.verifier";

struct lua_verifier {
    struct verifier *verifier; /* owned */
};

struct lists {
    struct name_list secrets, issuers, audiences;
};

static void wipe_lists(struct lists *lists) {
    for (size_t i = 0; i < lists->secrets.count; i++) {
        OPENSSL_cleanse(lists->secrets.names[i], lists->secrets.lengths[i]);
    }
    name_list_free(&lists->secrets);
    name_list_free(&lists->issuers);
    name_list_free(&lists->audiences);
}

static bool add_items(lua_State *L, int index, struct name_list *list) {
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    bool good = true;
    for (lua_Integer i = 1; good && i <= count; i++) {
        size_t len;
        good = lua_rawgeti(L, index, i) == LUA_TSTRING;
        const char *text = good ? lua_tolstring(L, -1, &len) : NULL;
        good = good && name_list_add(list, text, len);
        lua_pop(L, 1);
    }
    return good;
}

/* Reads the list at `index`. False with `fault` set when it is there and is no list of strings, or memory is short.
 * Raises no error, not even one of memory: the caller owns the lists. */
static bool read_list(lua_State *L, int index, const char *name, struct name_list *list, struct fault *fault) {
    int type = lua_type(L, index);
    bool good = type == LUA_TNIL || (type == LUA_TTABLE && add_items(L, index, list));
    if (!good) {
        fault_set(fault, FAULT_FIELD, "%s: a list of strings is wanted", name);
    }
    return good;
}

/* A field of the options, a time or a number of seconds. */
static int64_t read_seconds(lua_State *L, const char *name, int64_t most) {
    int whole;
    lua_getfield(L, 1, name);
    lua_Integer seconds = lua_tointegerx(L, -1, &whole);
    if (!whole || seconds < 0 || seconds > most) {
        luaL_error(L, "%s: %s came, 0 to %I seconds are wanted", name, luaL_tolstring(L, -1, NULL), (LUAI_UACINT)most);
    }
    return seconds;
}

/* bridge.verifier{ algorithm=, secrets={…}|public_key=PEM, issuers={…}, audiences={…}, require_room=, leeway=
 * (seconds), old_before=, old_until= (seconds since 1970: validity.h) [, domain=, tenants=false] }
 * -> verifier, or nil and which option is wrong */
static int verifier_create(lua_State *L) {
    struct lists lists = {{0}, {0}, {0}};
    struct fault fault;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    struct verifier_options options = {
        .secrets = &lists.secrets, .issuers = &lists.issuers, .audiences = &lists.audiences};
    lua_getfield(L, 1, "algorithm");
    options.algorithm = luaL_checkstring(L, -1);
    lua_getfield(L, 1, "public_key");
    options.public_key = luaL_optstring(L, -1, NULL);
    lua_getfield(L, 1, "domain");
    options.domain = luaL_optstring(L, -1, NULL);
    options.validity.leeway = read_seconds(L, "leeway", 300);
    options.validity.old_before = read_seconds(L, "old_before", NOW_MAX);
    options.validity.old_until = read_seconds(L, "old_until", NOW_MAX);
    lua_getfield(L, 1, "require_room");
    luaL_argcheck(L, lua_isboolean(L, -1), 1, "require_room: true or false is wanted");
    options.require_room = lua_toboolean(L, -1);
    lua_getfield(L, 1, "tenants");
    options.tenants = lua_toboolean(L, -1);
    struct lua_verifier *holder = lua_newuserdatauv(L, sizeof *holder, 0);
    holder->verifier = NULL;
    luaL_setmetatable(L, verifier_type);
    lua_getfield(L, 1, "secrets");
    lua_getfield(L, 1, "issuers");
    lua_getfield(L, 1, "audiences");
    int audiences = lua_gettop(L);
    if (read_list(L, audiences - 2, "secrets", &lists.secrets, &fault) &&
        read_list(L, audiences - 1, "issuers", &lists.issuers, &fault) &&
        read_list(L, audiences, "audiences", &lists.audiences, &fault)) {
        holder->verifier = verifier_new(&options, &fault);
    }
    wipe_lists(&lists);
    lua_settop(L, audiences - 3);
    return holder->verifier ? 1 : lua_push_fault(L, fault.text);
}

static int verifier_gc(lua_State *L) {
    struct lua_verifier *holder = luaL_checkudata(L, 1, verifier_type);
    verifier_free(holder->verifier);
    holder->verifier = NULL;
    return 0;
}

static int push_refusal(lua_State *L, enum verdict code, const struct fault *fault) {
    lua_pushnil(L);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, verdict_name(code));
    lua_setfield(L, -2, "code");
    lua_pushstring(L, fault->text);
    lua_setfield(L, -2, "text");
    lua_pushstring(L, verdict_client_text(code));
    lua_setfield(L, -2, "client");
    lua_pushliteral(L, "not-allowed");
    lua_setfield(L, -2, "condition");
    lua_pushboolean(L, code == VERDICT_EXPIRED);
    lua_setfield(L, -2, "expired");
    return 2;
}

/* verifier:check(token, now (seconds) [, { ignore_exp=false, pardon=0 (seconds after `exp` for which it is let pass)
 * }])
 * -> claims; or nil and { code=, text= (for the log), client=, condition=, expired= (true: and nothing else is wrong) }
 */
static int verifier_run(lua_State *L) {
    struct lua_verifier *holder = luaL_checkudata(L, 1, verifier_type);
    size_t len;
    struct claims claims;
    struct fault fault;
    const char *token = luaL_checklstring(L, 2, &len);
    lua_Integer now = luaL_checkinteger(L, 3);
    int64_t pardon = VALIDITY_STRICT;
    luaL_argcheck(L, holder->verifier, 1, "the verifier was not made");
    luaL_argcheck(L, now >= 0 && now <= NOW_MAX, 3, "seconds since 1970 are wanted");
    if (lua_istable(L, 4)) {
        lua_getfield(L, 4, "pardon");
        pardon = luaL_optinteger(L, -1, VALIDITY_STRICT);
        lua_getfield(L, 4, "ignore_exp");
        pardon = lua_toboolean(L, -1) ? VALIDITY_EVER : pardon;
    }
    enum verdict code = verifier_verify(holder->verifier, token, len, now, pardon, &claims, &fault);
    if (code != VERDICT_OK) {
        return push_refusal(L, code, &fault);
    }
    lua_push_json(L, &claims.tree, claims.tree.nodes);
    return 1;
}

/* bridge.fingerprint(token) -> 32 bytes that stand for it (SHA-256), for remembering it without keeping it */
static int fingerprint(lua_State *L) {
    size_t len;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const char *text = luaL_checklstring(L, 1, &len);
    if (!EVP_Digest(text, len, digest, &size, EVP_sha256(), NULL)) {
        return lua_push_fault(L, "OpenSSL has no SHA-256");
    }
    lua_pushlstring(L, (const char *)digest, size);
    return 1;
}

static struct text text_at(lua_State *L, int index) {
    struct text text = {NULL, 0};
    if (lua_type(L, index) == LUA_TSTRING) {
        text.at = lua_tolstring(L, index, &text.len);
    }
    return text;
}

/* bridge.room_matches(claimed, node [, subject [, domain]]) -> boolean; false when `claimed` is no string. `domain`
 * only with enable_domain_verification. */
static int room_matches(lua_State *L) {
    struct text claimed = text_at(L, 1), node = text_at(L, 2);
    lua_pushboolean(L, claimed.at && node.at && verifier_room_matches(claimed, node, text_at(L, 3), text_at(L, 4)));
    return 1;
}

/* bridge.room_node(channel [, tenant]) -> the node of the JID that Jitsi's page makes of it, "[tenant]room" with a
 * tenant; or nil and why no page can open such a room (room_name.h) */
static int room_node(lua_State *L) {
    char node[ROOM_NAME_MAX];
    const char *why;
    size_t len;
    struct text channel;
    channel.at = luaL_checklstring(L, 1, &channel.len);
    len = room_name_node(channel, text_at(L, 2), node, &why);
    if (len == 0) {
        return lua_push_fault(L, why);
    }
    lua_pushlstring(L, node, len);
    return 1;
}

/* bridge.channel_of(node) -> the name that a game knows the room by, and its tenant or nil; for any node whatever */
static int channel_of(lua_State *L) {
    char name[ROOM_NAME_MAX];
    struct text node, tenant;
    node.at = luaL_checklstring(L, 1, &node.len);
    size_t len = room_name_channel(node, name, &tenant);
    lua_pushlstring(L, len > 0 ? name : node.at, len > 0 ? len : node.len);
    if (tenant.at) {
        lua_pushlstring(L, tenant.at, tenant.len);
    } else {
        lua_pushnil(L);
    }
    return 2;
}

static bool true_field(lua_State *L, int index, const char *name, bool *given) {
    int type = lua_getfield(L, index, name);
    *given = type != LUA_TNIL;
    bool value = type == LUA_TBOOLEAN && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

/* Whether `affiliation` of the table at `index` is one of those that Jitsi's token_affiliation makes owners of. */
static bool owning_affiliation(lua_State *L, int index) {
    static const char *const owning[] = {"owner", "moderator", "teacher"};
    const char *text = lua_getfield(L, index, "affiliation") == LUA_TSTRING ? lua_tostring(L, -1) : "";
    bool found = false;
    for (size_t i = 0; i < sizeof owning / sizeof owning[0]; i++) {
        found = found || strcmp(text, owning[i]) == 0;
    }
    lua_pop(L, 1);
    return found;
}

/* bridge.is_moderator(claims) -> boolean: `moderator` at the top is boolean true; or it is absent, and of context.user
 * `moderator` is boolean true or `affiliation` is "owner", "moderator" or "teacher" */
static int is_moderator(lua_State *L) {
    bool given;
    luaL_checktype(L, 1, LUA_TTABLE);
    bool value = true_field(L, 1, "moderator", &given);
    if (!given && lua_getfield(L, 1, "context") == LUA_TTABLE && lua_getfield(L, -1, "user") == LUA_TTABLE) {
        value = true_field(L, -1, "moderator", &given) || owning_affiliation(L, -1);
    }
    lua_pushboolean(L, value);
    return 1;
}

static const luaL_Reg methods[] = {{"verify", verifier_run}, {"__gc", verifier_gc}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"verifier", verifier_create},
                                     {"fingerprint", fingerprint},
                                     {"room_matches", room_matches},
                                     {"room_node", room_node},
                                     {"channel_of", channel_of},
                                     {"is_moderator", is_moderator},
                                     {NULL, NULL}};

void lua_verifier_open(lua_State *L) {
    luaL_newmetatable(L, verifier_type);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
