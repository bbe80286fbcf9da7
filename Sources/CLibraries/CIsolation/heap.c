#include "cisolation.h"
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Larger arrays are pictures of many megapixels, of which there is one at a time.
enum { largest_in_heap = 32 << 20, most_kept = 256 << 20 };

void cisolation_keep_heap(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, largest_in_heap);
    mallopt(M_TRIM_THRESHOLD, most_kept);
#endif
}

void cisolation_trim_heap(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
