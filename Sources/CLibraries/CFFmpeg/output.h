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
};

int output_open(struct output *output, int descriptor, int64_t most);
void output_close(struct output *output);
// A stream with the source's codec as it is.
AVStream *output_copy(struct output *output, const AVStream *source);
// The rotation that the source is shown with.
int output_turn_as(AVStream *stream, AVStream *source);
#endif
