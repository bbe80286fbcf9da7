#ifndef AGROVET_CFFMPEG_CLOCK_H
#define AGROVET_CFFMPEG_CLOCK_H
#include "reader.h"

// A track's clock, in its own unit.
struct clock {
    int is_running, has_jumped;
    int64_t offset;     // what is added to the track's times
    int64_t last, next; // the last packet's time, and its end
};

// av_read_frame into the reader's packet, from the beginning on; times go on where those of a transport stream jump.
int reader_read(struct cffmpeg_reader *reader);
#endif
