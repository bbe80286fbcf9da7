#define _GNU_SOURCE
#include "cisolation.h"
#include <errno.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include <signal.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif
#include "filter.h"

static int limit(int resource, rlim_t value) {
    struct rlimit both = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &both) == 0 ? 0 : errno;
}

void cisolation_close_from(int first) {
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
#endif
    long most = sysconf(_SC_OPEN_MAX);
    for (int descriptor = first; descriptor < (most > 0 && most < 65536 ? most : 65536); descriptor++) close(descriptor);
}

int cisolation_allow_cpu(uint32_t seconds) {
    struct rusage used;
    struct rlimit both;
    if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &both) != 0) return errno;
    both.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + seconds + 1;
    return setrlimit(RLIMIT_CPU, &both) == 0 ? 0 : errno;
}

int cisolation_enter(const struct cisolation_limits *limits) {
    int failed = 0;
#ifdef __linux__
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    // A dump would hold somebody's picture.
    if (prctl(PR_SET_DUMPABLE, 0) != 0) return errno;
#endif
    if ((failed = limit(RLIMIT_CORE, 0)) != 0) return failed;
    if ((failed = limit(RLIMIT_FSIZE, (rlim_t)limits->file_bytes)) != 0) return failed;
    // Writing beyond that is an error to be told, not a death.
    signal(SIGXFSZ, SIG_IGN);
    if (limits->niceness > 0 && setpriority(PRIO_PROCESS, 0, limits->niceness) != 0) return errno;
    if ((failed = limit(RLIMIT_NOFILE, limits->open_files)) != 0) return failed;
#ifdef RLIMIT_AS
    if (limits->memory_bytes > 0 && (failed = limit(RLIMIT_AS, (rlim_t)limits->memory_bytes)) != 0) return failed;
#endif
    return cisolation_filter();
}
