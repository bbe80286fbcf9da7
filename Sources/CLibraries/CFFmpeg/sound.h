#ifndef AGROVET_CFFMPEG_SOUND_H
#define AGROVET_CFFMPEG_SOUND_H
#include "output.h"

// The sound's track of a rendition for the web; `in` is NULL where there is none.
struct sound {
    AVStream *in, *out;
    AVCodecContext *decoder, *encoder;
    SwrContext *converter;
    AVAudioFifo *waiting;     // converted, less than a frame of the encoder
    AVFrame *decoded, *frame;
    AVPacket *packet;
    int64_t next;             // samples: time of the first that waits
    int copies;
    int64_t taken, written;   // packets
    // What the converter was made for.
    int format, rate;
    AVChannelLayout layout;
};

// The track that goes with the picture; NULL where there is none that can be decoded.
AVStream *sound_choose(const struct cffmpeg_reader *reader);
int sound_open(struct sound *sound, struct cffmpeg_reader *reader, struct output *output, const struct cffmpeg_web_options *options);
// NULL: nothing follows.
int sound_take(struct sound *sound, struct output *output, const AVPacket *packet);
// Whether there is sound that could not be carried over; to be asked at the end.
int sound_is_lost(const struct sound *sound, const struct cffmpeg_reader *reader);
void sound_close(struct sound *sound);
#endif
