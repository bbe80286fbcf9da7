#define _GNU_SOURCE
#include "cfileaccess.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>

#ifdef __linux__

#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int cfileaccess_open_cached(const char *path) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = O_RDONLY | O_CLOEXEC;
    how.resolve = RESOLVE_CACHED;
    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

ssize_t cfileaccess_read_cached(int descriptor, void *bytes, size_t count, int64_t offset) {
    struct iovec room = {bytes, count};
    return preadv2(descriptor, &room, 1, offset, RWF_NOWAIT);
}

int cfileaccess_begin_writing(int descriptor, int64_t offset, int64_t count) {
    return sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

int cfileaccess_reserve(int descriptor, int64_t offset, int64_t count, int keeps_size) {
    return fallocate(descriptor, keeps_size ? FALLOC_FL_KEEP_SIZE : 0, offset, count);
}

#else

int cfileaccess_open_cached(const char *path) {
    errno = ENOSYS;
    return -1;
}

ssize_t cfileaccess_read_cached(int descriptor, void *bytes, size_t count, int64_t offset) {
    errno = ENOSYS;
    return -1;
}

int cfileaccess_begin_writing(int descriptor, int64_t offset, int64_t count) {
    errno = ENOSYS;
    return -1;
}

int cfileaccess_reserve(int descriptor, int64_t offset, int64_t count, int keeps_size) {
    errno = ENOSYS;
    return -1;
}

#endif
