#include "issuer.h"

#include "request_parse.h"

#include <openssl/crypto.h>
#include <stdlib.h>

void issuer_free(struct issuer *issuer) {
    token_maker_free(issuer->maker);
    issuer->maker = NULL;
    name_list_free(&issuer->policy.moderators);
    name_list_free(&issuer->policy.rooms);
    name_list_free(&issuer->policy.tenants);
    free(issuer->policy.owners);
    issuer->policy.owners = NULL;
    issuer->policy.owner_count = 0;
}

size_t issuer_refusal(bool numbered, int64_t seq, const struct fault *fault, int64_t now, char *out, size_t room) {
    struct reply reply = {.numbered = numbered, .seq = seq, .success = false, .message = fault->text, .time = now};
    return reply_open(out, room, &reply);
}

size_t issuer_token(const struct issuer *issuer, const struct request *request, int64_t now, char *out, size_t room,
                    struct fault *fault) {
    struct grant grant;
    if (request->command >= 0) {
        fault_set(fault, FAULT_COMMAND, "cmd: a command came, only \"jwt_token\" is wanted here");
        return 0;
    }
    if (!policy_decide(&issuer->policy, request, now, &grant, fault)) {
        return 0;
    }
    char name[POLICY_FULL_NAME_MAX];
    struct request full = *request;
    full.channel = policy_full_name(&issuer->policy, request->channel, name);
    size_t len = token_make(issuer->maker, &full, &grant, now, out, room);
    if (len == 0) {
        fault_set(fault, FAULT_REPLY_SIZE, "the token has over %zu bytes; shorter fields are wanted", room);
    }
    return len;
}

size_t issuer_reply(const struct issuer *issuer, const struct request *request, int64_t now, size_t frame_size,
                    char *out, size_t room, struct fault *fault) {
    char token[TOKEN_MAX];
    fault->code = FAULT_NONE;
    size_t token_len = issuer_token(issuer, request, now, token, sizeof token, fault);
    if (token_len == 0) {
        return issuer_refusal(request->numbered, request->seq, fault, now, out, room);
    }
    struct reply reply = {.numbered = request->numbered,
                          .seq = request->seq,
                          .success = true,
                          .token = token,
                          .token_len = token_len,
                          .message = policy_withholds(&issuer->policy, request)
                                         ? "OK, but not as a moderator: the request came together with others"
                                         : "OK",
                          .time = now};
    size_t len = reply_open(out, room, &reply);
    OPENSSL_cleanse(token, token_len);
    if (len == 0 || (frame_size > 0 && len + REPLY_CLOSE_MIN > frame_size)) {
        fault_set(fault, FAULT_REPLY_SIZE, "the token does not fit a reply of %zu bytes; shorter fields are wanted",
                  frame_size > 0 ? frame_size : room);
        return issuer_refusal(request->numbered, request->seq, fault, now, out, room);
    }
    return len;
}

size_t issuer_reply_frame(const struct issuer *issuer, const char *bytes, size_t len, int64_t now, size_t size,
                          char *out, size_t room) {
    struct request request;
    struct fault fault;
    size_t n;
    if (request_parse(&request, &issuer->rules, bytes, len, &fault)) {
        n = issuer_reply(issuer, &request, now, size, out, room, &fault);
    } else {
        n = issuer_refusal(request.numbered, request.seq, &fault, now, out, room);
    }
    request_free(&request);
    return n > 0 ? reply_close(out, n, room, size, REPLY_END_NUL) : 0;
}
