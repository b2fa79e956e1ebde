/* Whether a file with a secret is kept from others. */
#ifndef SKOTOS_PRIVATE_FILE_H
#define SKOTOS_PRIVATE_FILE_H

#include <stdbool.h>

#define PRIVATE_FILE_REASON_SIZE 160

/* True when the regular file at `path` is owned by this process's user or by root, is changed by its owner alone and
 * read by nobody else but a group that this process is in. Else false, with the reason and what mends it in `reason`.
 * Reads nothing of the file. */
bool private_file_check(const char *path, char reason[PRIVATE_FILE_REASON_SIZE]);

#endif
