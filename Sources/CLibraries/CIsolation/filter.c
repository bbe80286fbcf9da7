// The system calls that decoding and encoding need: memory, threads, time, and the descriptors that are open already. All else
// fails with EPERM, which libraries bear, rather than ending the process: opening files, sockets, starting programs,
// signals to other processes, changing permissions.
#define _GNU_SOURCE
#include "filter.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

// Only where an argument is `value`, or has one of the bits.
#define ALLOW_IF(call, argument, test, value)                                                                                                       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), LOAD(args[argument]), BPF_JUMP(BPF_JMP | test | BPF_K, value, 0, 1),                    \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

int cisolation_filter(void) {
    const unsigned self = (unsigned)getpid();
    struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        // The descriptors that are open.
        ALLOW(read), ALLOW(readv), ALLOW(pread64), ALLOW(write), ALLOW(writev), ALLOW(pwrite64), ALLOW(ftruncate), ALLOW(lseek), ALLOW(close), ALLOW(fstat), ALLOW(recvmsg),
        ALLOW(sendmsg), ALLOW(fadvise64), ALLOW(dup),
        // fstat(), as the C library makes it.
        ALLOW_IF(newfstatat, 3, BPF_JEQ, AT_EMPTY_PATH),
        // Memory.
        ALLOW(mmap), ALLOW(munmap), ALLOW(mremap), ALLOW(mprotect), ALLOW(madvise), ALLOW(brk),
        // Threads, which codecs start, but no processes. What clone3 is asked for cannot be seen from here; the C library falls back
        // to clone where there is none.
        ALLOW_IF(clone, 0, BPF_JSET, CLONE_THREAD),
#ifdef SYS_clone3
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
#endif
        ALLOW(futex), ALLOW(set_robust_list), ALLOW(exit), ALLOW(exit_group), ALLOW(sched_yield), ALLOW(sched_getaffinity),
        ALLOW(gettid), ALLOW(getpid), ALLOW(set_tid_address),
#ifdef SYS_rseq
        ALLOW(rseq),
#endif
#ifdef SYS_membarrier
        ALLOW(membarrier),
#endif
        // Signals to itself: abort() and the kernel's own.
        ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn), ALLOW(sigaltstack),
        ALLOW_IF(tgkill, 0, BPF_JEQ, self), ALLOW(restart_syscall),
        // Time and what the process itself uses.
        ALLOW(clock_gettime), ALLOW(clock_getres), ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(gettimeofday), ALLOW(getrandom),
        ALLOW(getrusage), ALLOW(sysinfo), ALLOW(uname), ALLOW_IF(prlimit64, 0, BPF_JEQ, 0),
        ALLOW(ppoll),
#ifdef SYS_poll
        ALLOW(poll),
#endif
#ifdef SYS_getrlimit
        ALLOW(getrlimit), ALLOW(setrlimit),
#endif
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    // For every thread that there is, not for this one alone.
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0 ? 0 : errno != 0 ? errno : EPERM;
}
#else
int cisolation_filter(void) { return 0; }
#endif
