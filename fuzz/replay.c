/* A fuzz target without libFuzzer: plays each file that is named, as make coverage does with the seeds. */
#include "oracle.h"

#include <stdio.h>

int main(int argc, char **argv) {
    static uint8_t bytes[1 << 16];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file) {
            perror(argv[i]);
            return 1;
        }
        size_t len = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        LLVMFuzzerTestOneInput(bytes, len);
    }
    printf("%d inputs played\n", argc - 1);
    return 0;
}
