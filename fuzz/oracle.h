/* What the fuzz targets share: a rule that must hold, input taken apart, and other people's reading of JSON. */
#ifndef SKOTOS_FUZZ_ORACLE_H
#define SKOTOS_FUZZ_ORACLE_H

#include "fault.h"
#include "issuer.h"
#include "request.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry: called with each input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run with `rule` when `condition` does not hold, which libFuzzer takes for a crash and keeps the input. */
#define MUST(condition, rule)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            oracle_broken(__FILE__, __LINE__, (rule));                                                                 \
        }                                                                                                              \
    } while (0)
_Noreturn void oracle_broken(const char *file, int line, const char *rule);

/* What is left of an input. An empty one gives zeros. */
struct input {
    const uint8_t *at;
    size_t left;
};
uint8_t input_byte(struct input *input);
uint16_t input_word(struct input *input);
/* Up to `len` bytes, `*got` of them. */
const char *input_bytes(struct input *input, size_t len, size_t *got);

/* One printable line of ASCII that is not empty, with a code. */
void oracle_check_fault(const struct fault *fault);

/* The bytes as jansson reads them after our own turning of Windows-1252 into UTF-8; NULL when they are no JSON. The
 * caller frees it with json_decref. */
json_t *oracle_json(const char *bytes, size_t len, size_t flags);

/* What tells the account or id `text`, a string that came in these bytes, from all others. The caller frees it. */
json_t *oracle_account(const char *bytes, size_t len, const json_t *text);

/* Whether `value` is a string of exactly these bytes. */
bool oracle_is_text(const json_t *value, struct text text);

/* The payload of a compact token, as jansson reads it. The caller frees it with json_decref. */
json_t *oracle_payload(const char *token, size_t len);

/* The game that the targets play: issuer "skotos", domain "meet.test", 40 bytes of secret, and what an unmodified
 * game may send. The caller frees it with issuer_free. */
struct issuer oracle_issuer(void);
#define ORACLE_SECRET "a-secret-for-the-fuzz-targets-40-letters"
/* The time at which they play, seconds since the epoch. */
#define ORACLE_NOW INT64_C(1795511229)

/* How a game's request for a token begins: a player's name follows. */
#define ORACLE_HEAD "{ \"cmd\": \"jwt_token\", \"displayName\": \""

/* Writes the name that the `len` bytes at `name` stand for, for the request with the number `own`, to `out`, which has
 * room for ORACLE_NAME_MAX(len). Bytes stand for themselves, but for what a fuzzer would be long in finding: \1 B is a
 * number near the request's own, \2 B a decoy with that number and Skott behind it, \3 B a command between two halves.
 * Returns the length. */
size_t oracle_hostile_name(char *out, const char *name, size_t len, long own);
#define ORACLE_NAME_MAX(len) ((len)*160)

/* Whether it is a name like most people's: printable ASCII, nothing that JSON escapes, not too long. */
bool oracle_is_plain_name(const char *name, size_t len);

/* A token's payload has nothing in it beyond what any player has, or with `moderator` any moderator: of the person
 * `account`, called `name`. */
void oracle_check_claims(const json_t *payload, const json_t *account, const json_t *name, bool moderator);

#endif
