#ifndef AGROVET_CFFMPEG_OUTPUT_H
#define AGROVET_CFFMPEG_OUTPUT_H
#include "reader.h"

// A muxer that writes to a descriptor.
struct output {
    AVFormatContext *format;
    AVIOContext *io;
    int descriptor;
    int64_t position, most;
    int is_full;
    int is_unfit; // the picture cannot be taken over as it is
    // What time of the source becomes 0, in microseconds; AV_NOPTS_VALUE as long as nothing tells. One for all tracks, which stay together.
    int64_t zero;
    int follows_picture; // there is no other track: time begins with the first frame that is written
    // Called about once a second while packets are read or bytes written, so that silence means that nothing moves; anything but 0 stops.
    int (*alive)(void *context);
    void *context;
    int64_t told;        // milliseconds of the machine's clock
};

int output_open(struct output *output, int descriptor, int64_t most);
void output_close(struct output *output);
// Writes the header. `flags`: the muxer's movflags. Without edit lists, times are written as they are, and must not be less than 0.
int output_start(struct output *output, const char *flags, int has_edits);
// What an error of writing means.
enum cffmpeg_status output_status(const struct output *output, int error, char *message);
// AVERROR_EXIT where it is to stop.
int output_tell(struct output *output);
// The first frame that is written is shown at this time of the source.
void output_begin(struct output *output, int64_t time, AVRational unit);
// The source's time that becomes 0, or 0 where nothing tells.
int64_t output_zero(const struct output *output, AVRational unit);
// Takes a packet with the source's times.
int output_write(struct output *output, const AVStream *stream, AVPacket *packet, AVRational unit);
// A stream with the source's codec as it is.
AVStream *output_copy(struct output *output, const AVStream *source);
// The rotation that the source is shown with.
int output_turn_as(AVStream *stream, AVStream *source);
#endif
