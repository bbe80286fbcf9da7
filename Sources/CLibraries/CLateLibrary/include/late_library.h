#ifndef AGROVET_LATE_LIBRARY_H
#define AGROVET_LATE_LIBRARY_H
#include <pthread.h>
#include <stddef.h>

// Libraries that are loaded when they are first needed. Most processes never need them, and with all that they depend on they take
// more time to start, and more memory, than the program itself.
//
// Callers keep the library's own header: LATE_FUNCTION defines a function of its name which does nothing but jump to the one that
// was found, so that arguments and results pass through whatever they are. It is hidden: the library's calls of itself stay its own.

struct late_function {
    const char *name;
    void **found;
};

// Loads the file, and finds all functions in it. Returns 1, or 0 where one is not there; then none may be called.
int late_library_load(const char *file, const struct late_function *functions, size_t count);

// Where a function leads before its library is loaded: ends the process with a word.
void late_library_missing(void);

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#if defined(__x86_64__)
#define LATE_JUMP(target) "jmp *" target "(%rip)\n"
#else
#define LATE_JUMP(target) "adrp x16, " target "\nldr x16, [x16, :lo12:" target "]\nbr x16\n"
#endif
#define LATE_FUNCTION(function) \
    __attribute__((visibility("hidden"), used)) void *late_##function = (void *)late_library_missing; \
    __asm__(".pushsection .text." #function ",\"ax\",@progbits\n" \
            ".globl " #function "\n.hidden " #function "\n.type " #function ", %function\n.p2align 4\n" #function ":\n" \
            LATE_JUMP("late_" #function) ".size " #function ", .-" #function "\n.popsection\n");
#define LATE_ENTRY(function) {#function, &late_##function},

// Defines the functions, and `load`, which loads them once.
#define LATE_LIBRARY(file, functions, load) \
    functions(LATE_FUNCTION) \
    static const struct late_function late_functions[] = {functions(LATE_ENTRY)}; \
    static int late_is_loaded; \
    static pthread_once_t late_once = PTHREAD_ONCE_INIT; \
    static void late_load(void) { \
        late_is_loaded = late_library_load(file, late_functions, sizeof late_functions / sizeof *late_functions); \
    } \
    int load(void) { \
        pthread_once(&late_once, late_load); \
        return late_is_loaded; \
    }
#else
// Linked as ever (Package.swift).
#define LATE_LIBRARY(file, functions, load) \
    int load(void) { return 1; }
#endif
#endif
