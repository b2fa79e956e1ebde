/* How much the peer's kernel has room for. */
#ifndef SKOTOS_SOCKET_WINDOW_H
#define SKOTOS_SOCKET_WINDOW_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that the TCP peer's window takes beyond what it has acknowledged (RFC 9293 section 3.8.6); SIZE_MAX where the
 * kernel does not tell (before Linux 5.4). */
size_t socket_peer_window(int fd);

#endif
