#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static enum address_scope scope_v4(uint32_t ip) {
    if (ip >> 24 == 127) {
        return ADDRESS_LOOPBACK;
    }
    if (ip >> 24 == 10 || ip >> 20 == 0xAC1 || ip >> 16 == 0xC0A8 || ip >> 16 == 0xA9FE) {
        return ADDRESS_PRIVATE;
    }
    return ADDRESS_PUBLIC;
}

static enum address_scope scope_v6(const struct in6_addr *ip) {
    if (IN6_IS_ADDR_LOOPBACK(ip)) {
        return ADDRESS_LOOPBACK;
    }
    if (IN6_IS_ADDR_V4MAPPED(ip)) {
        uint32_t v4;
        memcpy(&v4, ip->s6_addr + 12, sizeof v4);
        return scope_v4(ntohl(v4));
    }
    return (ip->s6_addr[0] & 0xFE) == 0xFC || IN6_IS_ADDR_LINKLOCAL(ip) ? ADDRESS_PRIVATE : ADDRESS_PUBLIC;
}

bool address_parse(struct address *address, const char *ip, uint16_t port) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, ip, &v4.sin_addr) == 1) {
        memcpy(&address->sockaddr, &v4, sizeof v4);
        address->len = sizeof v4;
        address->scope = scope_v4(ntohl(v4.sin_addr.s_addr));
        snprintf(address->text, sizeof address->text, "%s:%u", ip, (unsigned)port);
        return true;
    }
    if (inet_pton(AF_INET6, ip, &v6.sin6_addr) == 1) {
        memcpy(&address->sockaddr, &v6, sizeof v6);
        address->len = sizeof v6;
        address->scope = scope_v6(&v6.sin6_addr);
        snprintf(address->text, sizeof address->text, "[%s]:%u", ip, (unsigned)port);
        return true;
    }
    return false;
}

const char *address_scope_name(enum address_scope scope) {
    return scope == ADDRESS_LOOPBACK ? "loopback" : scope == ADDRESS_PRIVATE ? "private" : "public";
}
