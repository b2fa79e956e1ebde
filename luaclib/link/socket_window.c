/* A file of its own: the kernel's struct tcp_info, which knows the window, cannot be had beside the C library's. */
#include "socket_window.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

size_t socket_peer_window(int fd) {
    struct tcp_info info;
    socklen_t len = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
        len < offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof info.tcpi_snd_wnd) {
        return SIZE_MAX;
    }
    return info.tcpi_snd_wnd;
}
