/* SkotOS's initd and a player's user object, as far as a bridge meets them: the host in the instance file, and what a
 * whole, unchanged game asks for. */
#define _GNU_SOURCE
#include "game.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSTANCE_MAX 65536

static char jitsi_host[INSTANCE_MAX] = "meet.test";

const char *initd_jitsi_host(void) { return jitsi_host; }

/* while (sscanf(text, "%s#%*s\n%s", before, after)) { text = before + after; } False: the game ends in an error here,
 * or goes round and round, since the last line holds a '#' and does not end. */
static bool take_out_remarks(char *text) {
    char *hash, *newline;
    while ((hash = strchr(text, '#')) != NULL) {
        newline = strchr(hash, '\n');
        if (!newline) {
            return false;
        }
        memmove(hash, newline + 1, strlen(newline + 1) + 1);
    }
    return true;
}

bool initd_get_instance(const char *path) {
    static const char key[] = "jitsi_host ";
    static char text[INSTANCE_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) {
        return false;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    if (!take_out_remarks(text)) {
        return false;
    }
    /* sscanf(text, "%*sjitsi_host %s\n", jitsi_host): nothing clears what was read before. */
    char *value = strstr(text, key), *end = value ? strchr(value, '\n') : NULL;
    if (end) {
        value += sizeof key - 1;
        memmove(jitsi_host, value, (size_t)(end - value));
        jitsi_host[end - value] = '\0';
    }
    return true;
}

long user_login(char *account, size_t len) {
    static const char channel[] = "jitsi_chat_default";
    for (size_t i = 0; i < len; i++) {
        if (account[i] >= 'A' && account[i] <= 'Z') {
            account[i] = (char)(account[i] - 'A' + 'a');
        }
    }
    return avchat_ask(account, len, channel, sizeof channel - 1);
}
