#include "clock.h"

// Recordings of a broadcast may be joined, and one may miss some of it: its clock goes on from another place then.
#define LONGEST_GAP_SECONDS 10
// Times that go back by less are the rounding of somebody's multiplexer.
#define LONGEST_STEP_BACK_SECONDS 0.1
// Tracks go over to another clock at packets that need not be of the same time.
#define LONGEST_OVERLAP_SECONDS 1

static int64_t ticks(double seconds, AVRational unit) { return (int64_t)(seconds / av_q2d(unit)); }

// The latest time that any track has come to.
static int64_t latest(const struct cffmpeg_reader *reader, AVRational unit) {
    int64_t latest = INT64_MIN;
    for (unsigned index = 0; index < reader->format->nb_streams && index < (unsigned)reader->limits.streams; index++) {
        if (!reader->clocks[index].is_running) continue;
        const int64_t time = av_rescale_q(reader->clocks[index].next, reader->format->streams[index]->time_base, unit);
        if (time > latest) latest = time;
    }
    return latest;
}

// Goes over to the clock that another track has gone over to, where that is it; otherwise to a new one.
static void go_over(struct cffmpeg_reader *reader, struct clock *clock, int64_t time, AVRational unit) {
    const int64_t other = av_rescale_q(reader->clock_offset, AV_TIME_BASE_Q, unit);
    const int64_t ahead = time + other - clock->next;
    const int is_other = other != clock->offset && ahead > -ticks(LONGEST_OVERLAP_SECONDS, unit) && ahead < ticks(LONGEST_GAP_SECONDS, unit);
    clock->offset = is_other ? other : latest(reader, unit) - time;
    reader->clock_offset = av_rescale_q(clock->offset, unit, AV_TIME_BASE_Q);
    clock->has_jumped = 1;
}

// Puts the packet's times right; 0 where what it holds has been there already.
static int keep_time(struct cffmpeg_reader *reader, AVPacket *packet) {
    if (packet->stream_index < 0 || packet->stream_index >= reader->limits.streams) return 1;
    struct clock *clock = &reader->clocks[packet->stream_index];
    const AVRational unit = reader->format->streams[packet->stream_index]->time_base;
    int64_t time = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
    if (!reader_is_sane_time(time, unit)) return 1;
    if (clock->is_running) {
        const int64_t ahead = time + clock->offset - clock->next;
        if (ahead > ticks(LONGEST_GAP_SECONDS, unit) || ahead < -ticks(LONGEST_STEP_BACK_SECONDS, unit)) go_over(reader, clock, time, unit);
    }
    if (packet->pts != AV_NOPTS_VALUE) packet->pts += clock->offset;
    if (packet->dts != AV_NOPTS_VALUE) packet->dts += clock->offset;
    time += clock->offset;
    if (clock->has_jumped && time <= clock->last) return 0;
    clock->is_running = 1;
    clock->last = time;
    const int is_length = packet->duration > 0 && packet->duration < ticks(LONGEST_GAP_SECONDS, unit);
    clock->next = time + (is_length ? packet->duration : 0);
    return 1;
}

int reader_read(struct cffmpeg_reader *reader) {
    while (1) {
        const int error = av_read_frame(reader->format, reader->packet);
        if (error < 0 || !(reader->format->iformat->flags & AVFMT_TS_DISCONT)) return error;
        if (keep_time(reader, reader->packet)) return error;
        av_packet_unref(reader->packet);
    }
}
