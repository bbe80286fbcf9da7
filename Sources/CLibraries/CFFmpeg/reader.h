#ifndef AGROVET_CFFMPEG_READER_H
#define AGROVET_CFFMPEG_READER_H
#include "cffmpeg.h"
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

// Whether the decoder was told that nothing follows, and whether that is so.
enum draining { not_draining = 0, draining_keyframe, draining_last };

struct cffmpeg_reader {
    const uint8_t *bytes;
    int64_t size, position;
    int64_t bytes_left, packets_left;
    struct cffmpeg_limits limits;
    AVFormatContext *format;
    AVIOContext *io;
    AVStream *stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame, *kept;
    enum draining draining;
};

enum cffmpeg_status cffmpeg_fail(int error, char *message);
#endif
