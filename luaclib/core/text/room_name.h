/* The names of a room: the game's own (its channel), and the node of the JID that Jitsi's page makes of it.
 *
 * The page (jitsi-meet, getBackendSafeRoomName) decodes what is percent-encoded, normalizes (NFKC), lower-cases,
 * percent-encodes (encodeURIComponent) and lower-cases again: "Königshof" is the node "k%c3%b6nigshof". A tenant's room
 * https://HOST/tenant/room is the node "[tenant]room", and may be written so by a game too. What a name is compared by
 * is its plain form: all of this but the encoding, "königshof". A room of no tenant, whose name would then read as a
 * tenant's room's, keeps its node: "%5bdev%5dhall" is not the hall of "dev". */
#ifndef SKOTOS_ROOM_NAME_H
#define SKOTOS_ROOM_NAME_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the longest node (RFC 7622 section 3.3), and of the longest name in its plain form. */
#define ROOM_NAME_MAX 1023

/* Whether `channel` is "*", which stands for every room: as a claim (Jitsi's own verifier has it so), and as what a
 * game asks for. No room is called so, however it is spelt: its token would open every other. */
bool room_name_is_any(struct text channel);

/* Writes the plain form of `channel` (UTF-8), with "[tenant]" before it where it has one, to `out`. Returns its length;
 * 0 when no page can open such a room, `*why` (static) telling why it cannot. */
size_t room_name_plain(struct text channel, char out[ROOM_NAME_MAX], const char **why);

/* The same for the node of the room `channel` of `tenant`; with `tenant.at` NULL of "[tenant]room", or of no tenant. */
size_t room_name_node(struct text channel, struct text tenant, char out[ROOM_NAME_MAX], const char **why);

/* Takes "[tenant]room" apart, a tenant's room as a game may write it; false when `channel` is none. Both point into it.
 */
bool room_name_of_tenant(struct text channel, struct text *tenant, struct text *room);

/* Takes the node of a tenant's room apart, as Jitsi does; false when `node` is none. Both point into it. */
bool room_name_split(struct text node, struct text *tenant, struct text *room);

/* Writes the name, in its plain form, that the page made `node` of to `out`, without its tenant, which is set in
 * `tenant` (in `node`; `at` NULL for none). Returns its length; 0 when `node` is longer than ROOM_NAME_MAX. */
size_t room_name_channel(struct text node, char out[ROOM_NAME_MAX], struct text *tenant);

#endif
