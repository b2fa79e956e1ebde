#define _GNU_SOURCE
#include "host.h"

#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

bool host_clock_read(struct host_clock *clock) {
    struct timex timex;
    memset(&timex, 0, sizeof timex);
    int state = adjtimex(&timex);
    if (state < 0) {
        return false;
    }
    clock->synchronized = state != TIME_ERROR && !(timex.status & STA_UNSYNC);
    clock->most_error_us = timex.maxerror;
    return true;
}

bool host_disk_read(struct host_disk *disk, const char *path) {
    struct statvfs fs;
    if (statvfs(path, &fs) < 0) {
        return false;
    }
    disk->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    disk->total_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
    disk->free_files = fs.f_favail;
    disk->total_files = fs.f_files;
    disk->read_only = (fs.f_flag & ST_RDONLY) != 0;
    return true;
}
