/* Preloaded beside a sanitizer: a module that Lua closes at its end stays in memory, so that a report can name it. */
int dlclose(void *handle);

int dlclose(void *handle) {
    (void)handle;
    return 0;
}
