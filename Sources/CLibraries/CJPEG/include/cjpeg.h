#ifndef AGROVET_CJPEG_H
#define AGROVET_CJPEG_H
#include <stddef.h>
#include <stdint.h>

// libjpeg reports errors by longjmp, which must not cross Swift frames: each function here sets its own jump target, does
// its libjpeg calls and returns.

enum cjpeg_status {
    cjpeg_ok = 0,
    cjpeg_truncated = 1, // the bytes end before the picture does
    cjpeg_corrupt = 2,   // the message says why
    cjpeg_no_memory = 3,
    cjpeg_unsupported = 4,
};

enum cjpeg_model {
    cjpeg_gray = 1,
    cjpeg_ycbcr = 2,
    cjpeg_rgb = 3,
    cjpeg_cmyk = 4, // YCCK too: it is decoded to CMYK
};

struct cjpeg_header {
    uint32_t width, height;
    enum cjpeg_model model;
    uint8_t is_progressive; // the decoder holds all coefficients of the picture
    uint8_t components;
    uint8_t horizontal[4], vertical[4]; // sampling factors
};

struct cjpeg_plane {
    uint32_t width, height; // samples that are of the picture
    uint32_t stride, rows;  // samples that the decoder writes: whole blocks
};

struct cjpeg_reader;

// Reads the header of the JPEG in `bytes`, which must stay until cjpeg_close. `message` (NULL or CJPEG_MESSAGE bytes) gets
// the reason of a failure. On failure *out is NULL.
enum cjpeg_status cjpeg_open(const uint8_t *bytes, size_t size, struct cjpeg_reader **out, struct cjpeg_header *header, char *message);
// Chooses the scale, eighths/8 (1, 2, 4 or 8), and tells the planes to allocate, one a component. Chroma is scaled by
// chroma_eighths, at most eighths, where libjpeg lets it; so is all where components do not come as planes of their own.
enum cjpeg_status cjpeg_start(struct cjpeg_reader *reader, int eighths, int chroma_eighths, struct cjpeg_plane planes[4]);
// Whether chroma has a scale of its own, with the libjpeg that this was built with.
int cjpeg_scales_chroma(void);
// Decodes all rows into the planes. CMYK comes as ink, 0 none to 255 full.
enum cjpeg_status cjpeg_read(struct cjpeg_reader *reader, uint8_t *const planes[4]);
// Whether entropy-coded data are read by the reader of this library and not by libjpeg's: from cjpeg_start on as it is meant, behind
// cjpeg_read as it was.
int cjpeg_reads_scan(const struct cjpeg_reader *reader);
// The reason of the last failure.
const char *cjpeg_message(const struct cjpeg_reader *reader);
void cjpeg_close(struct cjpeg_reader *reader);

#define CJPEG_MESSAGE 200
// More scans than this in a progressive file only cost time.
#define CJPEG_MOST_SCANS 500

struct cjpeg_picture {
    uint32_t width, height;
    int components; // 1 gray; 3 Y, Cb, Cr with chroma halved on both axes, rounded up
    int quality;    // 1 to 100
    const uint8_t *planes[3];
    size_t strides[3];
};

// Writes a progressive JPEG with optimised Huffman tables and no metadata but JFIF's to memory that cjpeg_free releases.
enum cjpeg_status cjpeg_write(const struct cjpeg_picture *picture, uint8_t **out, size_t *out_size, char *message);
void cjpeg_free(uint8_t *bytes);
#endif
