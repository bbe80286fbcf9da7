#ifndef AGROVET_CFFMPEG_READER_H
#define AGROVET_CFFMPEG_READER_H
#include "cffmpeg.h"
#include "libraries.h"

// Whether the decoder was told that nothing follows, and whether that is so.
enum draining { not_draining = 0, draining_keyframe, draining_last };

struct cffmpeg_reader {
    const uint8_t *bytes;
    int64_t size, position;
    int64_t bytes_left, packets_left;
    struct cffmpeg_limits limits;
    const AVInputFormat *demuxer;
    int analyses;
    int is_crowded; // more tracks than it may have
    int is_unsearchable;
    AVFormatContext *format;
    AVIOContext *io;
    AVStream *stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame, *kept;
    enum draining draining;
    int has_begun; // a keyframe has been decoded since the decoder was last emptied
    struct clock *clocks; // one a track
    int64_t clock_offset; // the newest of theirs, in microseconds
    int64_t cut_away; // the last time that an edit list cuts away, of what was sent since then
};

// Whether a time can be reckoned with, whatever a file says: within eight years of 0, so that no sum of a few overflows.
static inline int reader_is_sane_time(int64_t time, AVRational unit) {
    return time != AV_NOPTS_VALUE && av_compare_ts(time < 0 ? -(time + 1) : time, unit, 1 << 28, (AVRational){1, 1}) < 0;
}

// Empties the decoder: what follows is decoded anew.
void reader_flush(struct cffmpeg_reader *reader);
// Sends a packet to the reader's decoder.
int reader_send(struct cffmpeg_reader *reader, const AVPacket *packet);
// Whether a frame of the reader's decoder is one to show: no edit list cuts it away, and it has all that it refers to, as far as that goes
// by keyframes.
int reader_shows(struct cffmpeg_reader *reader, const AVFrame *frame);

// Only these tracks are read; either may be NULL.
void reader_read_only(struct cffmpeg_reader *reader, const AVStream *one, const AVStream *other);

enum cffmpeg_status cffmpeg_fail(int error, char *message);
// Begins anew at the file's start; the decoder stays. On failure all is as before.
int cffmpeg_reopen(struct cffmpeg_reader *reader);
#endif
