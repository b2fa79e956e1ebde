/* Numeric addresses: reading them, and how far away they are. */
#ifndef SKOTOS_ADDRESS_H
#define SKOTOS_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum address_scope {
    ADDRESS_LOOPBACK, /* 127.0.0.0/8, ::1 */
    ADDRESS_PRIVATE,  /* RFC 1918, RFC 4193 (fc00::/7), link-local */
    ADDRESS_PUBLIC
};

struct address {
    struct sockaddr_storage sockaddr;
    socklen_t len;
    enum address_scope scope;
    char text[64]; /* "127.0.0.1:11091" or "[::1]:11091", for logs */
};

/* Reads the numeric IPv4 or IPv6 address `ip` (NUL-terminated) with `port`. False when it is none; asks no resolver. */
bool address_parse(struct address *address, const char *ip, uint16_t port);

/* "loopback", "private" or "public"; a static string. */
const char *address_scope_name(enum address_scope scope);

#endif
