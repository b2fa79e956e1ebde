/* game PORT TIMEOUT_MS [ADDRESS]: listens on ADDRESS:PORT (127.0.0.1; 0: a free one), says "port N" on stdout, does
 * what stdin says (control.c), and ends with it or with the process that started it. */
#define _GNU_SOURCE
#include "game.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The sooner of two waits in milliseconds, of which -1 is none. */
static int sooner(int a, int b) { return a < 0 ? b : b < 0 || a < b ? a : b; }

int main(int argc, char **argv) {
    struct pollfd fds[2 + CONNECTIONS];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    avchat_timeout(argc > 2 ? strtol(argv[2], NULL, 10) : 60000);
    if (argc > 3) {
        driver_address(argv[3]);
    }
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    control_begin(argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0);
    for (;;) {
        bool busy = now_ms() < busy_until;
        /* Before whoever waits for the end of all requests is answered: the last of them may end here. */
        int wait = busy ? (int)(busy_until - now_ms()) + 1 : avchat_expire();
        wait = sooner(control_turn(), wait);
        fflush(stdout);
        fds[0] = (struct pollfd){.fd = 0, .events = POLLIN};
        nfds_t n = busy ? 0 : driver_watch(fds + 1, CONNECTIONS + 1);
        poll(fds, n + 1, wait < 0 ? -1 : wait);
        if (fds[0].revents) {
            control_read();
        }
        if (n > 0 && now_ms() >= busy_until) {
            driver_turn(fds + 1, n);
            rooms_turn();
        }
    }
}
