#define _GNU_SOURCE
#include "private_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUPS_MAX 256

/* Whether this process is in `group` (getgroups(2)). */
static bool is_ours(gid_t group) {
    gid_t groups[GROUPS_MAX];
    int count = getgroups(GROUPS_MAX, groups);
    for (int i = 0; i < count; i++) {
        if (groups[i] == group) {
            return true;
        }
    }
    return group == getegid();
}

bool private_file_check(const char *path, uid_t uid, gid_t gid, char reason[PRIVATE_FILE_REASON_SIZE]) {
    struct stat st;
    if (stat(path, &st) < 0) {
        snprintf(reason, PRIVATE_FILE_REASON_SIZE, "%s", strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        snprintf(reason, PRIVATE_FILE_REASON_SIZE, "a file is wanted, it is something else");
        return false;
    }
    if (st.st_uid != uid && st.st_uid != 0) {
        snprintf(reason, PRIVATE_FILE_REASON_SIZE, "it belongs to user %u; Prosody's own user or root is wanted",
                 (unsigned)st.st_uid);
        return false;
    }
    bool group_may = st.st_gid == gid || (uid == geteuid() && is_ours(st.st_gid));
    bool others = (st.st_mode & (S_IRWXO | S_IWGRP)) != 0 || ((st.st_mode & S_IRGRP) != 0 && !group_may);
    if (others) {
        snprintf(reason, PRIVATE_FILE_REASON_SIZE, "others than Prosody may read or change it (mode %03o)",
                 (unsigned)(st.st_mode & 0777));
    }
    return !others;
}
