#include "clock.h"

// So many times longer or shorter than reckoned is a length not believed.
#define DOUBTFUL 3

static int64_t time_of(const struct cffmpeg_reader *reader) {
    const AVPacket *packet = reader->packet;
    const int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    return reader_is_sane_time(time, reader->stream->time_base) ? time : AV_NOPTS_VALUE;
}

// What the first and the last time of a broadcast's recording tell of its length is no use where its clock jumps between them: the part of
// it that was read tells otherwise.
static void doubt(const struct cffmpeg_reader *reader, struct cffmpeg_info *info, double seconds) {
    const int64_t place = avio_tell(reader->format->pb);
    if (!(reader->format->iformat->flags & AVFMT_TS_DISCONT) || place <= 0 || info->duration_ms <= 0) return;
    const double expected = seconds * 1000 * (double)reader->size / (double)place, told = (double)info->duration_ms;
    if (told < expected * DOUBTFUL && expected < told * DOUBTFUL) return;
    info->duration_ms = -1;
    info->bit_rate = 0;
}

void cffmpeg_measure(struct cffmpeg_reader *reader, struct cffmpeg_info *info) {
    reader_read_only(reader, reader->stream, NULL);
    int64_t first = INT64_MAX, last = INT64_MIN, count = 0;
    while (reader->packets_left > 0 && reader_read(reader) >= 0) {
        const int64_t time = reader->packet->stream_index == reader->stream->index ? time_of(reader) : AV_NOPTS_VALUE;
        av_packet_unref(reader->packet);
        reader->packets_left--;
        if (time == AV_NOPTS_VALUE) continue;
        count++;
        if (time < first) first = time;
        if (time > last) last = time;
    }
    if (count < 2 || last <= first) return;
    const double seconds = (double)(last - first) * av_q2d(reader->stream->time_base), length = seconds / (double)(count - 1);
    if (reader->packets_left <= 0 || reader->bytes_left <= 0) {
        doubt(reader, info, seconds + length);
        return;
    }
    info->frame_rate = 1 / length;
    info->duration_ms = (int64_t)((seconds + length) * 1000 + 0.5);
    info->bit_rate = (int64_t)((double)reader->size * 8 / (seconds + length));
}
