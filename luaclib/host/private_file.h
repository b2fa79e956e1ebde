/* Whether a file with a secret is kept from others: the one rule for skotos_secret_file and skotos_tls.key. */
#ifndef SKOTOS_PRIVATE_FILE_H
#define SKOTOS_PRIVATE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#define PRIVATE_FILE_REASON_SIZE 160

/* True when the regular file at `path` belongs to the user `uid` or to root, is changed by its owner alone and read by
 * nobody else but the group `gid`, or, where `uid` is this process's user, a group that this process is in. Else false,
 * with the reason in `reason`. Reads nothing of the file. */
bool private_file_check(const char *path, uid_t uid, gid_t gid, char reason[PRIVATE_FILE_REASON_SIZE]);

#endif
