/* wire NS-A NS-B DELAY-MS LOSS-PER-MILLE SEED: a wire between two network namespaces, for kernels without netem. It
 * makes a device "wire0" in each of them and carries packets from one to the other, each DELAY-MS later, and loses
 * LOSS-PER-MILLE of a thousand; which ones, SEED says. Prints "ready" when the devices are there; they go when it ends,
 * which end of input makes it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKET_SIZE 2048
#define PACKETS 16384

struct packet {
    int64_t due_ns;
    size_t len;
    char bytes[PACKET_SIZE];
};

/* One direction. */
struct lane {
    int from, to;
    struct packet *packets; /* a ring of PACKETS */
    size_t first, count;
};

static uint64_t random_state;
static unsigned long lost, carried;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static unsigned random_below(unsigned below) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (unsigned)((random_state * UINT64_C(0x2545F4914F6CDD1D)) >> 32) % below;
}

static int must(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

/* The device's descriptor; the device stands in the namespace `name` though this process leaves it again. */
static int open_device(const char *name) {
    char path[256];
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(path, sizeof path, "/run/netns/%.200s", name);
    int ns = must(open(path, O_RDONLY | O_CLOEXEC), path);
    must(setns(ns, CLONE_NEWNET), "setns");
    close(ns);
    int fd = must(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), "/dev/net/tun");
    memcpy(request.ifr_name, "wire0", sizeof "wire0");
    must(ioctl(fd, TUNSETIFF, &request), "TUNSETIFF");
    return fd;
}

static void take_in(struct lane *lane, int64_t delay_ns, unsigned loss) {
    while (lane->count < PACKETS) {
        struct packet *p = &lane->packets[(lane->first + lane->count) % PACKETS];
        ssize_t n = read(lane->from, p->bytes, sizeof p->bytes);
        if (n <= 0) {
            return;
        }
        if (random_below(1000) < loss) {
            lost++;
            continue;
        }
        p->len = (size_t)n;
        p->due_ns = now_ns() + delay_ns;
        lane->count++;
    }
}

/* Returns when the next one is due, INT64_MAX: none waits. */
static int64_t give_out(struct lane *lane) {
    while (lane->count > 0) {
        struct packet *p = &lane->packets[lane->first];
        if (p->due_ns > now_ns()) {
            return p->due_ns;
        }
        if (write(lane->to, p->bytes, p->len) == (ssize_t)p->len) {
            carried++;
        }
        lane->first = (lane->first + 1) % PACKETS;
        lane->count--;
    }
    return INT64_MAX;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fputs("wire NS-A NS-B DELAY-MS LOSS-PER-MILLE SEED\n", stderr);
        return 2;
    }
    int a = open_device(argv[1]), b = open_device(argv[2]);
    int64_t delay_ns = strtol(argv[3], NULL, 10) * 1000000L;
    unsigned loss = (unsigned)strtoul(argv[4], NULL, 10);
    random_state = strtoull(argv[5], NULL, 10) | 1;
    struct lane lanes[2] = {{.from = a, .to = b}, {.from = b, .to = a}};
    for (int i = 0; i < 2; i++) {
        lanes[i].packets = calloc(PACKETS, sizeof *lanes[i].packets);
        if (!lanes[i].packets) {
            return 1;
        }
    }
    puts("ready");
    fflush(stdout);
    for (bool go = true; go;) {
        int64_t due = INT64_MAX;
        for (int i = 0; i < 2; i++) {
            take_in(&lanes[i], delay_ns, loss);
            int64_t next = give_out(&lanes[i]);
            due = next < due ? next : due;
        }
        int64_t left = due == INT64_MAX ? 1000000000 : due - now_ns();
        struct timespec wait = {.tv_sec = 0, .tv_nsec = left < 0 ? 0 : left > 999999999 ? 999999999 : (long)left};
        struct pollfd fds[] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
        ppoll(fds, 3, &wait, NULL);
        char byte;
        go = !(fds[2].revents && read(0, &byte, 1) <= 0);
    }
    fprintf(stderr, "wire: %lu packets carried, %lu lost\n", carried, lost);
    return 0;
}
