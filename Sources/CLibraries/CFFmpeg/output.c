#include "output.h"
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES (64 * 1024)
// Between two signs of life.
#define ALIVE_MILLISECONDS 1000

#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t *written_bytes;
#else
typedef uint8_t *written_bytes;
#endif

static int write_bytes(void *opaque, written_bytes bytes, int count) {
    struct output *output = opaque;
    if (output->position + count > output->most) {
        output->is_full = 1;
        return AVERROR(ENOSPC);
    }
    for (int done = 0; done < count;) {
        ssize_t written = pwrite(output->descriptor, bytes + done, (size_t)(count - done), output->position + done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return written < 0 ? AVERROR(errno) : AVERROR(EIO);
        done += (int)written;
    }
    output->position += count;
    int error = output_tell(output);
    return error < 0 ? error : count;
}

int output_tell(struct output *output) {
    if (output->alive == NULL) return 0;
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
    int64_t time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (output->told == 0) output->told = time;
    if (time < output->told + ALIVE_MILLISECONDS) return 0;
    output->told = time;
    return output->alive(output->context) == 0 ? 0 : AVERROR_EXIT;
}

static int read_back(void *opaque, uint8_t *bytes, int count) {
    struct output *output = opaque;
    ssize_t got;
    do got = pread(output->descriptor, bytes, (size_t)count, output->position);
    while (got < 0 && errno == EINTR);
    if (got == 0) return AVERROR_EOF;
    if (got < 0) return AVERROR(errno);
    output->position += got;
    return (int)got;
}

static int64_t seek(void *opaque, int64_t offset, int whence) {
    struct output *output = opaque;
    if (whence == SEEK_CUR) offset += output->position;
    if ((whence != SEEK_SET && whence != SEEK_CUR) || offset < 0) return AVERROR(EINVAL);
    return output->position = offset;
}

// The muxer reads what it has written, to move the index before it.
static int open_again(AVFormatContext *format, AVIOContext **io, const char *address, int flags, AVDictionary **options) {
    (void)address, (void)options;
    const struct output *output = format->opaque;
    if (flags != AVIO_FLAG_READ) return AVERROR(EPERM);
    struct output *again = av_mallocz(sizeof *again);
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    if (again != NULL) again->descriptor = output->descriptor;
    *io = again != NULL && buffer != NULL ? avio_alloc_context(buffer, BUFFER_BYTES, 0, again, read_back, NULL, seek) : NULL;
    if (*io != NULL) return 0;
    av_free(again);
    av_free(buffer);
    return AVERROR(ENOMEM);
}

static int close_again(AVFormatContext *format, AVIOContext *io) {
    (void)format;
    av_free(io->opaque);
    av_freep(&io->buffer);
    avio_context_free(&io);
    return 0;
}

int output_open(struct output *output, int descriptor, int64_t most) {
    memset(output, 0, sizeof *output);
    output->descriptor = descriptor;
    output->most = most;
    output->zero = AV_NOPTS_VALUE;
    int error = avformat_alloc_output_context2(&output->format, NULL, "mp4", NULL);
    if (error < 0) return error;
    output->format->url = av_strdup("");
    if (output->format->url == NULL) return AVERROR(ENOMEM);
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    if (buffer == NULL) return AVERROR(ENOMEM);
    output->io = avio_alloc_context(buffer, BUFFER_BYTES, 1, output, NULL, write_bytes, seek);
    if (output->io == NULL) {
        av_free(buffer);
        return AVERROR(ENOMEM);
    }
    output->format->pb = output->io;
    output->format->opaque = output;
    output->format->io_open = open_again;
    output->format->io_close2 = close_again;
    // The same bytes each time, and no word of what wrote them.
    output->format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    return 0;
}

void output_close(struct output *output) {
    if (output->format != NULL) avformat_free_context(output->format);
    output->format = NULL;
    if (output->io == NULL) return;
    av_freep(&output->io->buffer);
    avio_context_free(&output->io);
}

void output_begin(struct output *output, int64_t time, AVRational unit) {
    if (!output->follows_picture) return;
    int64_t micros = av_rescale_q(time, unit, AV_TIME_BASE_Q);
    // What an edit list leaves out comes before the track's start, and stays before it.
    if (output->zero == AV_NOPTS_VALUE || micros > output->zero) output->zero = micros;
}

int64_t output_zero(const struct output *output, AVRational unit) {
    return output->zero == AV_NOPTS_VALUE ? 0 : av_rescale_q(output->zero, AV_TIME_BASE_Q, unit);
}

int output_write(struct output *output, const AVStream *stream, AVPacket *packet, AVRational unit) {
    av_packet_rescale_ts(packet, unit, stream->time_base);
    const int64_t zero = output_zero(output, stream->time_base);
    if (packet->pts != AV_NOPTS_VALUE) packet->pts -= zero;
    if (packet->dts != AV_NOPTS_VALUE) packet->dts -= zero;
    packet->stream_index = stream->index;
    packet->pos = -1;
    return av_interleaved_write_frame(output->format, packet);
}

int output_start(struct output *output, const char *flags, int has_edits) {
    AVDictionary *options = NULL;
    int error = av_dict_set(&options, "movflags", flags, 0);
    if (!has_edits) {
        if (error >= 0) error = av_dict_set(&options, "use_editlist", "0", 0);
        // Or each track would begin at 0.
        output->format->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
    }
    if (error >= 0) error = avformat_write_header(output->format, &options);
    av_dict_free(&options);
    return error;
}

enum cffmpeg_status output_status(const struct output *output, int error, char *message) {
    if (output->is_full || error == AVERROR(EFBIG)) return cffmpeg_full;
    if (error == AVERROR(ENOSPC) || error == AVERROR(EDQUOT)) return cffmpeg_no_space;
    if (output->is_unfit) return cffmpeg_encode;
    if (error == AVERROR_EXIT) return cffmpeg_end;
    if (error == AVERROR(ERANGE)) return cffmpeg_too_long;
    if (error == AVERROR_ENCODER_NOT_FOUND || error == AVERROR_DECODER_NOT_FOUND) return cffmpeg_unsupported;
    return error < 0 ? cffmpeg_fail(error, message) : cffmpeg_ok;
}

AVStream *output_copy(struct output *output, const AVStream *source) {
    AVStream *stream = avformat_new_stream(output->format, NULL);
    if (stream == NULL || avcodec_parameters_copy(stream->codecpar, source->codecpar) < 0) return NULL;
    // The tag is the source container's.
    stream->codecpar->codec_tag = 0;
    stream->time_base = source->time_base;
    return stream;
}

int output_turn_as(AVStream *stream, AVStream *source) {
    size_t size = 0;
    const uint8_t *matrix = av_stream_get_side_data(source, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (matrix == NULL) return 0;
    uint8_t *copy = av_memdup(matrix, size);
    if (copy == NULL) return AVERROR(ENOMEM);
    int error = av_stream_add_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, copy, size);
    if (error < 0) av_free(copy);
    return error;
}
