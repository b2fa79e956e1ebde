/* What a token says. */
#ifndef SKOTOS_CLAIMS_H
#define SKOTOS_CLAIMS_H

#include "base64url.h"
#include "json_tree.h"

/* Bytes of the longest token that is looked at; a longer one is refused unread. */
#define CLAIMS_TOKEN_MAX 16384

/* A token's payload, and the room to read it in (some 40 KB); nothing in it is to be freed. tree.nodes[0] is the
 * object. */
struct claims {
    struct json_tree tree;
    char bytes[BASE64URL_DECODED_MAX(CLAIMS_TOKEN_MAX)]; /* the tree points into it */
};

/* The claim `name`, NULL when there is none. */
static inline const struct json_node *claims_get(const struct claims *claims, const char *name) {
    return json_tree_member(&claims->tree, &claims->tree.nodes[0], name);
}

#endif
