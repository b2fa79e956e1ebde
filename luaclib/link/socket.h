/* TCP sockets: opened without blocking, watched for a dead peer and for acknowledgements. */
#ifndef SKOTOS_SOCKET_H
#define SKOTOS_SOCKET_H

#include "address.h"

#include <stdbool.h>

/* Opens a non-blocking, close-on-exec socket and starts to connect it. A peer that is gone is noticed within 60 s
 * (keep-alive, and TCP_USER_TIMEOUT while something is unacknowledged). Returns the descriptor, or -1 with errno. */
int socket_connect(const struct address *address);

/* Opens a non-blocking, close-on-exec socket that listens at `address`. Returns the descriptor, or -1 with errno. */
int socket_listen(const struct address *address);

/* Sends what is written at once (TCP_NODELAY), as socket_connect's socket does by itself. */
void socket_without_delay(int fd);

/* 0 when a started connect has succeeded, EINPROGRESS while it goes on, else why it failed. */
int socket_connect_result(int fd);

/* Asks the kernel to tell on the error queue when the peer has acknowledged what was sent (SO_TIMESTAMPING, TX_ACK).
 * False where it cannot: ask socket_unacknowledged from time to time then. */
bool socket_watch_acks(int fd);

/* Takes up to `most` messages off the error queue, which wakes its watcher until it is empty. Returns how many it
 * took. */
unsigned socket_take_errors(int fd, unsigned most);

/* Bytes that were written and that the peer's kernel has not acknowledged (SIOCOUTQ); 0 when it cannot be told. */
int socket_unacknowledged(int fd);

#endif
