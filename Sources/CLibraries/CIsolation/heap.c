#include "heap.h"
#include "cisolation.h"
#include <poll.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Larger arrays are pictures of many megapixels, of which there is one at a time.
enum { largest_in_heap = 32 << 20, most_kept = 256 << 20 };
// A worker that has heard nothing for so long hands back what is free; between jobs that follow each other it would fetch it again.
enum { idle_milliseconds = 500 };

static int is_to_be_trimmed;

void cisolation_keep_heap(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, largest_in_heap);
    mallopt(M_TRIM_THRESHOLD, most_kept);
#endif
}

void cisolation_trim_heap(void) { is_to_be_trimmed = 1; }

void heap_trim_when_idle(int socket) {
#ifdef __GLIBC__
    if (!is_to_be_trimmed) return;
    is_to_be_trimmed = 0;
    struct pollfd one = {.fd = socket, .events = POLLIN};
    if (poll(&one, 1, idle_milliseconds) == 0) malloc_trim(0);
#else
    (void)socket;
#endif
}
