#include "contenders.h"

#include "floor.h"
#include "issuer.h"
#include "request_parse.h"
#include "request_queue.h"
#include "verifier.h"

#include <inttypes.h>
#include <jansson.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REQUEST_FORMAT                                                                                                 \
    "{ \"cmd\": \"jwt_token\", \"displayName\": \"" BENCH_NAME "\", \"channel\": \"" BENCH_CHANNEL                     \
    "\", \"moderator\": false, \"validFor\": 600, \"seq\": %zu }"
#define ROOM 16384
/* Requests of one read, as the guard sees them. */
#define READ_REQUESTS 64

char contender_sample[32768];
int64_t contender_now;

static struct issuer issuer;
static struct verifier *verifier;
static char to_check[1024];
static size_t to_check_len;
static struct request token_request = {.command = -1,
                                       .name = {BENCH_NAME, sizeof BENCH_NAME - 1},
                                       .account = {BENCH_NAME, sizeof BENCH_NAME - 1},
                                       .channel = {BENCH_CHANNEL, sizeof BENCH_CHANNEL - 1},
                                       .valid_for = BENCH_VALID_FOR};

bool contenders_begin(void) {
    struct fault fault;
    struct name_list secrets = {0}, issuers = {0}, audiences = {0};
    name_list_add(&secrets, BENCH_SECRET, sizeof BENCH_SECRET - 1);
    name_list_add(&issuers, "skotos", 6);
    name_list_add(&audiences, "jitsi", 5);
    struct verifier_options options = {
        .algorithm = "HS256", .secrets = &secrets, .issuers = &issuers, .audiences = &audiences, .require_room = true};
    contender_now = (int64_t)time(NULL);
    verifier = verifier_new(&options, &fault);
    name_list_free(&secrets);
    name_list_free(&issuers);
    name_list_free(&audiences);
    issuer.max_frame = 65536;
    issuer.policy.default_validity = 600;
    issuer.policy.max_validity = 86400;
    issuer.policy.allow_moderator = true;
    issuer.maker = token_maker_new("skotos", "meet.test", HMAC_SHA256, BENCH_SECRET, sizeof BENCH_SECRET - 1);
    if (!verifier || !issuer.maker || !floor_begin(BENCH_SECRET)) {
        return false;
    }
    to_check_len = floor_token(to_check, BENCH_NAME, BENCH_CHANNEL, contender_now, BENCH_VALID_FOR);
    return to_check_len > 0;
}

/* ---- making one token ---- */

static bool make_ours(size_t count) {
    struct grant grant = {.use_by = contender_now + BENCH_VALID_FOR, .expires = contender_now + BENCH_VALID_FOR};
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len = token_make(issuer.maker, &token_request, &grant, contender_now, contender_sample, TOKEN_MAX);
        if (len == 0) {
            return false;
        }
    }
    contender_sample[len] = '\0';
    return true;
}

static bool make_floor(size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!floor_token(contender_sample, BENCH_NAME, BENCH_CHANNEL, contender_now, BENCH_VALID_FOR)) {
            return false;
        }
    }
    return true;
}

/* libjwt's token for a name and a channel; the caller frees it. */
static char *libjwt_token(const char *name, const char *channel) {
    jwt_t *jwt = NULL;
    char *token = NULL;
    json_t *context = json_pack("{s:{s:{s:s,s:s,s:b,s:s}}}", "context", "user", "id", name, "name", name, "moderator",
                                0, "affiliation", "member");
    char *text = json_dumps(context, JSON_COMPACT);
    if (text && jwt_new(&jwt) == 0 &&
        jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)BENCH_SECRET, sizeof BENCH_SECRET - 1) == 0 &&
        jwt_add_grant(jwt, "iss", "skotos") == 0 && jwt_add_grant(jwt, "aud", "jitsi") == 0 &&
        jwt_add_grant(jwt, "sub", "meet.test") == 0 && jwt_add_grant(jwt, "room", channel) == 0 &&
        jwt_add_grant_int(jwt, "iat", contender_now) == 0 && jwt_add_grant_int(jwt, "nbf", contender_now) == 0 &&
        jwt_add_grant_int(jwt, "exp", contender_now + BENCH_VALID_FOR) == 0 &&
        jwt_add_grant_bool(jwt, "moderator", 0) == 0 && jwt_add_grants_json(jwt, text) == 0) {
        token = jwt_encode_str(jwt);
    }
    jwt_free(jwt);
    free(text);
    json_decref(context);
    return token;
}

static bool make_libjwt(size_t count) {
    for (size_t i = 0; i < count; i++) {
        char *token = libjwt_token(BENCH_NAME, BENCH_CHANNEL);
        if (!token) {
            return false;
        }
        snprintf(contender_sample, sizeof contender_sample, "%s", token);
        free(token);
    }
    return true;
}

/* ---- checking one ---- */

static bool check_ours(size_t count) {
    static struct claims claims;
    struct fault fault;
    for (size_t i = 0; i < count; i++) {
        if (verifier_verify(verifier, to_check, to_check_len, contender_now, VALIDITY_STRICT, &claims, &fault) !=
            VERDICT_OK) {
            return false;
        }
    }
    snprintf(contender_sample, sizeof contender_sample, "%s", to_check);
    return true;
}

static bool check_libjwt(size_t count) {
    for (size_t i = 0; i < count; i++) {
        jwt_t *jwt = NULL;
        if (jwt_decode(&jwt, to_check, (const unsigned char *)BENCH_SECRET, sizeof BENCH_SECRET - 1) != 0) {
            return false;
        }
        const char *iss = jwt_get_grant(jwt, "iss"), *aud = jwt_get_grant(jwt, "aud");
        bool good = iss && aud && strcmp(iss, "skotos") == 0 && strcmp(aud, "jitsi") == 0 &&
                    jwt_get_grant(jwt, "room") && jwt_get_alg(jwt) == JWT_ALG_HS256 &&
                    jwt_get_grant_int(jwt, "exp") > contender_now && jwt_get_grant_int(jwt, "nbf") <= contender_now;
        jwt_free(jwt);
        if (!good) {
            return false;
        }
    }
    snprintf(contender_sample, sizeof contender_sample, "%s", to_check);
    return true;
}

/* ---- a request's bytes to its reply's ---- */

static bool answer_ours(size_t count) {
    char frame[256];
    size_t n = 0;
    size_t len = (size_t)snprintf(frame, sizeof frame, REQUEST_FORMAT, (size_t)17);
    for (size_t i = 0; i < count; i++) {
        struct request request;
        struct fault fault;
        if (!request_parse(&request, &issuer.rules, frame, len, &fault)) {
            return false;
        }
        n = issuer_reply(&issuer, &request, contender_now, 0, contender_sample, ROOM, &fault);
        n = n > 0 ? reply_close(contender_sample, n, ROOM, 0, REPLY_END_NUL) : 0;
        request_free(&request);
        if (n == 0) {
            return false;
        }
    }
    return contender_sample[n - 1] == '\0';
}

/* What one does with jansson and no more care than that. */
static bool answer_jansson(size_t count, bool floor) {
    char frame[256], token[1024];
    size_t len = (size_t)snprintf(frame, sizeof frame, REQUEST_FORMAT, (size_t)17);
    for (size_t i = 0; i < count; i++) {
        json_error_t error;
        char *made = NULL;
        json_t *root = json_loadb(frame, len, JSON_REJECT_DUPLICATES, &error);
        const char *name = json_string_value(json_object_get(root, "displayName"));
        const char *channel = json_string_value(json_object_get(root, "channel"));
        json_int_t seq = json_integer_value(json_object_get(root, "seq"));
        json_int_t valid_for = json_integer_value(json_object_get(root, "validFor"));
        if (name && channel && floor) {
            made = floor_token(token, name, channel, contender_now, valid_for) ? token : NULL;
        } else if (name && channel) {
            made = libjwt_token(name, channel);
        }
        int n = snprintf(contender_sample, ROOM,
                         "{\"seq\":%" JSON_INTEGER_FORMAT
                         ",\"success\":true,\"token\":\"%s\",\"message\":\"OK\",\"time\":%" PRId64 "}\n",
                         seq, made ? made : "", contender_now);
        bool good = made && n > 0;
        if (made && !floor) {
            free(made);
        }
        json_decref(root);
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool answer_jansson_floor(size_t count) { return answer_jansson(count, true); }
static bool answer_jansson_libjwt(size_t count) { return answer_jansson(count, false); }

/* The same with all that a game's link adds: frames are cut out of one read, the count is guarded, each reply is padded
 * to 8192 bytes. */
static bool answer_stream(size_t count) {
    static struct request_queue requests;
    static size_t seq;
    struct journal journal = {0};
    if (!requests.reader.buffer) {
        request_queue_init(&requests, issuer.max_frame);
    }
    for (size_t done = 0; done < count;) {
        char *room = frame_reader_room(&requests.reader, (size_t)READ_REQUESTS * 256);
        size_t used = 0;
        if (!room) {
            return false;
        }
        for (size_t i = 0; i < READ_REQUESTS; i++) {
            used += (size_t)snprintf(room + used, 256, REQUEST_FORMAT, seq++ % REQUEST_SEQ_MAX) + 1;
        }
        frame_reader_filled(&requests.reader, used);
        request_queue_read(&requests, &issuer.rules, 1, &journal);
        request_queue_settle(&requests, 1);
        struct entry *entry;
        while ((entry = request_queue_next(&requests)) != NULL) {
            struct fault fault = {.code = FAULT_NONE};
            size_t n = 0;
            if (entry->sound && entry->arrival.whole != WHOLE_NOT && entry->arrival.answer) {
                n = issuer_reply(&issuer, &entry->request, contender_now, 8192, contender_sample, ROOM, &fault);
            }
            n = n > 0 && fault.code == FAULT_NONE ? reply_close(contender_sample, n, ROOM, 8192, REPLY_END_NUL) : 0;
            entry_free(entry);
            if (n != 8192) {
                return false;
            }
            done++;
        }
    }
    return true;
}

static const struct contender contenders[] = {
    {"make-ours", make_ours},
    {"make-floor", make_floor},
    {"make-libjwt", make_libjwt},
    {"check-ours", check_ours},
    {"check-libjwt", check_libjwt},
    {"answer-ours", answer_ours},
    {"answer-jansson-floor", answer_jansson_floor},
    {"answer-jansson-libjwt", answer_jansson_libjwt},
    {"answer-stream", answer_stream},
};

const struct contender *contender_at(size_t index) {
    return index < sizeof contenders / sizeof contenders[0] ? &contenders[index] : NULL;
}

const struct contender *contender_find(const char *name) {
    const struct contender *contender;
    for (size_t i = 0; (contender = contender_at(i)) != NULL; i++) {
        if (strcmp(contender->name, name) == 0) {
            return contender;
        }
    }
    return NULL;
}
