/* For every n: the n-th allocation on a request's path fails, once through a live link and once through everything that
 * the Lua binding offers. A request is then answered, be it with a failure, or its link is dropped; no number is
 * answered twice; nothing crashes (the sanitizers look on) and nothing leaks (they look at the end). Prints how many
 * allocations failed on each path; exits non-zero when a rule is broken. */
#define _GNU_SOURCE
#include "failing.h"

#include "game_link.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <lauxlib.h>
#include <lualib.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_SIZE 8192
#define REQUESTS 8

int luaopen_skotos_bridge(lua_State *L);
int luaopen_skotos_probes(lua_State *L);

/* One request of each way through the parser; the numbers follow. */
static size_t write_requests(char *out, size_t room) {
    static const char *const names[REQUESTS] = {
        "Bob", "\xe9l\xe8ve", "a\\u00e9\\\"b", "x\", \"features\": {\"recording\": true}, \"group\": \"g",
        "",    "a\\",         "*long*",        "Ann"};
    size_t len = 0;
    for (int i = 0; i < REQUESTS; i++) {
        char filler[2000] = "";
        if (strcmp(names[i], "*long*") == 0) {
            memset(filler, 'y', sizeof filler - 1);
        }
        len += (size_t)snprintf(out + len, room - len,
                                "{ \"cmd\": \"jwt_token\", \"displayName\": \"%s%s\", \"channel\": \"tavern\", "
                                "\"moderator\": false, \"validFor\": 600, \"seq\": %d }",
                                names[i], filler, i) +
               1;
    }
    return len;
}

static int listen_at(uint16_t *port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 8) == 0 &&
             getsockname(fd, (struct sockaddr *)&at, &len) == 0,
         0, "there is a port");
    *port = ntohs(at.sin_port);
    return fd;
}

static void check_reply(const char *frame, bool answered[REQUESTS], long nth) {
    json_t *json = json_loads(frame, JSON_REJECT_DUPLICATES, NULL);
    json_int_t seq = json_integer_value(json_object_get(json, "seq"));
    must(json_is_object(json), nth, "a reply is JSON");
    must(seq >= 0 && seq < REQUESTS && !answered[seq], nth, "no number is answered twice or unasked");
    must(!json_is_true(json_object_get(json, "success")) || json_string_length(json_object_get(json, "token")) > 0, nth,
         "a success has a token");
    answered[seq] = true;
    json_decref(json);
}

/* One life of a link with the nth allocation failing. Returns whether an allocation failed. */
static bool play(const struct issuer *issuer, int listener, uint16_t port, long nth) {
    static char requests[REQUESTS * 2300], replies[REQUESTS * FRAME_SIZE];
    struct address address;
    size_t len = write_requests(requests, sizeof requests), got = 0, answers = 0;
    bool answered[REQUESTS] = {false}, dropped = false;
    must(address_parse(&address, "127.0.0.1", port), nth, "an address is an address");
    failing_at(nth);
    struct game_link_options options = {.reply_size = FRAME_SIZE, .transport = transport_plain_new()};
    struct game_link *link = options.transport ? game_link_new(issuer, &options) : NULL;
    int fd = -1;
    if (link) {
        game_link_connect(link, &address);
    }
    for (int turn = 0; link && answers < REQUESTS && !dropped && turn < 400; turn++) {
        struct pollfd watched[2] = {{.fd = game_link_fd(link), .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        poll(watched, fd >= 0 ? 2 : 1, 5);
        game_link_step(link);
        journal_clear(game_link_journal(link));
        if (fd < 0 && (fd = accept(listener, NULL, NULL)) >= 0) {
            must(send(fd, requests, len, MSG_NOSIGNAL) == (ssize_t)len, nth, "the game can write");
        }
        ssize_t n = fd >= 0 ? recv(fd, replies + got, sizeof replies - got, MSG_DONTWAIT) : -1;
        got += n > 0 ? (size_t)n : 0;
        dropped = n == 0 || (fd >= 0 && turn > 5 && game_link_state(link) == GAME_LINK_WAITING);
        answers = got / FRAME_SIZE;
    }
    long left = failing_count();
    failing_at(0);
    must(!link || dropped || answers == REQUESTS, nth, "each request is answered, or the link is dropped");
    for (size_t i = 0; i < answers; i++) {
        check_reply(replies + i * FRAME_SIZE, answered, nth);
    }
    game_link_free(link);
    if (fd >= 0) {
        close(fd);
    }
    return left >= nth;
}

static long fail_in_link(void) {
    uint16_t port;
    int listener = listen_at(&port);
    struct issuer issuer = {.rules = {.members = REQUEST_MEMBERS_ALL},
                            .policy = {.default_validity = 600, .max_validity = 86400},
                            .max_frame = 1024};
    issuer.maker = token_maker_new("skotos", "meet.test", HMAC_SHA256, "a secret of some length", 23);
    must(issuer.maker != NULL, 0, "OpenSSL takes the key");
    must(!play(&issuer, listener, port, 1L << 40), 0, "nothing fails when nothing shall");
    long nth = 1;
    while (play(&issuer, listener, port, nth)) {
        nth++;
    }
    printf("%ld system calls failed\n", fail_system_calls(&issuer, listener, port));
    issuer_free(&issuer);
    close(listener);
    return nth - 1;
}

/* Runs the script; true when it ran to its end. */
static bool run(const char *script, long nth) {
    lua_State *L = lua_newstate(failing_lua, NULL);
    must(L != NULL, nth, "Lua starts");
    luaL_openlibs(L);
    bool good = luaL_loadfile(L, script) == LUA_OK;
    must(good, nth, "the script can be read");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_skotos_bridge);
    lua_setfield(L, -2, "skotos_bridge");
    lua_pushcfunction(L, luaopen_skotos_probes);
    lua_setfield(L, -2, "skotos_probes");
    lua_pop(L, 1);
    failing_at(nth);
    good = lua_pcall(L, 0, 0, 0) == LUA_OK;
    if (!good && failing_count() < nth) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        must(false, nth, "the script ends well when nothing fails");
    }
    long used = failing_count();
    failing_at(0);
    lua_close(L);
    return used < nth;
}

int main(int argc, char **argv) {
    failing_begin();
    must(argc == 2, 0, "the script is named");
    must(run(argv[1], 1L << 40), 0, "the script ends well");
    long nth = 1;
    while (!run(argv[1], nth)) {
        nth++;
    }
    printf("%ld allocations failed behind the Lua binding\n", nth - 1);
    printf("%ld allocations failed on a request's path through a link\n", fail_in_link());
    printf("%ld allocations failed in the queues between request and reply\n", fail_in_queues());
    fflush(stdout);
    return 0;
}
