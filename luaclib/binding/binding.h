/* What the files of the Lua binding share. */
#ifndef SKOTOS_BINDING_H
#define SKOTOS_BINDING_H

#include "game_link.h"
#include "issuer.h"
#include "journal.h"
#include "tls_settings.h"

#include <lua.h>
#include <stdint.h>

/* Each adds its functions to the module's table on top of the stack, which it leaves as it was. */
void lua_issuer_open(lua_State *L);
void lua_link_open(lua_State *L);
void lua_tls_open(lua_State *L);
void lua_listener_open(lua_State *L);
void lua_verifier_open(lua_State *L);
void lua_command_open(lua_State *L);
void lua_event_open(lua_State *L);
void lua_host_open(lua_State *L);
void lua_text_open(lua_State *L);
void lua_json_open(lua_State *L);

struct game_link;
struct step_times;

/* Sets "refused_by", "latency" and "certificate_until" of the table on top of the stack. */
void lua_set_counts(lua_State *L, const struct game_link *link);

/* Sets the field `name` of the table on top of the stack to `count`. */
void lua_set_count(lua_State *L, const char *name, uint64_t count);

/* Sets "steps" and "longest_step" (seconds) of the table on top of the stack. */
void lua_set_step_times(lua_State *L, const struct step_times *times);

/* The issuer at `index`; a Lua error when it is none. It lives as long as the userdata. */
const struct issuer *lua_issuer_at(lua_State *L, int index);

/* The settings inside the userdata of bridge.tls at `index`, which keeps them; a Lua error when it is none. */
struct tls_settings *lua_tls_settings(lua_State *L, int index);

/* The link inside the link userdata at `index`; a Lua error when it is none. */
struct game_link *lua_link_at(lua_State *L, int index);

/* Pushes nil, or a list of { kind=, level=, text= } of what `journal` holds, which is forgotten then; returns 1. */
int lua_push_journal(lua_State *L, struct journal *journal);

/* The number that the table at `index` has as `name`, `fallback` where it has none; a Lua error for anything else. */
lua_Number lua_option_number(lua_State *L, int index, const char *name, lua_Number fallback);

/* Pushes nil and `message`; returns 2, to be returned by the caller. */
int lua_push_fault(lua_State *L, const char *message);

#endif
