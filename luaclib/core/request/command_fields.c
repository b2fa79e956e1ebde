#include "command_fields.h"

#include "field_faults.h"
#include "room_name.h"
#include "subscription.h"

#include <inttypes.h>
#include <string.h>

typedef bool (*value_reader)(struct command_value *value, const char *name, json_t *json, struct fault *fault);

static bool read_room(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    if (!field_string(json, name, &value->text, fault) || !field_check_channel(name, value->text, fault)) {
        return false;
    }
    if (room_name_is_any(value->text)) {
        fault_set(fault, FAULT_FIELD, "%s: \"*\" came, one room is wanted", name);
        return false;
    }
    return true;
}

static bool read_text(struct command_value *value, const char *name, json_t *json, size_t max, struct fault *fault) {
    return field_string(json, name, &value->text, fault) && field_check_lines(name, value->text, max, fault);
}

static bool read_id(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    return field_string(json, name, &value->text, fault) && field_check_text(name, value->text, FIELD_ID_MAX, fault);
}

static bool read_name(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    return field_string(json, name, &value->text, fault) && field_check_text(name, value->text, FIELD_NAME_MAX, fault);
}

static bool read_sender(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    return read_text(value, name, json, FIELD_NAME_MAX, fault);
}

/* An empty reason is none. */
static bool read_reason(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    return (json_is_string(json) && json_string_length(json) == 0) ||
           read_text(value, name, json, COMMAND_REASON_MAX, fault);
}

static bool read_said(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    return read_text(value, name, json, COMMAND_TEXT_MAX, fault);
}

static bool read_cursor(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    return read_text(value, name, json, COMMAND_CURSOR_MAX, fault);
}

static bool read_boolean(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    if (!json_is_boolean(json)) {
        return field_wrong_type(fault, name, json, "true or false");
    }
    value->number = json_is_true(json);
    return true;
}

static bool read_seconds(struct command_value *value, const char *name, json_t *json, int64_t least,
                         struct fault *fault) {
    if (!json_is_integer(json)) {
        return field_wrong_type(fault, name, json, "a whole number of seconds");
    }
    value->number = json_integer_value(json);
    if (value->number < least || value->number > COMMAND_BAN_MAX) {
        fault_set(fault, FAULT_FIELD, "%s: %" PRId64 " came, %" PRId64 " to %" PRId64 " seconds are wanted", name,
                  value->number, least, COMMAND_BAN_MAX);
        return false;
    }
    return true;
}

static bool read_ban(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    return read_seconds(value, name, json, 0, fault);
}

static bool read_validity(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    return read_seconds(value, name, json, 1, fault);
}

static bool read_media(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    static const char *const media[] = {"audio", "video", "desktop"};
    char quoted[FAULT_QUOTE_SIZE];
    if (!field_string(json, name, &value->text, fault)) {
        return false;
    }
    for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
        if (strlen(media[i]) == value->text.len && memcmp(value->text.at, media[i], value->text.len) == 0) {
            return true;
        }
    }
    fault_set(fault, FAULT_FIELD, "%s: %s came, \"audio\", \"video\" or \"desktop\" is wanted", name,
              fault_quote(quoted, value->text.at, value->text.len));
    return false;
}

#define EVENT_LIST_SIZE 160

/* "joined, left, … and the last one" into `list`, which is returned. */
static const char *list_events(char list[EVENT_LIST_SIZE]) {
    for (int i = 0; i < ROOM_EVENT_COUNT; i++) {
        const char *parted = i == 0 ? "" : i + 1 < ROOM_EVENT_COUNT ? ", " : " and ";
        strncat(list, parted, EVENT_LIST_SIZE - strlen(list) - 1);
        strncat(list, room_event_name((enum room_event)i), EVENT_LIST_SIZE - strlen(list) - 1);
    }
    return list;
}

static bool read_events(struct command_value *value, const char *name, json_t *json, struct fault *fault) {
    size_t i;
    json_t *item;
    if (!json_is_array(json)) {
        return field_wrong_type(fault, name, json, "a list of strings");
    }
    json_array_foreach(json, i, item) {
        char quoted[FAULT_QUOTE_SIZE];
        struct text event;
        if (!field_string(item, name, &event, fault)) {
            return false;
        }
        int found = room_event_find(event.at, event.len);
        if (found < 0) {
            fault_set(fault, FAULT_FIELD, "%s: %s came, the events are %s", name,
                      fault_quote(quoted, event.at, event.len), list_events((char[EVENT_LIST_SIZE]){0}));
            return false;
        }
        value->number |= INT64_C(1) << found;
    }
    return true;
}

static const struct field {
    const char *name;
    enum command_kind kind;
    value_reader read;
} fields_by_index[COMMAND_FIELD_COUNT] = {
    [COMMAND_FIELD_CHANNEL] = {"channel", COMMAND_KIND_TEXT, read_room},
    [COMMAND_FIELD_ID] = {"id", COMMAND_KIND_TEXT, read_id},
    [COMMAND_FIELD_DISPLAY_NAME] = {"displayName", COMMAND_KIND_TEXT, read_name},
    [COMMAND_FIELD_MODERATOR] = {"moderator", COMMAND_KIND_BOOLEAN, read_boolean},
    [COMMAND_FIELD_REASON] = {"reason", COMMAND_KIND_TEXT, read_reason},
    [COMMAND_FIELD_BAN_FOR] = {"banFor", COMMAND_KIND_INTEGER, read_ban},
    [COMMAND_FIELD_MEDIA] = {"media", COMMAND_KIND_TEXT, read_media},
    [COMMAND_FIELD_MUTED] = {"muted", COMMAND_KIND_BOOLEAN, read_boolean},
    [COMMAND_FIELD_TO] = {"to", COMMAND_KIND_TEXT, read_room},
    [COMMAND_FIELD_VALID_FOR] = {"validFor", COMMAND_KIND_INTEGER, read_validity},
    [COMMAND_FIELD_TEXT] = {"text", COMMAND_KIND_TEXT, read_said},
    [COMMAND_FIELD_FROM] = {"from", COMMAND_KIND_TEXT, read_sender},
    [COMMAND_FIELD_EVENTS] = {"events", COMMAND_KIND_EVENTS, read_events},
    [COMMAND_FIELD_CURSOR] = {"cursor", COMMAND_KIND_TEXT, read_cursor},
};

const char *command_field_name(enum command_field field) { return fields_by_index[field].name; }

enum command_kind command_field_kind(enum command_field field) { return fields_by_index[field].kind; }

static int find(const char *name) {
    for (int i = 0; i < COMMAND_FIELD_COUNT; i++) {
        if (strcmp(fields_by_index[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

/* A command that names a member that it does not take was made by mistake, or out of a player's name. */
static bool refuse_member(int index, const char *name, struct fault *fault) {
    char quoted[FAULT_QUOTE_SIZE], list[160] = "";
    for (int i = 0; i < COMMAND_FIELD_COUNT; i++) {
        if (command_takes(index) & 1U << i) {
            strncat(list, list[0] ? ", " : " ", sizeof list - strlen(list) - 1);
            strncat(list, fields_by_index[i].name, sizeof list - strlen(list) - 1);
        }
    }
    fault_set(fault, FAULT_MEMBER, "%s: %s has no such member, its members are%s",
              fault_quote(quoted, name, strlen(name)), command_name(index), list[0] ? list : " cmd and seq only");
    return false;
}

static bool need(const struct command_fields *fields, int index, struct fault *fault) {
    bool required, id = fields->values[COMMAND_FIELD_ID].given;
    bool name = fields->values[COMMAND_FIELD_DISPLAY_NAME].given;
    for (int i = 0; i < COMMAND_FIELD_COUNT; i++) {
        if ((command_needs(index) & 1U << i) && !fields->values[i].given) {
            fault_set(fault, FAULT_FIELD, "%s: nothing came, %s wants it", fields_by_index[i].name,
                      command_name(index));
            return false;
        }
    }
    if (command_has_person(index, &required) && required && !id && !name) {
        fault_set(fault, FAULT_FIELD, "id, displayName: nothing came, %s wants one of them", command_name(index));
        return false;
    }
    if (id && name) {
        fault_set(fault, FAULT_FIELD, "id, displayName: both came, one of them is wanted");
        return false;
    }
    return true;
}

bool command_fields_read(struct command_fields *fields, int index, json_t *object, struct fault *fault) {
    const char *name;
    json_t *json;
    memset(fields, 0, sizeof *fields);
    json_object_foreach(object, name, json) {
        if (strcmp(name, "cmd") == 0 || strcmp(name, "seq") == 0) {
            continue;
        }
        int field = find(name);
        if (field < 0 || !(command_takes(index) & 1U << field)) {
            return refuse_member(index, name, fault);
        }
        struct command_value *value = &fields->values[field];
        if (!fields_by_index[field].read(value, name, json, fault)) {
            return false;
        }
        value->given = fields_by_index[field].kind != COMMAND_KIND_TEXT || value->text.at != NULL;
    }
    return need(fields, index, fault);
}
