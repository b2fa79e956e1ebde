/* Allocations of the module, of Lua, jansson and OpenSSL that fail when they are told to. (Debian's libjwt, which RS*
 * and ES* tokens alone need, lets nobody replace its allocator.) */
#ifndef SKOTOS_SPEC_FAILING_H
#define SKOTOS_SPEC_FAILING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct issuer;

/* Call it before anything else. */
void failing_begin(void);

/* From now on the `nth` allocation (1: the next one) fails, and only that one; 0: none does. */
void failing_at(long nth);

/* Allocations since failing_at. */
long failing_count(void);

/* Ends the run when `condition` does not hold, naming the rule that is broken while the nth allocation (0: none)
 * failed. */
void must(bool condition, long nth, const char *rule);

/* For lua_newstate. */
void *failing_lua(void *unused, void *block, size_t old_size, size_t size);

/* Plays what waits between a game's request and its reply (queues.c) with none and with each allocation failing once.
 * Returns how many failed. */
long fail_in_queues(void);

/* Plays a link to the game that listens at `port` behind the descriptor `listener`, and a listener with one caller,
 * with each of their system calls failing (system_calls.c). Returns how many failed. */
long fail_system_calls(const struct issuer *issuer, int listener, uint16_t port);

#endif
