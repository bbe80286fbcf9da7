#include "whole.h"
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum { signature_size = 8, header_size = 13, around_chunk = 12, largest_block = 65535, block_header = 5, slack = 4096 };

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_big_endian(uint8_t *bytes, uint32_t value) {
    for (int index = 0; index < 4; index++) bytes[index] = (uint8_t)(value >> (24 - 8 * index));
}

// One chunk of the file, its check found right; NULL where the file ends or is wrong.
static const uint8_t *chunk_at(const uint8_t *bytes, size_t size, size_t position, size_t *length) {
    if (size < around_chunk || position > size - around_chunk) return NULL;
    *length = big_endian(bytes + position);
    if (*length > size - around_chunk - position) return NULL;
    const uint8_t *chunk = bytes + position;
    return libdeflate_crc32(0, chunk + 4, *length + 4) == big_endian(chunk + 8 + *length) ? chunk : NULL;
}

static int is_named(const uint8_t *chunk, const char *name) { return memcmp(chunk + 4, name, 4) == 0; }

// Bytes of the rows with their filters (PNG 9.2); 0 for what is not read this way.
static uint64_t inflated_size(const uint8_t *header) {
    static const uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    const uint8_t depth = header[8], color = header[9], interlace = header[12];
    if (color >= sizeof channels || interlace != 0) return 0;
    const uint64_t bits = (uint64_t)big_endian(header) * channels[color] * depth;
    return channels[color] == 0 ? 0 : (uint64_t)big_endian(header + 4) * (1 + (bits + 7) / 8);
}

// The compressed picture, from all its chunks; *end is where the chunk behind them begins. NULL also where it is more than `most` bytes.
static uint8_t *gather(const uint8_t *bytes, size_t size, size_t first, size_t most, size_t *compressed, size_t *end) {
    size_t length;
    *compressed = 0;
    for (*end = first;; *end += length + around_chunk) {
        const uint8_t *chunk = chunk_at(bytes, size, *end, &length);
        if (chunk == NULL) return NULL;
        if (!is_named(chunk, "IDAT")) break;
        *compressed += length;
        if (*compressed > most) return NULL;
    }
    uint8_t *all = malloc(*compressed + 1);
    size_t filled = 0;
    for (size_t position = first; all != NULL && position < *end; position += length + around_chunk) {
        length = big_endian(bytes + position);
        memcpy(all + filled, bytes + position + 8, length);
        filled += length;
    }
    return all;
}

static uint8_t *inflated(const uint8_t *bytes, size_t size, size_t first, size_t expected, size_t *end) {
    size_t compressed, used, written;
    // What is more than the pixels could take is not copied: libpng reads it piece by piece.
    uint8_t *all = gather(bytes, size, first, libdeflate_zlib_compress_bound(NULL, expected) + slack, &compressed, end);
    if (all == NULL) return NULL;
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    uint8_t *pixels = malloc(expected);
    const int is_whole = inflater != NULL && pixels != NULL &&
                         libdeflate_zlib_decompress_ex(inflater, all, compressed, pixels, expected, &used, &written) == LIBDEFLATE_SUCCESS &&
                         written == expected;
    libdeflate_free_decompressor(inflater);
    free(all);
    if (is_whole) return pixels;
    free(pixels);
    return NULL;
}

// Blocks that are stored (RFC 1951 section 3.2.4), in a stream (RFC 1950), in one chunk.
static int store(const uint8_t *bytes, size_t size, size_t first, size_t end, size_t expected, struct whole *out) {
    const size_t blocks = (expected + largest_block - 1) / largest_block;
    out->segments = malloc((2 * blocks + 4) * sizeof *out->segments);
    // Before the blocks: the chunk's length and name, and the stream's header. Behind them: the stream's check and the chunk's.
    out->headers = malloc(8 + 2 + blocks * block_header + 4 + 4);
    if (out->segments == NULL || out->headers == NULL) return 0;
    uint8_t *header = out->headers;
    out->segments[out->count++] = (struct segment){bytes, first};
    put_big_endian(header, (uint32_t)(2 + blocks * block_header + expected + 4));
    memcpy(header + 4, "IDAT\x78\x01", 6);
    out->segments[out->count++] = (struct segment){header, 10};
    header += 10;
    for (size_t begin = 0; begin < expected; begin += largest_block) {
        const uint16_t length = (uint16_t)(expected - begin < largest_block ? expected - begin : largest_block);
        header[0] = begin + length == expected;
        header[1] = (uint8_t)length;
        header[2] = (uint8_t)(length >> 8);
        header[3] = (uint8_t)~length;
        header[4] = (uint8_t)(~length >> 8);
        out->segments[out->count++] = (struct segment){header, block_header};
        out->segments[out->count++] = (struct segment){out->pixels + begin, length};
        header += block_header;
    }
    put_big_endian(header, libdeflate_adler32(1, out->pixels, expected));
    // The chunk's own check is not looked at: those of the file have been.
    put_big_endian(header + 4, 0);
    out->segments[out->count++] = (struct segment){header, 8};
    out->segments[out->count++] = (struct segment){bytes + end, size - end};
    return 1;
}

int whole_inflate(const uint8_t *bytes, size_t size, size_t most, struct whole *out) {
    memset(out, 0, sizeof *out);
    size_t length, first = signature_size, end;
    const uint8_t *chunk = chunk_at(bytes, size, first, &length);
    if (chunk == NULL || !is_named(chunk, "IHDR") || length != header_size) return 0;
    const uint64_t expected = inflated_size(chunk + 8);
    if (expected == 0 || expected > most) return 0;
    while (!is_named(chunk, "IDAT")) {
        first += length + around_chunk;
        chunk = chunk_at(bytes, size, first, &length);
        if (chunk == NULL) return 0;
    }
    out->pixels = inflated(bytes, size, first, (size_t)expected, &end);
    if (out->pixels != NULL && store(bytes, size, first, end, (size_t)expected, out)) return 1;
    whole_free(out);
    return 0;
}

void whole_free(struct whole *whole) {
    free(whole->segments);
    free(whole->pixels);
    free(whole->headers);
    memset(whole, 0, sizeof *whole);
}
