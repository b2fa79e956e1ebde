#include "request_members.h"

#include "field_faults.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef bool (*field_reader)(struct request *request, const char *name, json_t *value, struct fault *fault);

static bool read_cmd(struct request *request, const char *name, json_t *value, struct fault *fault) {
    struct text cmd;
    (void)request;
    return field_string(value, name, &cmd, fault);
}

static bool read_display_name(struct request *request, const char *name, json_t *value, struct fault *fault) {
    return field_string(value, name, &request->name, fault) &&
           field_check_text(name, request->name, FIELD_NAME_MAX, fault);
}

static bool read_channel(struct request *request, const char *name, json_t *value, struct fault *fault) {
    return field_string(value, name, &request->channel, fault) && field_check_channel(name, request->channel, fault);
}

static bool read_moderator(struct request *request, const char *name, json_t *value, struct fault *fault) {
    if (!json_is_boolean(value)) {
        return field_wrong_type(fault, name, value, "true or false");
    }
    request->moderator = json_is_true(value);
    return true;
}

/* The old server took seconds as a string of digits too. */
static bool digits(struct text value, int64_t *out) {
    *out = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') {
            return false;
        }
        *out = *out * 10 + (value.at[i] - '0');
    }
    return true;
}

static bool read_valid_for(struct request *request, const char *name, json_t *value, struct fault *fault) {
    if (json_is_integer(value)) {
        request->valid_for = json_integer_value(value);
    } else if (json_is_string(value)) {
        struct text text = {json_string_value(value), json_string_length(value)};
        if (text.len < 1 || text.len > 12 || !digits(text, &request->valid_for)) {
            char quoted[FAULT_QUOTE_SIZE];
            fault_set(fault, FAULT_FIELD, "%s: %s came, whole seconds are wanted", name,
                      fault_quote(quoted, text.at, text.len));
            return false;
        }
    } else {
        return field_wrong_type(fault, name, value, "a whole number of seconds");
    }
    if (request->valid_for < 1) {
        fault_set(fault, FAULT_FIELD, "%s: %" PRId64 " came, at least 1 second is wanted", name, request->valid_for);
        return false;
    }
    return true;
}

static bool read_valid_until(struct request *request, const char *name, json_t *value, struct fault *fault) {
    if (!json_is_integer(value)) {
        return field_wrong_type(fault, name, value, "a time in whole seconds since 1970");
    }
    request->valid_until = json_integer_value(value);
    if (request->valid_until < 1) {
        fault_set(fault, FAULT_FIELD, "%s: %" PRId64 " came, a time in seconds since 1970 is wanted", name,
                  request->valid_until);
        return false;
    }
    return true;
}

static bool read_seq(struct request *request, const char *name, json_t *value, struct fault *fault) {
    if (!json_is_integer(value)) {
        return field_wrong_type(fault, name, value, "a whole number");
    }
    json_int_t seq = json_integer_value(value);
    if (seq < 0 || seq > REQUEST_SEQ_MAX) {
        fault_set(fault, FAULT_FIELD, "%s: %" JSON_INTEGER_FORMAT " came, 0 to %d is wanted", name, seq,
                  REQUEST_SEQ_MAX);
        return false;
    }
    request->seq = seq;
    request->numbered = true;
    return true;
}

static bool read_id(struct request *request, const char *name, json_t *value, struct fault *fault) {
    return field_string(value, name, &request->id, fault) && field_check_text(name, request->id, FIELD_ID_MAX, fault);
}

static bool read_group(struct request *request, const char *name, json_t *value, struct fault *fault) {
    return field_string(value, name, &request->group, fault) &&
           field_check_text(name, request->group, REQUEST_GROUP_MAX, fault);
}

static bool read_email(struct request *request, const char *name, json_t *value, struct fault *fault) {
    if (!field_string(value, name, &request->email, fault) ||
        !field_check_text(name, request->email, REQUEST_EMAIL_MAX, fault)) {
        return false;
    }
    struct text email = request->email;
    const char *at = memchr(email.at, '@', email.len);
    if (email.len > REQUEST_EMAIL_MAX || !at || at == email.at || at == email.at + email.len - 1 ||
        memchr(email.at, ' ', email.len)) {
        char quoted[FAULT_QUOTE_SIZE];
        fault_set(fault, FAULT_FIELD, "%s: %s came, an address like name@example.com of at most %d bytes is wanted",
                  name, fault_quote(quoted, email.at, email.len), REQUEST_EMAIL_MAX);
        return false;
    }
    return true;
}

/* Printable ASCII but for the characters that RFC 3986 keeps out of a URL, after http:// or https://. */
static bool is_http_url(struct text url) {
    size_t scheme = url.len > 8 && memcmp(url.at, "https://", 8) == 0 ? 8 : 0;
    if (scheme == 0) {
        scheme = url.len > 7 && memcmp(url.at, "http://", 7) == 0 ? 7 : 0;
    }
    for (size_t i = scheme; i < url.len; i++) {
        unsigned char c = (unsigned char)url.at[i];
        if (c <= 0x20 || c >= 0x7F || memchr("\"<>\\^`{|}", c, 9)) {
            return false;
        }
    }
    return scheme > 0 && url.at[scheme] != '/';
}

static bool read_avatar(struct request *request, const char *name, json_t *value, struct fault *fault) {
    if (!field_string(value, name, &request->avatar, fault)) {
        return false;
    }
    if (request->avatar.len > REQUEST_AVATAR_MAX || !is_http_url(request->avatar)) {
        char quoted[FAULT_QUOTE_SIZE];
        fault_set(fault, FAULT_FIELD, "%s: %s came, an http:// or https:// URL of at most %d bytes is wanted", name,
                  fault_quote(quoted, request->avatar.at, request->avatar.len), REQUEST_AVATAR_MAX);
        return false;
    }
    return true;
}

/* Jitsi's features are flags: a flat object of booleans and strings. */
static bool read_features(struct request *request, const char *name, json_t *value, struct fault *fault) {
    const char *key;
    json_t *flag;
    if (!json_is_object(value)) {
        return field_wrong_type(fault, name, value, "an object of true, false or strings");
    }
    json_object_foreach(value, key, flag) {
        if (!json_is_boolean(flag) && !json_is_string(flag)) {
            return field_wrong_type(fault, "features' value", flag, "true, false or a string");
        }
        struct text feature = {key, strlen(key)}, text = {json_string_value(flag), json_string_length(flag)};
        if (field_find_unfit(feature) < feature.len || (text.at && field_find_unfit(text) < text.len)) {
            fault_set(fault, FAULT_FIELD,
                      "%s: a control character, or one that cannot be shown, came in it, printable text is wanted",
                      name);
            return false;
        }
    }
    request->features = json_dumps(value, JSON_COMPACT);
    if (!request->features) {
        fault_set(fault, FAULT_MEMORY, "%s: no memory", name);
        return false;
    }
    size_t len = strlen(request->features);
    if (len > REQUEST_FEATURES_MAX) {
        fault_set(fault, FAULT_FIELD, "%s: %zu bytes came, at most %d are wanted", name, len, REQUEST_FEATURES_MAX);
        return false;
    }
    return true;
}

static const struct field {
    const char *name;
    unsigned bit;
    field_reader read;
} fields[] = {
    {"cmd", 0, read_cmd},
    {"displayName", 0, read_display_name},
    {"channel", 0, read_channel},
    {"moderator", 0, read_moderator},
    {"validFor", 0, read_valid_for},
    {"seq", 0, read_seq},
    {"id", REQUEST_MEMBER_ID, read_id},
    {"email", REQUEST_MEMBER_EMAIL, read_email},
    {"avatar", REQUEST_MEMBER_AVATAR, read_avatar},
    {"validUntil", REQUEST_MEMBER_VALID_UNTIL, read_valid_until},
    {"group", REQUEST_MEMBER_GROUP, read_group},
    {"features", REQUEST_MEMBER_FEATURES, read_features},
};

static const struct field *find_field(const char *name) {
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

bool request_member_read(struct request *request, const char *name, json_t *value, bool *known, unsigned *bit,
                         struct fault *fault) {
    const struct field *field = find_field(name);
    *known = field != NULL;
    *bit = field ? field->bit : 0;
    return !field || field->read(request, name, value, fault);
}

unsigned request_member_bit(const char *name) {
    const struct field *field = find_field(name);
    return field ? field->bit : 0;
}

const char *request_member_name(size_t n) {
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].bit != 0 && n-- == 0) {
            return fields[i].name;
        }
    }
    return NULL;
}
