#ifndef AGROVET_CGIF_H
#define AGROVET_CGIF_H
#include <stddef.h>
#include <stdint.h>

// The frames of a GIF in memory, one after another, read line by line with giflib.

enum cgif_status {
    cgif_ok = 0,
    cgif_truncated = 1, // the bytes end before the frame does
    cgif_corrupt = 2,   // cgif_message says why
    cgif_no_memory = 3,
    cgif_end = 4,       // no frame follows
};

struct cgif_header {
    int screen_width, screen_height;                  // logical screen; may be 0
    int frame_left, frame_top, frame_width, frame_height; // on the screen, or beyond it; at least 1 pixel
    int is_interlaced;
    int transparent_index; // -1 where there is none
    int disposal;          // GIF89a section 23: 0 to 7
    int delay;             // hundredths of a second
    int color_count;       // entries of the frame's palette (its own or the global one), 0 to 256
    uint8_t palette[256 * 3];
};

struct cgif_reader;

// Up to the first frame's pixels.
// `bytes` must stay until cgif_close. `message` (NULL or 128 bytes) gets the reason of a failure. On failure *out is NULL.
enum cgif_status cgif_open(const uint8_t *bytes, size_t size, struct cgif_reader **out, struct cgif_header *header, char *message);
// The next line as stored (an interlaced frame's lines come in its own order): frame_width palette indices.
enum cgif_status cgif_read_line(struct cgif_reader *reader, uint8_t *line);
// Goes on to the next frame, once all lines of the one before have been read.
enum cgif_status cgif_next(struct cgif_reader *reader, struct cgif_header *header);
const char *cgif_message(const struct cgif_reader *reader);
void cgif_close(struct cgif_reader *reader);
#endif
