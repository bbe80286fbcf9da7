#ifndef AGROVET_CFFMPEG_KEYFRAME_H
#define AGROVET_CFFMPEG_KEYFRAME_H
#include "libraries.h"

// Whether a packet of H.264 is one that decoding can begin at with nothing before it (ITU-T H.264 section 3.69, an IDR picture): containers
// mark others too, which pictures follow that refer to what comes before.
int keyframe_is_idr(const AVCodecParameters *codec, const AVPacket *packet);
#endif
