#include "field_faults.h"

#include "printable.h"
#include "room_name.h"
#include "utf8.h"

#include <string.h>

static const char *type_name(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "a number";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        break;
    }
    return "null";
}

bool field_wrong_type(struct fault *fault, const char *field, const json_t *value, const char *wanted) {
    fault_set(fault, FAULT_FIELD, "%s: %s came, %s is wanted", field, type_name(value), wanted);
    return false;
}

bool field_string(json_t *value, const char *field, struct text *out, struct fault *fault) {
    if (!json_is_string(value)) {
        return field_wrong_type(fault, field, value, "a string");
    }
    out->at = json_string_value(value);
    out->len = json_string_length(value);
    return true;
}

size_t field_find_unfit(struct text value) {
    size_t end = printable_find_other(value.at, value.len);
    for (size_t i = 0; i < end; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if (c == '\n' || c == '\t' || (c == 0xC2 && i + 1 < end && (unsigned char)value.at[i + 1] < 0xA0)) {
            return i;
        }
    }
    return end;
}

static bool check_length(const char *field, struct text value, size_t max, struct fault *fault) {
    size_t count = utf8_count(value.at, value.len);
    if (count < 1 || count > max) {
        fault_set(fault, FAULT_FIELD, "%s: %zu characters came, 1 to %zu are wanted", field, count, max);
        return false;
    }
    return true;
}

bool field_check_text(const char *field, struct text value, size_t max, struct fault *fault) {
    if (!check_length(field, value, max, fault)) {
        return false;
    }
    size_t unfit = field_find_unfit(value);
    if (unfit < value.len) {
        fault_set(fault, FAULT_FIELD,
                  "%s: a control character, or one that cannot be shown, came at byte %zu, printable text is wanted",
                  field, unfit + 1);
        return false;
    }
    return true;
}

bool field_check_lines(const char *field, struct text value, size_t max, struct fault *fault) {
    if (!check_length(field, value, max, fault)) {
        return false;
    }
    size_t other = printable_find_other(value.at, value.len);
    if (other < value.len) {
        fault_set(fault, FAULT_FIELD, "%s: a character that cannot be shown came at byte %zu, text is wanted", field,
                  other + 1);
        return false;
    }
    return true;
}

bool field_check_channel(const char *field, struct text value, struct fault *fault) {
    char node[ROOM_NAME_MAX], quoted[FAULT_QUOTE_SIZE];
    const char *why;
    if (!field_check_text(field, value, FIELD_CHANNEL_MAX, fault)) {
        return false;
    }
    if (!room_name_is_any(value) && room_name_node(value, (struct text){NULL, 0}, node, &why) == 0) {
        fault_set(fault, FAULT_FIELD, "%s: %s came, which no Jitsi page can open: %s", field,
                  fault_quote(quoted, value.at, value.len), why);
        return false;
    }
    return true;
}
