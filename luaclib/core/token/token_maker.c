#define _GNU_SOURCE
#include "token_maker.h"

#include "ascii.h"
#include "base64url.h"
#include "room_name.h"
#include "validity.h"
#include "writer.h"

#include <stdlib.h>
#include <string.h>

/* {"alg":"HS256","typ":"JWT"} and its like in base64url, each with the dot that follows. */
static const char headers[][38] = {[HMAC_SHA256] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
                                   [HMAC_SHA384] = "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.",
                                   [HMAC_SHA512] = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9."};
#define HEADER_LEN (sizeof headers[0] - 1)
#define PAYLOAD_MAX (TOKEN_MAX / 4 * 3)

struct token_maker {
    struct hmac_key *key;
    const char *header; /* HEADER_LEN characters */
    char *claims;       /* {"iss":…,"aud":"jitsi","sub": : the same in every token */
    size_t claims_len;
    char *domain; /* owned */
};

/* Renders the claims that never change. False when memory is short. */
static bool render_claims(struct token_maker *maker, const char *app_id) {
    size_t room = 64 + 6 * strlen(app_id);
    maker->claims = malloc(room);
    if (!maker->claims) {
        return false;
    }
    struct writer w = writer_into(maker->claims, room);
    WRITER_LITERAL(&w, "{\"iss\":");
    writer_string(&w, app_id, strlen(app_id));
    WRITER_LITERAL(&w, ",\"aud\":\"jitsi\",\"sub\":");
    maker->claims_len = writer_len(&w);
    return true;
}

struct token_maker *token_maker_new(const char *app_id, const char *domain, enum hmac_digest digest, const void *secret,
                                    size_t secret_len) {
    struct token_maker *maker = calloc(1, sizeof *maker);
    if (!maker) {
        return NULL;
    }
    maker->key = hmac_key_new(digest, secret, secret_len);
    maker->header = headers[digest];
    maker->domain = strdup(domain);
    if (!maker->key || !maker->domain || !render_claims(maker, app_id)) {
        token_maker_free(maker);
        return NULL;
    }
    return maker;
}

void token_maker_free(struct token_maker *maker) {
    if (maker) {
        hmac_key_free(maker->key);
        free(maker->claims);
        free(maker->domain);
        free(maker);
    }
}

static void write_text(struct writer *w, const char *key, size_t key_len, struct text value) {
    if (value.at) {
        writer_bytes(w, key, key_len);
        writer_string(w, value.at, value.len);
    }
}

#define WRITE_TEXT(w, key, value) write_text((w), (key), sizeof(key) - 1, (value))

/* Both what token_moderation reads (the top-level moderator) and what Jitsi's token_affiliation does (in context.user).
 */
static void write_context(struct writer *w, const struct request *request, bool moderator) {
    WRITER_LITERAL(w, ",\"context\":{\"user\":{");
    WRITE_TEXT(w, "\"id\":", request->id.at ? request->id : request->account);
    WRITE_TEXT(w, ",\"name\":", request->name);
    if (moderator) {
        WRITER_LITERAL(w, ",\"moderator\":true,\"affiliation\":\"owner\"");
    } else {
        WRITER_LITERAL(w, ",\"moderator\":false,\"affiliation\":\"member\"");
    }
    WRITE_TEXT(w, ",\"email\":", request->email);
    WRITE_TEXT(w, ",\"avatar\":", request->avatar);
    WRITER_LITERAL(w, "}");
    WRITE_TEXT(w, ",\"group\":", request->group);
    if (request->features) {
        WRITER_LITERAL(w, ",\"features\":");
        writer_bytes(w, request->features, strlen(request->features));
    }
    WRITER_LITERAL(w, "}}");
}

/* A tenant's room has the tenant for its subject, any other the domain, as Jitsi's domain verification wants it. The
 * room is as the game wrote it where that differs from the room's node by ASCII letters' case alone, else the node:
 * Jitsi's own verifier lower-cases the claim, and compares it with the node without decoding either. */
static void write_subject_and_room(struct writer *w, const char *domain, struct text channel) {
    char node[ROOM_NAME_MAX];
    const char *why;
    struct text tenant, room;
    if (room_name_of_tenant(channel, &tenant, &room)) {
        writer_string(w, tenant.at, tenant.len);
        channel = room;
    } else {
        writer_string(w, domain, strlen(domain));
        tenant = (struct text){NULL, 0};
    }
    struct text claim = {node, room_name_node(channel, tenant, node, &why)};
    if (tenant.at && claim.len > 0) {
        room_name_split(claim, &tenant, &claim);
    }
    WRITE_TEXT(w, ",\"room\":", claim.len == 0 || ascii_same(claim, channel) ? channel : claim);
}

static size_t write_payload(const struct token_maker *maker, const struct request *request, const struct grant *grant,
                            int64_t now, char *out, size_t room) {
    struct writer w = writer_into(out, room);
    writer_bytes(&w, maker->claims, maker->claims_len);
    write_subject_and_room(&w, maker->domain, request->channel);
    WRITER_LITERAL(&w, ",\"iat\":");
    writer_integer(&w, now);
    WRITER_LITERAL(&w, ",\"nbf\":");
    writer_integer(&w, now);
    WRITER_LITERAL(&w, ",\"exp\":");
    writer_integer(&w, grant->expires);
    if (grant->use_by < grant->expires) {
        WRITER_LITERAL(&w, ",\"" VALIDITY_USE_BY "\":");
        writer_integer(&w, grant->use_by);
    }
    if (grant->moderator) {
        WRITER_LITERAL(&w, ",\"moderator\":true");
    } else {
        WRITER_LITERAL(&w, ",\"moderator\":false");
    }
    write_context(&w, request, grant->moderator);
    return writer_len(&w);
}

size_t token_make(struct token_maker *maker, const struct request *request, const struct grant *grant, int64_t now,
                  char *out, size_t room) {
    char payload[PAYLOAD_MAX];
    unsigned char signature[HMAC_MAX_SIZE];
    size_t payload_len = write_payload(maker, request, grant, now, payload, sizeof payload);
    if (payload_len == 0) {
        return 0;
    }
    size_t signed_len = HEADER_LEN + BASE64URL_ENCODED_LEN(payload_len);
    if (signed_len + 1 + BASE64URL_ENCODED_LEN(HMAC_MAX_SIZE) > room) {
        return 0;
    }
    memcpy(out, maker->header, HEADER_LEN);
    base64url_encode(out + HEADER_LEN, (const unsigned char *)payload, payload_len);
    size_t signature_len = hmac_key_sign(maker->key, out, signed_len, signature);
    if (signature_len == 0) {
        return 0;
    }
    out[signed_len] = '.';
    return signed_len + 1 + base64url_encode(out + signed_len + 1, signature, signature_len);
}
