#ifndef AGROVET_CISOLATION_H
#define AGROVET_CISOLATION_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What a codec worker is shut in with, and the passing of descriptors, whose macros Swift cannot use.

struct cisolation_limits {
    uint64_t memory_bytes; // of address space; 0: no limit
    uint64_t file_bytes;   // of a file that it is handed to write to; 0: nothing may be written
    uint32_t open_files;
    int niceness;          // 0 to 19: how far it steps back behind others
};

// Shuts the calling process in for good: no files may be opened, none written but those handed to it, no program started, no socket made, no more than
// these limits used; the process dies with its parent. Linux: seccomp (an allow list; all else fails with EPERM). Elsewhere:
// resource limits only. 0, or errno of what failed.
int cisolation_enter(const struct cisolation_limits *limits);

// Lets the process use `seconds` more of CPU time before the kernel ends it. 0, or errno.
int cisolation_allow_cpu(uint32_t seconds);

// For a process whose jobs run one after another: one heap, whose memory is used again during a job instead of being handed back
// to the kernel and fetched anew with each large array. cisolation_trim_heap hands back what is free as soon as nothing comes to be
// received for a moment.
void cisolation_keep_heap(void);
void cisolation_trim_heap(void);

// Closes every descriptor from `first` on.
void cisolation_close_from(int first);

// A connected pair of stream sockets that no other child inherits. 0, or errno.
int cisolation_socket_pair(int pair[2]);

// Sends all bytes; `descriptor` (or -1) goes with the first of them. 0, or errno.
int cisolation_send(int socket, const void *bytes, size_t size, int descriptor);

// Receives at most `size` bytes. `*descriptor` is one that came along, or -1. Bytes received, 0 at the end, -1 with errno set.
ssize_t cisolation_receive(int socket, void *bytes, size_t size, int *descriptor);
#endif
