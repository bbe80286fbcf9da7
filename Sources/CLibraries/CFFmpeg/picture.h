#ifndef AGROVET_CFFMPEG_PICTURE_H
#define AGROVET_CFFMPEG_PICTURE_H
#include "output.h"

// The picture's track of a rendition for the web, decoded, brought to its size and encoded.
struct picture {
    struct cffmpeg_reader *reader;
    AVStream *in, *out;
    AVCodecContext *decoder, *encoder;
    struct SwsContext *scaler, *flattener;
    AVFrame *decoded, *scaled;
    AVPacket *packet;
    uint8_t *wide, *mapped;   // RGB of 16 and of 8 bits, where there is a cube
    int64_t last, due, gap;   // times of the track: of the last frame, of the next that is wanted, between two at least
    int64_t length;           // a frame's usual time
    int64_t frames, end;      // written; when the last one ends, in microseconds of the source
    const struct cffmpeg_web_options *options;
};

int picture_open(struct picture *picture, struct cffmpeg_reader *reader, struct output *output, const struct cffmpeg_web_options *options);
// NULL: nothing follows.
int picture_take(struct picture *picture, struct output *output, const AVPacket *packet);
void picture_close(struct picture *picture);
#endif
