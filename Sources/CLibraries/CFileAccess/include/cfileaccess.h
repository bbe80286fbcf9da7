#ifndef CFILEACCESS_H
#define CFILEACCESS_H

#include <stdint.h>
#include <sys/types.h>

/* What Swift's Glibc does not show. Each answers as the call of that name does; where the system has no such call, -1 with ENOSYS. */

/* preadv2 with RWF_NOWAIT: reads what lies in the page cache; -1 with EAGAIN where that would mean waiting for the disk. */
ssize_t cfileaccess_read_cached(int descriptor, void *bytes, size_t count, int64_t offset);

/* openat2 with RESOLVE_CACHED, for reading: -1 with EAGAIN where the name would have to be looked for on the disk. */
int cfileaccess_open_cached(const char *path);

/* sync_file_range with SYNC_FILE_RANGE_WRITE: begins to write a range to the disk, and does not wait. */
int cfileaccess_begin_writing(int descriptor, int64_t offset, int64_t count);

/* fallocate: takes room on the disk for a range, without changing the file's size where keeps_size is not 0. */
int cfileaccess_reserve(int descriptor, int64_t offset, int64_t count, int keeps_size);

#endif
