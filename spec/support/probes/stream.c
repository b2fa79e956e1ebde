/* A game's connection without a socket: bytes in, as reads and pauses have them, replies out. */
#include "probes.h"

#include "binding.h"
#include "responder.h"

#include <lauxlib.h>
#include <string.h>

static const char stream_type[] = "skotos_probes.stream";

struct stream {
    struct request_queue requests;
    struct outbox outbox;
    struct journal journal;
    struct command_queue commands;
};

static int stream_gc(lua_State *L) {
    struct stream *stream = luaL_checkudata(L, 1, stream_type);
    command_queue_clear(&stream->commands);
    request_queue_free(&stream->requests);
    outbox_clear(&stream->outbox);
    journal_clear(&stream->journal);
    return 0;
}

static struct stream *new_stream(lua_State *L, const struct issuer *issuer) {
    struct stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
    memset(stream, 0, sizeof *stream);
    request_queue_init(&stream->requests, issuer->max_frame);
    if (luaL_newmetatable(L, stream_type)) {
        lua_pushcfunction(L, stream_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return stream;
}

/* Moves what is answered to the list at `list`: each reply as it would be written bare, each command as "command N". */
static void collect(lua_State *L, struct stream *stream, int list) {
    const struct pending_command *command;
    while ((command = command_queue_take(&stream->commands)) != NULL) {
        char bytes[] = "{}";
        lua_pushfstring(L, "command %I", (LUAI_UACINT)command->entry->request.seq);
        lua_seti(L, list, luaL_len(L, list) + 1);
        outbox_fill(&stream->outbox, command->ticket, bytes, sizeof bytes - 1);
        command_queue_end(&stream->commands, command->ticket);
    }
    for (struct outbox_slot *slot = outbox_front(&stream->outbox); slot; slot = outbox_front(&stream->outbox)) {
        if (slot->len > 2) {
            lua_pushlstring(L, slot->bytes, slot->len);
            lua_pushliteral(L, "}");
            lua_concat(L, 2);
            lua_seti(L, list, luaL_len(L, list) + 1);
        }
        outbox_pop(&stream->outbox);
    }
}

/* probes.stream(policy, pieces) -> list of replies. Pieces: bytes that one read brings, until the socket is empty; or a
 * number, seconds that pass. At last "adrift" when the connection would have been dropped. */
static int play(lua_State *L) {
    const struct issuer *issuer = lua_issuer_at(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_Integer pieces = luaL_len(L, 2);
    struct stream *stream = new_stream(L, issuer);
    struct responder responder = {.issuer = issuer, .commands = &stream->commands};
    int64_t now_ns = 1000000000;
    lua_newtable(L);
    int list = lua_gettop(L);
    for (lua_Integer i = 1; i <= pieces && !stream->requests.adrift; i++) {
        size_t len;
        if (lua_geti(L, 2, i) == LUA_TNUMBER) {
            now_ns += (int64_t)(lua_tonumber(L, -1) * 1e9);
        } else {
            const char *bytes = luaL_checklstring(L, -1, &len);
            char *room = frame_reader_room(&stream->requests.reader, len);
            if (!room) {
                return luaL_error(L, "no memory");
            }
            memcpy(room, bytes, len);
            frame_reader_filled(&stream->requests.reader, len);
            request_queue_read(&stream->requests, &issuer->rules, now_ns, &stream->journal);
        }
        lua_pop(L, 1);
        request_queue_settle(&stream->requests, now_ns);
        while (responder_some(&responder, &stream->requests, &stream->outbox, &stream->journal, 16)) {
        }
        collect(L, stream, list);
    }
    if (stream->requests.adrift) {
        lua_pushliteral(L, "adrift");
        lua_seti(L, list, luaL_len(L, list) + 1);
    }
    return 1;
}

static const luaL_Reg functions[] = {{"stream", play}, {NULL, NULL}};

void probe_stream_open(lua_State *L) { luaL_setfuncs(L, functions, 0); }
