/* failing_writes FOLDER ACTION NTH LOG COMMAND...: runs COMMAND and, by the kernel's word (seccomp's user
 * notification), sees every system call with which it, or anything that it starts, changes what lies below FOLDER. They
 * are counted over all of these processes, each is a line of LOG ("NAME PATH"), and ACTION is one of kill  before the
 * NTH everything that was started gets SIGKILL; fail  the NTH and every later one that takes room has no space left
 * (ENOSPC); taking away and renaming go on; keep  before each FOLDER is copied to LOG.1, LOG.2 …: what a kill there
 * would leave behind. Its exit status is COMMAND's; 137 after a kill; 125 where it cannot do its work. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a call says what it changes: a descriptor, a path, or a path beside the descriptor of a folder. */
enum where { BY_FD, BY_PATH, BY_FOLDER };

struct call {
    int number;
    const char *name;
    enum where where;
    int at;    /* the argument that tells, or the folder's descriptor; the path follows it */
    int flags; /* of open: the argument with its flags, else -1 */
    bool takes_room;
};

static const struct call calls[] = {
    {SYS_write, "write", BY_FD, 0, -1, true},
    {SYS_pwrite64, "pwrite64", BY_FD, 0, -1, true},
    {SYS_writev, "writev", BY_FD, 0, -1, true},
    {SYS_pwritev, "pwritev", BY_FD, 0, -1, true},
    {SYS_pwritev2, "pwritev2", BY_FD, 0, -1, true},
    {SYS_sendfile, "sendfile", BY_FD, 0, -1, true},
    {SYS_splice, "splice", BY_FD, 2, -1, true},
    {SYS_copy_file_range, "copy_file_range", BY_FD, 2, -1, true},
    {SYS_fallocate, "fallocate", BY_FD, 0, -1, true},
    {SYS_ftruncate, "ftruncate", BY_FD, 0, -1, false},
    {SYS_fsync, "fsync", BY_FD, 0, -1, true},
    {SYS_fdatasync, "fdatasync", BY_FD, 0, -1, true},
    {SYS_fchmod, "fchmod", BY_FD, 0, -1, false},
    {SYS_fchown, "fchown", BY_FD, 0, -1, false},
    {SYS_truncate, "truncate", BY_PATH, 0, -1, false},
    {SYS_openat, "openat", BY_FOLDER, 0, 2, true},
    {SYS_renameat2, "renameat2", BY_FOLDER, 2, -1, false},
    {SYS_linkat, "linkat", BY_FOLDER, 2, -1, true},
    {SYS_unlinkat, "unlinkat", BY_FOLDER, 0, -1, false},
    {SYS_symlinkat, "symlinkat", BY_FOLDER, 1, -1, true},
    {SYS_mkdirat, "mkdirat", BY_FOLDER, 0, -1, true},
    {SYS_mknodat, "mknodat", BY_FOLDER, 0, -1, true},
    {SYS_fchmodat, "fchmodat", BY_FOLDER, 0, -1, false},
    {SYS_fchownat, "fchownat", BY_FOLDER, 0, -1, false},
    {SYS_utimensat, "utimensat", BY_FOLDER, 0, -1, false},
#ifdef SYS_fchmodat2
    {SYS_fchmodat2, "fchmodat2", BY_FOLDER, 0, -1, false},
#endif
#ifdef SYS_renameat
    {SYS_renameat, "renameat", BY_FOLDER, 2, -1, false},
#endif
#ifdef SYS_open /* the calls of old, which newer machines do not have */
    {SYS_open, "open", BY_PATH, 0, 1, true},
    {SYS_creat, "creat", BY_PATH, 0, -1, true},
    {SYS_rename, "rename", BY_PATH, 1, -1, false},
    {SYS_link, "link", BY_PATH, 1, -1, true},
    {SYS_unlink, "unlink", BY_PATH, 0, -1, false},
    {SYS_rmdir, "rmdir", BY_PATH, 0, -1, false},
    {SYS_symlink, "symlink", BY_PATH, 1, -1, true},
    {SYS_mkdir, "mkdir", BY_PATH, 0, -1, true},
    {SYS_mknod, "mknod", BY_PATH, 0, -1, true},
    {SYS_chmod, "chmod", BY_PATH, 0, -1, false},
    {SYS_chown, "chown", BY_PATH, 0, -1, false},
    {SYS_lchown, "lchown", BY_PATH, 0, -1, false},
#endif
};
enum { CALLS = sizeof calls / sizeof *calls };

static _Noreturn void give_up(const char *what) {
    fprintf(stderr, "failing_writes: %s: %s\n", what, strerror(errno));
    _exit(125);
}

/* Has the kernel tell of those calls of this process and its children; gives the descriptor on which it does. */
static int install_filter(void) {
    struct sock_filter filter[CALLS + 3];
    filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < CALLS; i++) {
        filter[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].number,
                                                     (unsigned char)(CALLS - i), 0);
    }
    filter[CALLS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[CALLS + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    struct sock_fprog program = {CALLS + 3, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        give_up("no_new_privs");
    }
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* Starts `command` under the filter, its process in *child; gives the descriptor on which the kernel tells of it. */
static int start(char **command, pid_t *child) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        give_up("socketpair");
    }
    *child = fork();
    if (*child == 0) {
        int listener = install_filter();
        if (listener < 0) {
            give_up("seccomp");
        }
        char control[CMSG_SPACE(sizeof listener)] = {0}, byte = 0;
        struct iovec io = {&byte, 1};
        struct msghdr message = {
            .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        *head =
            (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof listener)};
        memcpy(CMSG_DATA(head), &listener, sizeof listener);
        sendmsg(pair[1], &message, 0);
        close(listener);
        execvp(command[0], command);
        give_up(command[0]);
    }
    close(pair[1]);
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte;
    struct iovec io = {&byte, 1};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(pair[0], &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message)) {
        give_up("the command did not start");
    }
    close(pair[0]);
    int listener;
    memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof listener);
    return listener;
}

/* Where /proc/PID/`entry` leads to, into `path` of `size` bytes; nothing where it leads nowhere. */
static void follow(unsigned pid, const char *entry, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/%u/%s", pid, entry);
    ssize_t len = readlink(link, path, size - 1);
    path[len > 0 ? len : 0] = '\0';
}

/* The string at `address` of the process, into `text` of `size` bytes. */
static void read_string(unsigned pid, unsigned long long address, char *text, size_t size) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%u/mem", pid);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : pread(fd, text, size - 1, (off_t)address);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
}

/* The path that the call would change, into `path` of 8192 bytes. */
static void path_of(const struct call *call, const struct seccomp_notif *told, char *path) {
    const __u64 *arguments = told->data.args;
    char entry[32], name[4096];
    int fd = call->where == BY_PATH ? AT_FDCWD : (int)arguments[call->at];
    snprintf(entry, sizeof entry, "fd/%d", fd);
    follow(told->pid, fd == AT_FDCWD ? "cwd" : entry, path, 4096);
    if (call->where == BY_FD) {
        return;
    }
    read_string(told->pid, arguments[call->where == BY_PATH ? call->at : call->at + 1], name, sizeof name);
    if (name[0] == '/') {
        strcpy(path, name);
    } else if (name[0] != '\0') {
        strcat(strcat(path, "/"), name);
    }
}

static bool is_below(const char *path, const char *folder) {
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* Whether the call changes what lies below `folder` (mkdir -p asks for folders that are there); then its line is in
 * LOG, and *takes_room tells whether it cannot be done on a full disk. */
static bool counts(const struct call *call, const struct seccomp_notif *told, const char *folder, FILE *log,
                   bool *takes_room) {
    char path[8192];
    if (call->flags >= 0 && !(told->data.args[call->flags] & (O_CREAT | O_TRUNC))) {
        return false;
    }
    path_of(call, told, path);
    if (!is_below(path, folder) || (strncmp(call->name, "mkdir", 5) == 0 && access(path, F_OK) == 0)) {
        return false;
    }
    *takes_room = call->takes_room && (call->flags < 0 || access(path, F_OK) != 0);
    fprintf(log, "%s %s\n", call->name, path);
    fflush(log);
    return true;
}

/* Ends whatever descends from this process, those first that could start others. */
static void kill_all(void) {
    char name[64], children[4096];
    snprintf(name, sizeof name, "/proc/self/task/%d/children", getpid());
    do {
        FILE *file = fopen(name, "r");
        size_t len = file ? fread(children, 1, sizeof children - 1, file) : 0;
        if (file) {
            fclose(file);
        }
        children[len] = '\0';
        for (char *at = children, *end; *at; at = end) {
            long pid = strtol(at, &end, 10);
            if (end == at) {
                break;
            }
            kill((pid_t)pid, SIGKILL);
        }
        /* Those whose parent is gone are ours now (PR_SET_CHILD_SUBREAPER). */
    } while (waitpid(-1, NULL, 0) > 0 || errno != ECHILD);
}

/* Copies `folder` to LOG.`nth`. */
static void keep(const char *folder, const char *log, long nth) {
    char to[4096];
    snprintf(to, sizeof to, "%s.%ld", log, nth);
    pid_t child = fork();
    if (child == 0) {
        execlp("cp", "cp", "-a", folder, to, (char *)NULL);
        give_up("cp");
    }
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) {
        give_up("a copy failed");
    }
}

/* Answers one call; `count` of those that counted. Gives whether everything is to end. */
static bool answer(int listener, const char *const *argv, long *count, FILE *log) {
    struct seccomp_notif told = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &told) != 0) {
        return false; /* its process was ended meanwhile */
    }
    const struct call *call = calls;
    while (call->number != told.data.nr) {
        call++;
    }
    struct seccomp_notif_resp reply = {.id = told.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    bool takes_room;
    if (counts(call, &told, argv[1], log, &takes_room)) {
        long now = ++*count, nth = atol(argv[3]);
        if (strcmp(argv[2], "kill") == 0 && now == nth) {
            return true;
        }
        if (strcmp(argv[2], "keep") == 0) {
            keep(argv[1], argv[4], now);
        }
        if (strcmp(argv[2], "fail") == 0 && (now == nth || (now > nth && takes_room))) {
            reply.flags = 0;
            reply.error = -ENOSPC;
        }
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
    return false;
}

int main(int argc, char **argv) {
    FILE *log = argc > 5 ? fopen(argv[4], "we") : NULL;
    if (!log) {
        fprintf(stderr, "usage: failing_writes FOLDER kill|fail|keep NTH LOG COMMAND...\n");
        return 125;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    pid_t child;
    int listener = start(argv + 5, &child), status = 0;
    long count = 0;
    struct pollfd polled = {.fd = listener, .events = POLLIN};
    /* The kernel hangs up when the last process under the filter has ended. */
    while (poll(&polled, 1, -1) < 0 || !(polled.revents & POLLHUP)) {
        if (polled.revents & POLLIN && answer(listener, (const char *const *)argv, &count, log)) {
            kill_all();
            return 137;
        }
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
