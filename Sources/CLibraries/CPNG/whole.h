#ifndef AGROVET_CPNG_WHOLE_H
#define AGROVET_CPNG_WHOLE_H
#include <stddef.h>
#include <stdint.h>

struct segment {
    const uint8_t *bytes;
    size_t size;
};

// A PNG whose picture has been inflated at once, as a file for libpng: all chunks as they are, but for the picture's, which stand there
// as one that is not compressed. libdeflate takes less than half of zlib's time, and cannot inflate row by row.
struct whole {
    struct segment *segments;
    size_t count;
    uint8_t *pixels;  // what the segments of the picture are of
    uint8_t *headers; // of the blocks between them
};

// Returns 1, or 0 where the file is interlaced, takes more than `most` bytes inflated, is not flawless, or there is no memory: then it
// is for libpng to read, and to say what is wrong with it. The bytes of the file must stay.
int whole_inflate(const uint8_t *bytes, size_t size, size_t most, struct whole *out);
void whole_free(struct whole *whole);
#endif
