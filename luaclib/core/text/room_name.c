#include "room_name.h"

#include "ascii.h"
#include "printable.h"
#include "utf8.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static const char too_long[] = "its address would be longer than 1023 bytes";

static int hex_digit(char c) {
    c = ascii_lower(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* As decodeURIComponent: where one escape is none, or what they stand for is not UTF-8, all of them are text. Returns
 * the length; `out` has room for as much as came. */
static size_t decode(struct text encoded, char *out) {
    size_t len = 0;
    for (size_t i = 0; i < encoded.len; i++) {
        char c = encoded.at[i];
        if (c == '%') {
            int high = encoded.len - i > 2 ? hex_digit(encoded.at[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(encoded.at[i + 2]) : -1;
            if (low < 0) {
                len = 0;
                break;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        out[len++] = c;
    }
    if (len == 0 || !utf8_valid(out, len)) {
        memcpy(out, encoded.at, encoded.len);
        return encoded.len;
    }
    return len;
}

/* NFKC and lower case as a browser has them, in place. Returns the length, 0 when it does not fit. */
static size_t fold_unicode(char *name, size_t len) {
    UChar wide[ROOM_NAME_MAX + 1], folded[ROOM_NAME_MAX + 1];
    UErrorCode error = U_ZERO_ERROR;
    int32_t count = 0;
    u_strFromUTF8(wide, ROOM_NAME_MAX, &count, name, (int32_t)len, &error);
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&error);
    count = unorm2_normalize(nfkc, wide, count, folded, ROOM_NAME_MAX, &error);
    count = u_strToLower(wide, ROOM_NAME_MAX, folded, count, "", &error);
    u_strToUTF8(name, ROOM_NAME_MAX, &count, wide, count, &error);
    return U_SUCCESS(error) ? (size_t)count : 0;
}

/* Only what is ASCII throughout may be lower-cased without a look at what follows each letter. */
static size_t fold(char *name, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] >= 0x80) {
            return fold_unicode(name, len);
        }
    }
    for (size_t i = 0; i < len; i++) {
        name[i] = ascii_lower(name[i]);
    }
    return len;
}

bool room_name_is_any(struct text channel) { return channel.len == 1 && channel.at[0] == '*'; }

/* Why no page opens a room with this plain name; NULL when one does. */
static const char *find_obstacle(const char *name, size_t len) {
    if (len == 0) {
        return too_long;
    }
    if (room_name_is_any((struct text){name, len})) {
        return "\"*\" stands for every room, and is the name of none";
    }
    if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'))) {
        return "a browser takes \".\" and \"..\" out of a page's address";
    }
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '/') {
            return "\"/\" parts tenant and room in a page's address";
        }
        if (name[i] == '\'') {
            return "\"'\" cannot stand in a room's address, and the page leaves it there as it is";
        }
        if (name[i] == '\n' || name[i] == '\t') {
            return "it holds a control character";
        }
    }
    if (printable_find_other(name, len) < len) {
        return "it holds a control character, or one that cannot be shown";
    }
    return NULL;
}

/* The plain form of a name without a tenant. */
static size_t fold_room(struct text room, char out[ROOM_NAME_MAX], const char **why) {
    size_t len = room.len <= ROOM_NAME_MAX ? fold(out, decode(room, out)) : 0;
    *why = find_obstacle(out, len);
    return *why ? 0 : len;
}

static bool is_tenant(struct text tenant) {
    for (size_t i = 0; i < tenant.len; i++) {
        char c = ascii_lower(tenant.at[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
            return false;
        }
    }
    return tenant.len > 0;
}

bool room_name_split(struct text node, struct text *tenant, struct text *room) {
    const char *end = node.len > 0 && node.at[0] == '[' ? memchr(node.at, ']', node.len) : NULL;
    if (!end || end == node.at + 1 || end == node.at + node.len - 1) {
        return false;
    }
    *tenant = (struct text){node.at + 1, (size_t)(end - node.at) - 1};
    *room = (struct text){end + 1, node.len - tenant->len - 2};
    return true;
}

bool room_name_of_tenant(struct text channel, struct text *tenant, struct text *room) {
    return room_name_split(channel, tenant, room) && is_tenant(*tenant);
}

/* Writes "[tenant]" in lower case; returns its length. */
static size_t write_tenant(char *out, struct text tenant) {
    size_t len = 0;
    out[len++] = '[';
    for (size_t i = 0; i < tenant.len; i++) {
        out[len++] = ascii_lower(tenant.at[i]);
    }
    out[len++] = ']';
    return len;
}

/* What encodeURIComponent leaves as it is (ECMA-262), but for the letters in upper case, which are gone by now. */
static bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("-_.!~*'()", c));
}

static size_t encode(const char *name, size_t len, char *out, size_t room) {
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        bool whole = is_unreserved(name[i]);
        if (room - n < (whole ? 1 : 3)) {
            return 0;
        }
        if (whole) {
            out[n++] = name[i];
        } else {
            out[n++] = '%';
            out[n++] = hex[c >> 4];
            out[n++] = hex[c & 15];
        }
    }
    return n;
}

/* Whether a name that has no tenant reads as if it had one. */
static bool reads_as_tenants(const char *name, size_t len) {
    struct text tenant, room;
    return room_name_of_tenant((struct text){name, len}, &tenant, &room);
}

size_t room_name_plain(struct text channel, char out[ROOM_NAME_MAX], const char **why) {
    char name[ROOM_NAME_MAX];
    struct text tenant, room;
    size_t head = 0;
    if (room_name_of_tenant(channel, &tenant, &room) && channel.len <= ROOM_NAME_MAX) {
        head = write_tenant(out, tenant);
        channel = room;
    }
    size_t len = fold_room(channel, name, why);
    if (len > 0 && head == 0 && reads_as_tenants(name, len)) {
        len = encode(name, len, out, ROOM_NAME_MAX);
    } else if (len > 0 && len <= ROOM_NAME_MAX - head) {
        memcpy(out + head, name, len);
        len += head;
    } else if (len > 0) {
        len = 0;
    }
    if (len == 0 && !*why) {
        *why = too_long;
    }
    return len;
}

/* Whether `channel` is its own node, as nearly every game's rooms are: nothing in it is decoded, folded or encoded. */
static bool is_own_node(struct text channel) {
    for (size_t i = 0; i < channel.len; i++) {
        char c = channel.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
            return false;
        }
    }
    return channel.len > 0 && channel.len <= ROOM_NAME_MAX;
}

size_t room_name_node(struct text channel, struct text tenant, char out[ROOM_NAME_MAX], const char **why) {
    char name[ROOM_NAME_MAX];
    struct text own, room;
    if (!tenant.at && is_own_node(channel)) {
        memcpy(out, channel.at, channel.len);
        return channel.len;
    }
    if (tenant.at && !is_tenant(tenant)) {
        *why = "a tenant is of letters, digits, - and _";
        return 0;
    }
    if (!tenant.at && room_name_of_tenant(channel, &own, &room)) {
        tenant = own;
        channel = room;
    }
    if (tenant.len > ROOM_NAME_MAX - 2) {
        *why = too_long;
        return 0;
    }
    size_t head = tenant.at ? write_tenant(out, tenant) : 0;
    size_t len = fold_room(channel, name, why);
    size_t encoded = len > 0 ? encode(name, len, out + head, ROOM_NAME_MAX - head) : 0;
    if (len > 0 && encoded == 0) {
        *why = too_long;
    }
    return encoded > 0 ? head + encoded : 0;
}

size_t room_name_channel(struct text node, char out[ROOM_NAME_MAX], struct text *tenant) {
    struct text room = node;
    *tenant = (struct text){NULL, 0};
    if (node.len > ROOM_NAME_MAX) {
        return 0;
    }
    room_name_split(node, tenant, &room);
    size_t len = decode(room, out);
    if (!tenant->at && reads_as_tenants(out, len)) {
        memcpy(out, node.at, node.len);
        len = node.len;
    }
    return len;
}
