#include "cpng.h"
#include "whole.h"
#include <png.h>
#include <stdlib.h>
#include <string.h>

enum { message_size = 128 };
// A profile of this size is none that a camera or an editor writes.
enum { maximum_chunk_bytes = 8 << 20 };

struct cpng_reader {
    png_structp png;
    png_infop info;
    // The file, in pieces of which it may be put together.
    const struct segment *segments;
    size_t count, current, position;
    struct segment file;
    struct whole whole;
    int is_truncated, is_interlaced;
    uint32_t height;
    char message[message_size];
};

static void fail(png_structp png, png_const_charp message) {
    char *out = png_get_error_ptr(png);
    strncpy(out, message, message_size - 1);
    out[message_size - 1] = 0;
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep out, size_t size) {
    struct cpng_reader *reader = png_get_io_ptr(png);
    while (size > 0) {
        if (reader->current == reader->count) {
            reader->is_truncated = 1;
            png_error(png, "the file ends early");
        }
        const struct segment *segment = &reader->segments[reader->current];
        size_t there = segment->size - reader->position;
        if (there > size) there = size;
        memcpy(out, segment->bytes + reader->position, there);
        out += there;
        size -= there;
        reader->position += there;
        if (reader->position == segment->size) {
            reader->current += 1;
            reader->position = 0;
        }
    }
}

static enum cpng_status status_of(const struct cpng_reader *reader) {
    return reader->is_truncated ? cpng_truncated : cpng_corrupt;
}

// Runs within the jump target of its caller.
static void read_header(struct cpng_reader *reader, struct cpng_header *header) {
    png_structp png = reader->png;
    png_infop info = reader->info;
    png_set_read_fn(png, reader, read_bytes);
    if (reader->whole.count > 0) {
        // All checks have been found right, and those that were made are nothing to check.
        png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_DEFAULT);
        png_set_option(png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
    }
    png_set_user_limits(png, 1000000, 1000000);
    png_set_chunk_malloc_max(png, maximum_chunk_bytes);
    png_set_chunk_cache_max(png, 64);
    // Chunks that no rendition needs are passed over unread: text can be a decompression bomb.
    static const png_byte unread[] = "tEXt\0zTXt\0iTXt\0sPLT\0hIST\0pCAL\0sCAL\0oFFs\0pHYs\0tIME\0bKGD\0eXIf";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread, sizeof unread / 5);
    png_read_info(png, info);

    header->width = png_get_image_width(png, info);
    header->height = png_get_image_height(png, info);
    header->bit_depth = png_get_bit_depth(png, info);
    header->color_type = png_get_color_type(png, info);
    header->is_interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
    int has_transparency = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    header->has_alpha = (header->color_type & PNG_COLOR_MASK_ALPHA) || has_transparency;
    int intent;
    header->is_srgb = png_get_sRGB(png, info, &intent) != 0;
    png_fixed_point gamma;
    if (png_get_valid(png, info, PNG_INFO_gAMA) && png_get_gAMA_fixed(png, info, &gamma) && gamma > 0) {
        header->gamma = (uint32_t)gamma;
    }
    int32_t *c = header->chromaticities;
    if (png_get_valid(png, info, PNG_INFO_cHRM)) {
        png_get_cHRM_fixed(png, info, c, c + 1, c + 2, c + 3, c + 4, c + 5, c + 6, c + 7);
    }
    png_charp name;
    int compression;
    png_bytep icc;
    png_uint_32 icc_size;
    if (png_get_iCCP(png, info, &name, &compression, &icc, &icc_size)) {
        header->icc = icc;
        header->icc_size = icc_size;
    }

    // Rows are read as 8-bit gray, gray and alpha, RGB or RGBA, whatever is stored.
    png_set_expand(png);
    if (header->bit_depth == 16) png_set_scale_16(png);
    if (header->is_interlaced) png_set_interlace_handling(png);
    png_read_update_info(png, info);
    header->channels = png_get_channels(png, info);
    if (png_get_rowbytes(png, info) != (size_t)header->width * header->channels) png_error(png, "unexpected row size");
    reader->is_interlaced = header->is_interlaced;
    reader->height = header->height;
}

enum cpng_status cpng_open(const uint8_t *bytes, size_t size, int reads_rows, struct cpng_reader **out, struct cpng_header *header,
                           char *message) {
    *out = NULL;
    memset(header, 0, sizeof *header);
    struct cpng_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return cpng_no_memory;
    reader->file = (struct segment){bytes, size};
    reader->segments = &reader->file;
    reader->count = 1;
    if (reads_rows && whole_inflate(bytes, size, cpng_inflated_at_once, &reader->whole)) {
        reader->segments = reader->whole.segments;
        reader->count = reader->whole.count;
    }
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader->message, fail, ignore);
    if (reader->png != NULL) reader->info = png_create_info_struct(reader->png);
    if (reader->info == NULL) {
        cpng_close(reader);
        return cpng_no_memory;
    }
    if (setjmp(png_jmpbuf(reader->png))) {
        enum cpng_status status = status_of(reader);
        if (message != NULL) memcpy(message, reader->message, message_size);
        cpng_close(reader);
        return status;
    }
    read_header(reader, header);
    *out = reader;
    return cpng_ok;
}

enum cpng_status cpng_read_row(struct cpng_reader *reader, uint8_t *row) {
    if (setjmp(png_jmpbuf(reader->png))) return status_of(reader);
    png_read_row(reader->png, row, NULL);
    return cpng_ok;
}

enum cpng_status cpng_read_image(struct cpng_reader *reader, uint8_t *pixels, size_t stride) {
    if (setjmp(png_jmpbuf(reader->png))) return status_of(reader);
    int passes = reader->is_interlaced ? 7 : 1;
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < reader->height; y++) png_read_row(reader->png, pixels + y * stride, NULL);
    }
    return cpng_ok;
}

const char *cpng_message(const struct cpng_reader *reader) { return reader->message; }

void cpng_close(struct cpng_reader *reader) {
    if (reader == NULL) return;
    if (reader->png != NULL) png_destroy_read_struct(&reader->png, &reader->info, NULL);
    whole_free(&reader->whole);
    free(reader);
}

struct buffer {
    uint8_t *bytes;
    size_t size, capacity;
};

static void write_bytes(png_structp png, png_bytep in, size_t size) {
    struct buffer *buffer = png_get_io_ptr(png);
    if (size > buffer->capacity - buffer->size) {
        size_t capacity = (buffer->capacity + size) * 2;
        uint8_t *grown = realloc(buffer->bytes, capacity);
        if (grown == NULL) png_error(png, "no memory");
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->bytes + buffer->size, in, size);
    buffer->size += size;
}

static void flush_bytes(png_structp png) { (void)png; }

// Runs within the jump target of its caller.
static void write_picture(png_structp png, png_infop info, const struct cpng_picture *picture) {
    static const int color_types[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    int has_palette = picture->palette != NULL;
    png_set_IHDR(png, info, picture->width, picture->height, picture->bit_depth,
                 has_palette ? PNG_COLOR_TYPE_PALETTE : color_types[picture->channels], PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, picture->level);
    png_color colors[256];
    png_byte alphas[256];
    if (has_palette) {
        for (int i = 0; i < picture->palette_size; i++) {
            const uint8_t *entry = picture->palette + 4 * i;
            colors[i] = (png_color){entry[0], entry[1], entry[2]};
            alphas[i] = entry[3];
        }
        png_set_PLTE(png, info, colors, picture->palette_size);
        if (picture->translucent_size > 0) png_set_tRNS(png, info, alphas, picture->translucent_size, NULL);
    }
    // Neighbouring indices of a palette say nothing of each other.
    png_set_filter(png, PNG_FILTER_TYPE_BASE, has_palette ? PNG_FILTER_NONE : PNG_ALL_FILTERS);
    png_write_info(png, info);
    png_set_packing(png);
    for (uint32_t y = 0; y < picture->height; y++) png_write_row(png, picture->pixels + y * picture->stride);
    png_write_end(png, NULL);
}

enum cpng_status cpng_write(const struct cpng_picture *picture, uint8_t **out, size_t *out_size) {
    char message[message_size];
    *out = NULL;
    struct buffer *buffer = calloc(1, sizeof *buffer);
    if (buffer == NULL) return cpng_no_memory;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (info == NULL || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        free(buffer->bytes);
        free(buffer);
        return cpng_no_memory;
    }
    png_set_write_fn(png, buffer, write_bytes, flush_bytes);
    write_picture(png, info, picture);
    png_destroy_write_struct(&png, &info);
    *out = buffer->bytes;
    *out_size = buffer->size;
    free(buffer);
    return cpng_ok;
}

void cpng_free(uint8_t *bytes) { free(bytes); }
