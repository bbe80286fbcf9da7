#define CFFMPEG_WITHOUT_NAMES
#include "libraries.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)
#ifdef __APPLE__
#define FILE_NAME(name, version) "lib" name "." TEXT(version) ".dylib"
#else
#define FILE_NAME(name, version) "lib" name ".so." TEXT(version)
#endif

struct libraries cffmpeg_libraries;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded;

static void load(void) {
    // Of the major version that the headers are of. Those that these depend on are found through them.
    void *handles[] = {dlopen(FILE_NAME("avformat", LIBAVFORMAT_VERSION_MAJOR), RTLD_LAZY | RTLD_LOCAL),
                       dlopen(FILE_NAME("swscale", LIBSWSCALE_VERSION_MAJOR), RTLD_LAZY | RTLD_LOCAL),
                       dlopen(FILE_NAME("swresample", LIBSWRESAMPLE_VERSION_MAJOR), RTLD_LAZY | RTLD_LOCAL)};
    int is_complete = 1;
#define FIND(name) \
    { \
        void *found = NULL; \
        for (size_t index = 0; index < sizeof handles / sizeof *handles && found == NULL; index++) \
            if (handles[index] != NULL) found = dlsym(handles[index], #name); \
        cffmpeg_libraries.name = (__typeof__(cffmpeg_libraries.name))found; \
        if (found == NULL) is_complete = 0; \
    }
    LIBRARY_FUNCTIONS(FIND)
#undef FIND
    is_loaded = is_complete;
}

int cffmpeg_load(void) {
    pthread_once(&once, load);
    return is_loaded;
}
