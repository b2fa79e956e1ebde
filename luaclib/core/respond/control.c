#include "control.h"

bool control_reply(struct control *control, uint64_t ticket, const char *bytes, size_t len) {
    bool done = outbox_fill(control->outbox, ticket, bytes, len);
    command_queue_end(&control->commands, ticket);
    return done;
}

bool control_subscribe(struct control *control, const struct command_fields *fields) {
    const struct command_value *events = &fields->values[COMMAND_FIELD_EVENTS];
    return subscription_set(&control->subscription, fields->values[COMMAND_FIELD_CHANNEL].text,
                            (unsigned)events->number);
}

bool control_wants(const struct control *control, const struct policy *policy, enum room_event event,
                   struct text channel) {
    return subscription_wants(&control->subscription, event, channel) && policy_covers(policy, channel);
}

uint64_t control_clear(struct control *control) {
    command_queue_clear(&control->commands);
    subscription_clear(&control->subscription);
    return event_queue_clear(&control->events);
}
