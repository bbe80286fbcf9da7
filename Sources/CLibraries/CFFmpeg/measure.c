#include "reader.h"

static int64_t time_of(const struct cffmpeg_reader *reader) {
    const AVPacket *packet = reader->packet;
    const int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    return reader_is_sane_time(time, reader->stream->time_base) ? time : AV_NOPTS_VALUE;
}

void cffmpeg_measure(struct cffmpeg_reader *reader, struct cffmpeg_info *info) {
    for (unsigned index = 0; index < reader->format->nb_streams; index++) {
        AVStream *stream = reader->format->streams[index];
        stream->discard = stream == reader->stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    int64_t first = INT64_MAX, last = INT64_MIN, count = 0;
    while (av_read_frame(reader->format, reader->packet) >= 0) {
        const int64_t time = reader->packet->stream_index == reader->stream->index ? time_of(reader) : AV_NOPTS_VALUE;
        av_packet_unref(reader->packet);
        if (reader->packets_left-- <= 0) return;
        if (time == AV_NOPTS_VALUE) continue;
        count++;
        if (time < first) first = time;
        if (time > last) last = time;
    }
    if (count < 2 || last <= first || reader->bytes_left <= 0) return;
    const double seconds = (double)(last - first) * av_q2d(reader->stream->time_base), length = seconds / (double)(count - 1);
    info->frame_rate = 1 / length;
    info->duration_ms = (int64_t)((seconds + length) * 1000 + 0.5);
    info->bit_rate = (int64_t)((double)reader->size * 8 / (seconds + length));
}
