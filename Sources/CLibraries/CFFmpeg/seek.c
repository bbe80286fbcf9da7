#include "reader.h"
#include <errno.h>
#include <string.h>

// A keyframe of a stream without an index is looked for this long before a time, then four times as long, and so on.
#define FIRST_STEP_SECONDS 2
// What a phone or a camera records has one every few seconds; beyond this the beginning of the file is as good.
#define LAST_STEP_SECONDS 2048

static int to_beginning(struct cffmpeg_reader *reader) { return av_seek_frame(reader->format, -1, 0, AVSEEK_FLAG_BYTE); }

// Where the last keyframe that is shown by `time` stands, in bytes, from here on; -1 where there is none. Half of what may still be read is
// left for what comes afterwards.
static int64_t last_keyframe(struct cffmpeg_reader *reader, int64_t time) {
    const AVPacket *packet = reader->packet;
    const int64_t packets_kept = reader->packets_left / 2, bytes_kept = reader->bytes_left / 2;
    int64_t place = -1;
    reader->stream->discard = AVDISCARD_DEFAULT;
    while (reader->packets_left > packets_kept && reader->bytes_left > bytes_kept && av_read_frame(reader->format, reader->packet) >= 0) {
        reader->packets_left--;
        const int is_ours = packet->stream_index == reader->stream->index;
        const int64_t decoded = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
        const int64_t shown = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
        if (is_ours && packet->flags & AV_PKT_FLAG_KEY && packet->pos >= 0 && shown != AV_NOPTS_VALUE && shown <= time) place = packet->pos;
        const int is_past = is_ours && decoded != AV_NOPTS_VALUE && decoded > time;
        av_packet_unref(reader->packet);
        if (is_past) break;
    }
    return place;
}

// What libavformat finds in a transport stream by bisection is any picture: one behind the only keyframe cannot be decoded, or comes out
// without what it refers to. So the packets are looked through, from before the time on.
static int seek_stream(struct cffmpeg_reader *reader, int64_t time) {
    const AVRational unit = reader->stream->time_base;
    const int64_t start = reader->stream->start_time;
    if (!reader_is_sane_time(start, unit) || time <= start) return to_beginning(reader);
    // Times are rounded to milliseconds on their way.
    time += av_rescale_q(1, (AVRational){1, 1000}, unit);
    for (int64_t seconds = FIRST_STEP_SECONDS; seconds <= LAST_STEP_SECONDS; seconds *= 4) {
        const int64_t from = time - av_rescale_q(seconds, (AVRational){1, 1}, unit);
        if (from <= start || av_seek_frame(reader->format, reader->stream->index, from, AVSEEK_FLAG_BACKWARD) < 0) break;
        const int64_t place = last_keyframe(reader, time);
        if (place >= 0) return av_seek_frame(reader->format, -1, place, AVSEEK_FLAG_BYTE);
    }
    int error = to_beginning(reader);
    const int64_t place = error < 0 ? -1 : last_keyframe(reader, time);
    return place > 0 ? av_seek_frame(reader->format, -1, place, AVSEEK_FLAG_BYTE) : to_beginning(reader);
}

static int seek_index(struct cffmpeg_reader *reader, int64_t time) {
    if (reader->is_unsearchable) return AVERROR(ENOSYS);
    const int64_t bytes_left = reader->bytes_left;
    int error = av_seek_frame(reader->format, reader->stream->index, time, AVSEEK_FLAG_BACKWARD);
    // Before the first keyframe that the index knows: that one will do.
    if (error < 0) error = av_seek_frame(reader->format, reader->stream->index, time, 0);
    if (error >= 0) return error;
    // It may have been read to its end in search of an index. That is done once, and leaves enough to decode what there is.
    reader->bytes_left = bytes_left;
    reader->is_unsearchable = 1;
    return error;
}

enum cffmpeg_status cffmpeg_seek(struct cffmpeg_reader *reader, int64_t milliseconds) {
    int64_t time = av_rescale_q(milliseconds, (AVRational){1, 1000}, reader->stream->time_base);
    if (!reader_is_sane_time(time, reader->stream->time_base)) return cffmpeg_corrupt;
    if (reader_is_sane_time(reader->stream->start_time, reader->stream->time_base)) time += reader->stream->start_time;
    const int is_stream = strcmp(reader->format->iformat->name, "mpegts") == 0;
    const int error = is_stream ? seek_stream(reader, time) : seek_index(reader, time);
    reader_flush(reader);
    if (error >= 0) return cffmpeg_ok;
    // A search that failed leaves a demuxer where nothing more comes of it, wherever it is told to go on.
    if (cffmpeg_reopen(reader) < 0) return cffmpeg_corrupt;
    reader_read_only(reader, reader->stream, NULL);
    return milliseconds > 0 ? cffmpeg_corrupt : cffmpeg_ok;
}
