#include "failure.h"
#include <stdlib.h>
#include <string.h>

struct writer {
    struct jpeg_compress_struct codec; // first, so that libjpeg's pointer to it is one to this
    struct failure failure;
    struct jpeg_destination_mgr destination;
    uint8_t *bytes;
    size_t capacity, size;
};

enum { first_capacity = 1 << 16 };

// libjpeg's own destination in memory tells where its buffer is at the end only: one that did not come to its end could not be freed.
static void make_room(j_compress_ptr codec, size_t capacity) {
    struct writer *writer = (struct writer *)codec;
    uint8_t *bytes = realloc(writer->bytes, capacity);
    if (!bytes) ERREXIT1(codec, JERR_OUT_OF_MEMORY, 0);
    writer->destination.next_output_byte = bytes + writer->capacity;
    writer->destination.free_in_buffer = capacity - writer->capacity;
    writer->bytes = bytes;
    writer->capacity = capacity;
}

static void begin_writing(j_compress_ptr codec) { make_room(codec, first_capacity); }

// Called when all of the buffer is used, whatever the counters say.
static boolean go_on_writing(j_compress_ptr codec) {
    make_room(codec, ((struct writer *)codec)->capacity * 2);
    return TRUE;
}

static void end_writing(j_compress_ptr codec) {
    struct writer *writer = (struct writer *)codec;
    writer->size = writer->capacity - writer->destination.free_in_buffer;
}

// Scans of ISO/IEC 10918-1 annex G by spectral selection alone: a coarse picture, then colour, then detail. libjpeg's usual
// ten scans, which also send bits of each coefficient one after another, take half as long again for 2 % fewer bytes.
static const jpeg_scan_info color_scans[] = {
    {3, {0, 1, 2}, 0, 0, 0, 0}, {1, {0}, 1, 5, 0, 0}, {1, {1}, 1, 63, 0, 0}, {1, {2}, 1, 63, 0, 0}, {1, {0}, 6, 63, 0, 0},
};
static const jpeg_scan_info gray_scans[] = {
    {1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 5, 0, 0}, {1, {0}, 6, 63, 0, 0},
};
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

// libjpeg reads whole blocks: rows are copied to a strip of them, edges repeated.
static void fill_strip(const struct cjpeg_picture *picture, int component, uint32_t width, uint32_t height, uint32_t first_row,
                       JSAMPARRAY strip, uint32_t strip_rows, uint32_t strip_width) {
    const uint8_t *plane = picture->planes[component];
    for (uint32_t k = 0; k < strip_rows; k++) {
        uint32_t y = first_row + k < height ? first_row + k : height - 1;
        const uint8_t *row = plane + (size_t)y * picture->strides[component];
        memcpy(strip[k], row, width);
        memset(strip[k] + width, row[width - 1], strip_width - width);
    }
}

static void compress(struct writer *writer, const struct cjpeg_picture *picture) {
    j_compress_ptr codec = &writer->codec;
    jpeg_create_compress(codec);
    writer->destination.init_destination = begin_writing;
    writer->destination.empty_output_buffer = go_on_writing;
    writer->destination.term_destination = end_writing;
    codec->dest = &writer->destination;
    codec->image_width = picture->width;
    codec->image_height = picture->height;
    codec->input_components = picture->components;
    codec->in_color_space = picture->components == 1 ? JCS_GRAYSCALE : JCS_YCbCr;
    jpeg_set_defaults(codec);
    jpeg_set_quality(codec, picture->quality, TRUE);
    codec->optimize_coding = TRUE;
    codec->raw_data_in = TRUE;
    if (picture->components == 1) {
        codec->comp_info[0].h_samp_factor = codec->comp_info[0].v_samp_factor = 1;
    }
    codec->scan_info = picture->components == 1 ? gray_scans : color_scans;
    codec->num_scans = picture->components == 1 ? COUNT(gray_scans) : COUNT(color_scans);
    jpeg_start_compress(codec, TRUE);

    JSAMPARRAY strips[3];
    uint32_t widths[3], rows[3], picture_widths[3], picture_heights[3];
    for (int i = 0; i < picture->components; i++) {
        jpeg_component_info *component = &codec->comp_info[i];
        int is_chroma = i > 0;
        picture_widths[i] = is_chroma ? (picture->width + 1) / 2 : picture->width;
        picture_heights[i] = is_chroma ? (picture->height + 1) / 2 : picture->height;
        widths[i] = component->width_in_blocks * DCTSIZE;
        rows[i] = (uint32_t)component->v_samp_factor * DCTSIZE;
        strips[i] = codec->mem->alloc_sarray((j_common_ptr)codec, JPOOL_IMAGE, widths[i], rows[i]);
    }
    JDIMENSION group = (JDIMENSION)codec->max_v_samp_factor * DCTSIZE;
    for (uint32_t strip = 0; codec->next_scanline < codec->image_height; strip++) {
        for (int i = 0; i < picture->components; i++)
            fill_strip(picture, i, picture_widths[i], picture_heights[i], strip * rows[i], strips[i], rows[i], widths[i]);
        jpeg_write_raw_data(codec, strips, group);
    }
    jpeg_finish_compress(codec);
}

enum cjpeg_status cjpeg_write(const struct cjpeg_picture *picture, uint8_t **out, size_t *out_size, char *message) {
    *out = NULL;
    *out_size = 0;
    // On the heap: what changes between setjmp and longjmp must not live in registers.
    struct writer *writer = calloc(1, sizeof *writer);
    if (!writer) return cjpeg_no_memory;
    cjpeg_failure_init(&writer->failure);
    writer->codec.err = &writer->failure.manager;
    if (!setjmp(writer->failure.target)) compress(writer, picture);
    enum cjpeg_status status = writer->failure.status;
    if (status == cjpeg_ok) {
        *out = writer->bytes;
        *out_size = writer->size;
    } else {
        if (message) snprintf(message, CJPEG_MESSAGE, "%.*s", CJPEG_MESSAGE - 1, writer->failure.message);
        free(writer->bytes);
    }
    if (!setjmp(writer->failure.target)) jpeg_destroy_compress(&writer->codec);
    free(writer);
    return status;
}

void cjpeg_free(uint8_t *bytes) { free(bytes); }
