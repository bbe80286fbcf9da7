#ifndef AGROVET_CPNG_H
#define AGROVET_CPNG_H
#include <stddef.h>
#include <stdint.h>

// libpng reports errors by longjmp, which must not cross Swift frames: each function here sets its own jump target, does
// its libpng calls and returns.

enum cpng_status {
    cpng_ok = 0,
    cpng_truncated = 1, // the bytes end before the picture does
    cpng_corrupt = 2,   // the message says why
    cpng_no_memory = 3,
};

struct cpng_header {
    uint32_t width, height;
    uint8_t bit_depth;     // as stored: 1, 2, 4, 8 or 16
    uint8_t color_type;    // PNG_COLOR_TYPE_*
    uint8_t is_interlaced; // Adam7
    uint8_t has_alpha;     // an alpha channel or a tRNS chunk
    uint8_t is_srgb;       // an sRGB chunk
    uint8_t channels;      // of the rows that are read: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA; 8 bits a sample
    uint32_t gamma;        // gAMA in 1/100,000; 0 where there is none
    // cHRM in 1/100,000: white, red, green, blue, each x and y; all 0 where there is none.
    int32_t chromaticities[8];
    // iCCP, decompressed; belongs to the reader; NULL where there is none.
    const uint8_t *icc;
    uint32_t icc_size;
};

struct cpng_reader;

// A picture that takes no more than this as it is stored in the file, without its compression, is inflated at once, which is faster;
// one that takes more, or is interlaced, row by row, which takes no memory.
enum { cpng_inflated_at_once = 24 << 20 };

// Reads the header of the PNG in `bytes`, which must stay until cpng_close. `reads_rows`: whether rows will be read after it. `message`
// (NULL or 128 bytes) gets the reason of a failure. On failure *out is NULL.
enum cpng_status cpng_open(const uint8_t *bytes, size_t size, int reads_rows, struct cpng_reader **out, struct cpng_header *header,
                           char *message);
// The next row: width × channels bytes, straight alpha. Not for interlaced pictures.
enum cpng_status cpng_read_row(struct cpng_reader *reader, uint8_t *row);
// All rows, `stride` bytes apart; needed for interlaced pictures.
enum cpng_status cpng_read_image(struct cpng_reader *reader, uint8_t *pixels, size_t stride);
// The reason of the last failure of a read.
const char *cpng_message(const struct cpng_reader *reader);
void cpng_close(struct cpng_reader *reader);

struct cpng_picture {
    uint32_t width, height;
    uint8_t channels;  // 1 gray or palette index, 2 gray and alpha, 3 RGB, 4 RGBA; 8 bits a sample
    uint8_t bit_depth; // 8; for a palette 1, 2, 4 or 8 (rows still hold a byte a pixel)
    int level;         // zlib's, 0 to 9
    const uint8_t *pixels;
    size_t stride;
    const uint8_t *palette; // RGBA entries, or NULL
    int palette_size;       // up to 256
    int translucent_size;   // how many of the first entries are not opaque
};

// Writes a PNG without metadata to memory that cpng_free releases.
enum cpng_status cpng_write(const struct cpng_picture *picture, uint8_t **out, size_t *out_size);
void cpng_free(uint8_t *bytes);
#endif
