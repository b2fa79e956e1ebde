/* The request parser: what it accepts is what jansson reads in the same bytes, under the rules that were given; what it
 * refuses it refuses with a line. The quick way (request_scan) and the JSON way say the same of every frame. */
#include "oracle.h"

#include "request_parse.h"
#include "request_scan.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static void check_text(struct text text, size_t max) {
    MUST(text.len > 0 && utf8_valid(text.at, text.len), "an accepted text is UTF-8");
    MUST(utf8_count(text.at, text.len) <= max, "an accepted text keeps its bound");
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        MUST(c >= 0x20 && c != 0x7F, "an accepted text holds no control character");
        MUST(c != 0xEF || text.len - i < 3 || (unsigned char)text.at[i + 1] != 0xBF ||
                 (unsigned char)text.at[i + 2] < 0xBE,
             "an accepted text holds nothing that XML cannot");
    }
}

static void check_optional(const json_t *root, const char *member, struct text text, bool welcome) {
    const json_t *value = json_object_get(root, member);
    MUST(!text.at == !value, "a field is there when its member is");
    if (text.at) {
        MUST(welcome, "a member that is not welcome is refused");
        MUST(oracle_is_text(value, text), "a field says what its member says");
    }
}

static int64_t seconds_of(const json_t *value) {
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10) : json_integer_value(value);
}

/* Everything in `request` stands in the frame, as somebody else reads it. */
static void check_accepted(const struct request *request, const struct request_rules *rules, const char *frame,
                           size_t len) {
    json_t *root = oracle_json(frame, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL);
    MUST(json_is_object(root), "an accepted request is a JSON object");
    MUST(oracle_is_text(json_object_get(root, "displayName"), request->name), "the name is the frame's");
    MUST(oracle_is_text(json_object_get(root, "channel"), request->channel), "the channel is the frame's");
    check_text(request->name, FIELD_NAME_MAX);
    check_text(request->channel, FIELD_CHANNEL_MAX);
    MUST(request->moderator == json_is_true(json_object_get(root, "moderator")), "only true makes a moderator");
    json_t *account = oracle_account(frame, len, json_object_get(root, "displayName"));
    MUST(oracle_is_text(account, request->account), "the account is the name, told from the same letters in UTF-8");
    json_decref(account);
    if (json_is_string(json_object_get(root, "id"))) {
        json_object_set_new(root, "id", oracle_account(frame, len, json_object_get(root, "id")));
    }
    check_optional(root, "id", request->id, rules->members & REQUEST_MEMBER_ID);
    check_optional(root, "email", request->email, rules->members & REQUEST_MEMBER_EMAIL);
    check_optional(root, "avatar", request->avatar, rules->members & REQUEST_MEMBER_AVATAR);
    check_optional(root, "group", request->group, rules->members & REQUEST_MEMBER_GROUP);
    MUST(request->valid_for == seconds_of(json_object_get(root, "validFor")), "the validity is the frame's");
    MUST(request->valid_until == seconds_of(json_object_get(root, "validUntil")), "the end is the frame's");
    MUST(!request->valid_until || rules->members & REQUEST_MEMBER_VALID_UNTIL, "validUntil only when it is welcome");
    MUST(request->numbered == json_is_integer(json_object_get(root, "seq")), "a number is known when it is there");
    MUST(request->seq == json_integer_value(json_object_get(root, "seq")), "the number is the frame's");
    MUST(rules->listener || request->numbered, "a game's request has a number");
    MUST(rules->listener || !memchr(frame, '\\', len), "a game's request for a token holds no escape");
    if (request->features) {
        json_t *features = json_loads(request->features, JSON_REJECT_DUPLICATES, NULL);
        MUST(rules->members & REQUEST_MEMBER_FEATURES, "features only when they are welcome");
        MUST(json_equal(features, json_object_get(root, "features")), "the features are the frame's");
        json_decref(features);
    }
    json_decref(root);
}

static bool same(struct text a, struct text b) {
    return !a.at == !b.at && a.len == b.len && (!a.at || memcmp(a.at, b.at, a.len) == 0);
}

/* The same frame behind a space, which only the JSON way reads. */
static void check_both_ways(const struct request *scanned, bool sound, const struct fault *fault,
                            const struct request_rules *rules, const char *frame, size_t len) {
    struct request other;
    struct fault other_fault;
    char *spaced = malloc(len + 1);
    MUST(spaced, "there is memory");
    spaced[0] = ' ';
    memcpy(spaced + 1, frame, len);
    bool other_sound = request_parse(&other, rules, spaced, len + 1, &other_fault);
    MUST(sound == other_sound, "both ways accept the same frames");
    MUST(scanned->numbered == other.numbered && scanned->seq == other.seq, "both ways read the same number");
    if (sound) {
        MUST(same(scanned->name, other.name) && same(scanned->channel, other.channel) &&
                 scanned->valid_for == other.valid_for && scanned->moderator == other.moderator,
             "both ways read the same request");
    } else {
        MUST(fault->code == other_fault.code && strcmp(fault->text, other_fault.text) == 0,
             "both ways refuse for the same reason");
    }
    request_free(&other);
    free(spaced);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    struct request request, scanned = {.command = -1};
    struct fault fault;
    uint8_t members = input_byte(&input), how = input_byte(&input);
    struct request_rules rules = {
        .members = members & REQUEST_MEMBERS_ALL, .commands = how & 8 ? ~0U : 0, .listener = how & 1};
    /* A copy of its own, so that a look past its end is seen. */
    size_t len = input.left;
    char *frame = malloc(len > 0 ? len : 1);
    MUST(frame, "there is memory");
    memcpy(frame, input.at, len);
    bool sound = request_parse(&request, &rules, frame, len, &fault);
    MUST(!request.numbered || (request.seq >= 0 && request.seq <= REQUEST_SEQ_MAX), "a number fits the game's scan");
    if (!sound) {
        oracle_check_fault(&fault);
    } else if (request.command < 0) {
        check_accepted(&request, &rules, frame, len);
    } else {
        MUST(rules.commands, "a command only where commands are on");
    }
    if (request_scan(&scanned, frame, len)) {
        check_both_ways(&request, sound, &fault, &rules, frame, len);
    }
    request_free(&request);
    free(frame);
    return 0;
}
