#include "input.h"
#include <string.h>

#define BUFFER_BYTES (32 * 1024)

static int read_bytes(void *opaque, uint8_t *target, int wanted) {
    struct cffmpeg_reader *reader = opaque;
    int64_t count = reader->size - reader->position;
    if (count > wanted) count = wanted;
    if (count > reader->bytes_left) count = reader->bytes_left;
    if (count <= 0) return AVERROR_EOF;
    memcpy(target, reader->bytes + reader->position, (size_t)count);
    reader->position += count;
    reader->bytes_left -= count;
    return (int)count;
}

static int64_t seek(void *opaque, int64_t offset, int whence) {
    struct cffmpeg_reader *reader = opaque;
    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return reader->size;
    case SEEK_SET: break;
    case SEEK_CUR: offset += reader->position; break;
    case SEEK_END: offset += reader->size; break;
    default: return AVERROR(EINVAL);
    }
    if (offset < 0 || offset > reader->size) return AVERROR(EINVAL);
    reader->position = offset;
    return offset;
}

// A file that refers to another (a track's data elsewhere, a playlist) gets nothing.
static int refuse(AVFormatContext *format, AVIOContext **io, const char *address, int flags, AVDictionary **options) {
    (void)format, (void)io, (void)address, (void)flags, (void)options;
    return AVERROR(EPERM);
}

int cffmpeg_attach_input(struct cffmpeg_reader *reader) {
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    if (buffer == NULL) return AVERROR(ENOMEM);
    reader->io = avio_alloc_context(buffer, BUFFER_BYTES, 0, reader, read_bytes, NULL, seek);
    if (reader->io == NULL) {
        av_free(buffer);
        return AVERROR(ENOMEM);
    }
    reader->format->pb = reader->io;
    reader->format->io_open = refuse;
    reader->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    return 0;
}

void cffmpeg_release_input(AVIOContext **io) {
    if (*io == NULL) return;
    av_freep(&(*io)->buffer);
    avio_context_free(io);
}

void cffmpeg_detach_input(struct cffmpeg_reader *reader) { cffmpeg_release_input(&reader->io); }
