#include "late_library.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int late_library_load(const char *file, const struct late_function *functions, size_t count) {
    void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL) return 0;
    for (size_t index = 0; index < count; index++) {
        void *found = dlsym(handle, functions[index].name);
        if (found == NULL) return 0;
        *functions[index].found = found;
    }
    return 1;
}

void late_library_missing(void) {
    fputs("a function was called before its library was loaded\n", stderr);
    abort();
}
