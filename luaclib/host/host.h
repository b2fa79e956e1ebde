/* What the machine under the server tells of itself: is its clock kept right, is there room on a disk. */
#ifndef SKOTOS_HOST_H
#define SKOTOS_HOST_H

#include <stdbool.h>
#include <stdint.h>

struct host_clock {
    bool synchronized;     /* the kernel knows of somebody who keeps the clock right (adjtimex(2): no STA_UNSYNC) */
    int64_t most_error_us; /* how far off it may be at most, microseconds; counts only when synchronized */
};

/* Reads the clock's state, changing nothing. False with errno. */
bool host_clock_read(struct host_clock *clock);

struct host_disk {
    uint64_t free_bytes, total_bytes; /* free: for whoever is not root */
    uint64_t free_files, total_files; /* inodes; total 0: this kind of file system does not count them */
    bool read_only;
};

/* Reads the file system that holds `path` (NUL-terminated). False with errno. */
bool host_disk_read(struct host_disk *disk, const char *path);

#endif
