#include "request_parse.h"

#include "command.h"
#include "request_members.h"
#include "request_scan.h"
#include "utf8.h"
#include "windows1252.h"

#include <stdlib.h>
#include <string.h>

/* The frame as a JSON tree: what is not UTF-8 is turned into it first, duplicate keys are an error. */
static json_t *load(struct request *request, const char *frame, size_t len, struct fault *fault) {
    json_error_t error;
    json_t *root = NULL;
    char *converted = NULL;
    if (!utf8_valid(frame, len)) {
        converted = malloc(WINDOWS1252_TO_UTF8_MAX(len) + 1);
        if (!converted) {
            fault_set(fault, FAULT_MEMORY, "no memory for the request");
            return NULL;
        }
        len = windows1252_to_utf8(converted, frame, len);
        frame = converted;
        request->windows1252 = true;
    }
    /* jansson passes over a raw NUL behind a number or a word. */
    const char *nul = memchr(frame, '\0', len);
    if (nul) {
        fault_set(fault, FAULT_NOT_JSON, "the request is not JSON (byte %zu), one JSON object is wanted",
                  (size_t)(nul - frame) + 1);
        free(converted);
        return NULL;
    }
    root = json_loadb(frame, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!root) {
        switch (json_error_code(&error)) {
        case json_error_duplicate_key:
            fault_set(fault, FAULT_NOT_JSON, "the request holds a member twice (byte %d), each is wanted once",
                      error.position);
            break;
        case json_error_out_of_memory:
            fault_set(fault, FAULT_MEMORY, "no memory for the request");
            break;
        default:
            fault_set(fault, FAULT_NOT_JSON, "the request is not JSON (byte %d), one JSON object is wanted",
                      error.position);
        }
    } else if (!json_is_object(root)) {
        fault_set(fault, FAULT_NOT_JSON, "the request is JSON but no object, one JSON object is wanted");
        json_decref(root);
        root = NULL;
    }
    free(converted);
    return root;
}

/* Finds out what is asked for: -1 in `request->command` for a token. */
static bool read_command(struct request *request, const struct request_rules *rules, struct fault *fault) {
    char quoted[FAULT_QUOTE_SIZE];
    const json_t *cmd = json_object_get(request->root, "cmd");
    const char *name = json_string_value(cmd);
    if (!cmd) {
        return true;
    }
    if (!name) {
        fault_set(fault, FAULT_FIELD, "cmd: no string came, \"jwt_token\" is wanted");
        return false;
    }
    if (json_string_length(cmd) == 9 && memcmp(name, "jwt_token", 9) == 0) {
        return true;
    }
    int command = command_find(name, json_string_length(cmd));
    if (command < 0) {
        fault_set(fault, FAULT_COMMAND, "cmd: %s came, \"jwt_token\" is wanted",
                  fault_quote(quoted, name, json_string_length(cmd)));
        return false;
    }
    if (!(rules->commands & 1U << command)) {
        fault_set(fault, FAULT_COMMAND, "cmd: \"%s\" is switched off %s", name,
                  rules->listener ? "for a listener's clients, only a game's link may give commands"
                                  : "for this game, skotos_commands = true, or a list with its name, turns it on");
        return false;
    }
    request->command = command;
    return true;
}

static bool read_members(struct request *request, const struct request_rules *rules, struct fault *fault) {
    const char *key;
    json_t *value;
    json_object_foreach(request->root, key, value) {
        bool known;
        unsigned bit;
        if (!request_member_read(request, key, value, &known, &bit, fault)) {
            return false;
        }
        if (known ? (bit & ~rules->members) != 0 : !rules->listener) {
            char quoted[FAULT_QUOTE_SIZE];
            fault_set(fault, FAULT_MEMBER,
                      "%s: this game sends no such member; skotos_request_members lists those that it may",
                      fault_quote(quoted, key, strlen(key)));
            return false;
        }
    }
    return true;
}

/* A command's members, and its number. */
static bool read_command_members(struct request *request, struct fault *fault) {
    bool known;
    unsigned bit;
    json_t *seq = json_object_get(request->root, "seq");
    if (seq && !request_member_read(request, "seq", seq, &known, &bit, fault)) {
        return false;
    }
    request->fields = calloc(1, sizeof *request->fields);
    if (!request->fields) {
        fault_set(fault, FAULT_MEMORY, "no memory for the request");
        return false;
    }
    return command_fields_read(request->fields, request->command, request->root, fault);
}

static bool need_members(const struct request *request, struct fault *fault) {
    const char *missing = !request->name.at ? "displayName" : !request->channel.at ? "channel" : NULL;
    if (missing) {
        fault_set(fault, FAULT_FIELD, "%s: nothing came, a string is wanted", missing);
        return false;
    }
    if (request->valid_for && request->valid_until) {
        fault_set(fault, FAULT_FIELD, "validFor, validUntil: both came, one of them is wanted");
        return false;
    }
    return true;
}

/* Whether an escape in a request for a token is one that its sender wrote. */
static bool may_escape(const struct request_rules *rules, const char *frame, size_t len, struct fault *fault) {
    const char *backslash = rules->listener ? NULL : memchr(frame, '\\', len);
    if (backslash) {
        fault_set(fault, FAULT_FIELD,
                  "a backslash came at byte %zu, none is wanted: this game escapes nothing, so it was in a name",
                  (size_t)(backslash - frame) + 1);
    }
    return !backslash;
}

static char *escape(struct text text, size_t *len, struct fault *fault) {
    char *escaped = malloc(WINDOWS1252_ESCAPE_MAX(text.len) + 1);
    if (!escaped) {
        fault_set(fault, FAULT_MEMORY, "no memory for the request");
        return NULL;
    }
    *len = windows1252_escape(escaped, text);
    return escaped;
}

/* The person that a request names by id, told from one whose id has the same letters in UTF-8. */
static bool escape_id(struct request *request, struct fault *fault) {
    json_t *id = json_object_get(request->root, "id");
    size_t len;
    if (!json_is_string(id)) {
        return true;
    }
    char *escaped = escape((struct text){json_string_value(id), json_string_length(id)}, &len, fault);
    bool set = escaped && json_object_set_new(request->root, "id", json_stringn(escaped, len)) == 0;
    if (escaped && !set) {
        fault_set(fault, FAULT_MEMORY, "no memory for the request");
    }
    free(escaped);
    return set;
}

static bool name_account(struct request *request, struct fault *fault) {
    request->account = request->name;
    if (request->windows1252) {
        request->escaped = escape(request->name, &request->account.len, fault);
        request->account.at = request->escaped;
    }
    return request->account.at != NULL;
}

static bool parse_json(struct request *request, const struct request_rules *rules, const char *frame, size_t len,
                       struct fault *fault) {
    request->root = load(request, frame, len, fault);
    if (!request->root || (request->windows1252 && !escape_id(request, fault))) {
        return false;
    }
    if (!read_command(request, rules, fault)) {
        return false;
    }
    if (request->command >= 0 ? !read_command_members(request, fault)
                              : !may_escape(rules, frame, len, fault) || !read_members(request, rules, fault) ||
                                    !need_members(request, fault) || !name_account(request, fault)) {
        return false;
    }
    if (!rules->listener && !request->numbered) {
        fault_set(fault, FAULT_FIELD, "seq: nothing came, a whole number is wanted");
        return false;
    }
    return true;
}

bool request_too_long(struct request *request, size_t max_frame, const char *tail, size_t len, struct fault *fault) {
    memset(request, 0, sizeof *request);
    request->numbered = request_last_seq(tail, len, &request->seq);
    fault_set(fault, FAULT_TOO_LONG, "the request is longer than %zu bytes (skotos_max_frame)", max_frame);
    return false;
}

bool request_parse(struct request *request, const struct request_rules *rules, const char *frame, size_t len,
                   struct fault *fault) {
    memset(request, 0, sizeof *request);
    request->command = -1;
    fault->code = FAULT_NONE;
    bool sound;
    if (request_scan(request, frame, len)) {
        request->account = request->name;
        sound = field_check_text("displayName", request->name, FIELD_NAME_MAX, fault) &&
                field_check_channel("channel", request->channel, fault);
    } else {
        sound = parse_json(request, rules, frame, len, fault);
        if (!sound && !request->numbered) {
            request->numbered = request_last_seq(frame, len, &request->seq);
        }
    }
    return sound;
}
