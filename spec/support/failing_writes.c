/* To be preloaded (LD_PRELOAD) into skotos-bridge-setup and all that it starts: counts, over all of these processes,
 * what changes a file, and at the nth such call fails (no space left) or ends the whole process group (SIGKILL). The
 * count is shared in the file FAILING_COUNT; what happens stands in FAILING_ACTION ("fail", "kill", or nothing: only
 * counted) and FAILING_AT. Only files below FAILING_BELOW count. With "fail" the nth call fails, and after it every
 * call that takes room, as on a full disk; taking away and renaming go on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long *count(void) {
    static atomic_long *shared;
    const char *path = getenv("FAILING_COUNT");
    if (!shared && path) {
        int fd = ((__typeof__(&open))dlsym(RTLD_NEXT, "open"))(path, O_RDWR);
        void *at = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        shared = at == MAP_FAILED ? NULL : at;
    }
    return shared;
}

/* Counts one call; true where it is to fail. */
static bool fails(bool takes_room) {
    const char *action = getenv("FAILING_ACTION"), *at = getenv("FAILING_AT");
    if (!count()) {
        return false;
    }
    long now = atomic_fetch_add(count(), 1) + 1;
    if (action && at && strcmp(action, "kill") == 0 && now == atol(at)) {
        kill(0, SIGKILL);
    }
    if (action && at && strcmp(action, "fail") == 0 && (now == atol(at) || (now > atol(at) && takes_room))) {
        errno = ENOSPC;
        return true;
    }
    return false;
}

static bool below(const char *path) {
    const char *folder = getenv("FAILING_BELOW");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static bool fd_below(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0) {
        return false;
    }
    path[len] = '\0';
    return below(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

FILE *fopen64(const char *restrict path, const char *restrict mode) {
    if (strpbrk(mode, "wa") && below(path) && fails(access(path, F_OK) != 0)) {
        return NULL;
    }
    return REAL(fopen64)(path, mode);
}

FILE *fopen(const char *restrict path, const char *restrict mode) {
    if (strpbrk(mode, "wa") && below(path) && fails(access(path, F_OK) != 0)) {
        return NULL;
    }
    return REAL(fopen)(path, mode);
}

size_t fwrite(const void *restrict bytes, size_t size, size_t items, FILE *restrict file) {
    if (fd_below(fileno(file)) && fails(true)) {
        return 0;
    }
    return REAL(fwrite)(bytes, size, items, file);
}

int fclose(FILE *file) {
    int flags = fcntl(fileno(file), F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fd_below(fileno(file)) && fails(ftello(file) > 0)) {
        REAL(fclose)(file);
        errno = ENOSPC;
        return EOF;
    }
    return REAL(fclose)(file);
}

int rename(const char *from, const char *to) {
    if (below(to) && fails(false)) {
        return -1;
    }
    return REAL(rename)(from, to);
}

int remove(const char *path) {
    if (below(path) && fails(false)) {
        return -1;
    }
    return REAL(remove)(path);
}

int open(const char *path, int flags, ...) {
    __builtin_va_list arguments;
    __builtin_va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? __builtin_va_arg(arguments, mode_t) : 0;
    __builtin_va_end(arguments);
    if (flags & O_CREAT && below(path) && fails(true)) {
        return -1;
    }
    return REAL(open)(path, flags, mode);
}

int mkdir(const char *path, mode_t mode) {
    if (below(path) && fails(true)) {
        return -1;
    }
    return REAL(mkdir)(path, mode);
}

int fchmodat(int dir, const char *path, mode_t mode, int flags) {
    if (below(path) && fails(false)) {
        return -1;
    }
    return REAL(fchmodat)(dir, path, mode, flags);
}

int fchownat(int dir, const char *path, uid_t owner, gid_t group, int flags) {
    if (below(path) && fails(false)) {
        return -1;
    }
    return REAL(fchownat)(dir, path, owner, group, flags);
}

int fsync(int fd) {
    if (fd_below(fd) && fails(true)) {
        return -1;
    }
    return REAL(fsync)(fd);
}
