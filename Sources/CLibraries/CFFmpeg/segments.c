#include "output.h"
#include "sound.h"
#include <stdio.h>

struct cutter {
    struct output output;
    AVStream *in[2], *out[2]; // picture, sound
    int64_t start, length;    // of the segment under way, and its length at least; all times in microseconds
    int64_t end;              // of what is written, in either track
    int64_t lead;             // how much later everything is written, so that nothing is decoded before 0
    int64_t offset;
    void (*segment)(void *context, struct cffmpeg_segment segment);
    void *context;
};

static int64_t micros(int64_t time, const AVStream *stream) { return av_rescale_q(time, stream->time_base, AV_TIME_BASE_Q); }

static void choose(struct cffmpeg_reader *reader, struct cutter *cutter) {
    cutter->in[0] = reader->stream;
    cutter->in[1] = sound_choose(reader);
    reader_read_only(reader, cutter->in[0], cutter->in[1]);
}

// The next packet that goes along, and its track.
static int read_next(struct cffmpeg_reader *reader, struct cutter *cutter, int *track) {
    const AVPacket *packet = reader->packet;
    while (1) {
        const int error = av_read_frame(reader->format, reader->packet);
        if (error < 0) return error;
        *track = packet->stream_index == cutter->in[0]->index ? 0 : 1;
        const AVStream *stream = cutter->in[*track];
        const int is_ours = stream != NULL && packet->stream_index == stream->index;
        const int is_sane = is_ours && reader_is_sane_time(packet->pts, stream->time_base) && reader_is_sane_time(packet->dts, stream->time_base);
        // Of the sound that the web video's edit list cuts away, a decoder needs the last packet before the beginning.
        const int is_needed = is_sane && (*track == 0 || packet->pts + 2 * packet->duration > 0);
        if (is_ours && !is_sane) {
            av_packet_unref(reader->packet);
            return AVERROR_INVALIDDATA;
        }
        if (is_needed) return 0;
        av_packet_unref(reader->packet);
    }
}

// Edit lists are heeded by few players of fragments, and times of less than 0 cannot be told there: how much too early the first packets are.
static int find_lead(struct cffmpeg_reader *reader, struct cutter *cutter) {
    int is_seen[2] = {0, cutter->in[1] == NULL}, track, error = 0;
    while (!(is_seen[0] && is_seen[1]) && (error = read_next(reader, cutter, &track)) >= 0) {
        const int64_t early = -micros(reader->packet->dts, cutter->in[track]);
        if (!is_seen[track] && early > cutter->lead) cutter->lead = early;
        is_seen[track] = 1;
        av_packet_unref(reader->packet);
    }
    if (error < 0 && error != AVERROR_EOF) return error;
    error = cffmpeg_reopen(reader);
    if (error >= 0) choose(reader, cutter);
    return error;
}

// Ends the fragment under way.
static int cut(struct cutter *cutter, int64_t time) {
    int error = av_write_frame(cutter->output.format, NULL);
    if (error < 0) return error;
    avio_flush(cutter->output.format->pb);
    const int64_t end = avio_tell(cutter->output.format->pb);
    cutter->segment(
        cutter->context, (struct cffmpeg_segment){.offset = cutter->offset, .size = end - cutter->offset, .duration = time - cutter->start});
    cutter->offset = end;
    cutter->start = time;
    return 0;
}

static int cut_all(struct cffmpeg_reader *reader, struct cutter *cutter) {
    AVPacket *packet = reader->packet;
    int error, track, is_begun = 0;
    while ((error = read_next(reader, cutter, &track)) >= 0) {
        const AVStream *in = cutter->in[track];
        const int64_t time = micros(packet->pts, in);
        if (track == 0) {
            if (is_begun && packet->flags & AV_PKT_FLAG_KEY && time - cutter->start >= cutter->length) error = cut(cutter, time);
            is_begun = 1;
        }
        const int64_t end = time + micros(packet->duration, in);
        if (end > cutter->end) cutter->end = end;
        av_packet_rescale_ts(packet, in->time_base, cutter->out[track]->time_base);
        const int64_t lead = av_rescale_q(cutter->lead, AV_TIME_BASE_Q, cutter->out[track]->time_base);
        packet->pts += lead;
        // The lead may have been rounded down.
        packet->dts = packet->dts + lead < 0 ? 0 : packet->dts + lead;
        packet->stream_index = cutter->out[track]->index;
        packet->pos = -1;
        if (error >= 0) error = av_write_frame(cutter->output.format, packet);
        av_packet_unref(packet);
        if (error < 0) return error;
    }
    if (error != AVERROR_EOF) return error;
    return is_begun ? cut(cutter, cutter->end) : AVERROR_INVALIDDATA;
}

static int open_cutter(struct cffmpeg_reader *reader, struct cutter *cutter) {
    choose(reader, cutter);
    int error = find_lead(reader, cutter);
    if (error < 0) return error;
    for (int track = 0; track < 2 && cutter->in[track] != NULL; track++) {
        cutter->out[track] = output_copy(&cutter->output, cutter->in[track]);
        if (cutter->out[track] == NULL) return AVERROR(ENOMEM);
    }
    error = output_turn_as(cutter->out[0], cutter->in[0]);
    // The index first, and empty; each fragment says where it stands by itself, the first too.
    if (error >= 0) error = output_start(&cutter->output, "frag_custom+empty_moov+default_base_moof+frag_discont+skip_trailer", 0);
    if (error < 0) return error;
    avio_flush(cutter->output.format->pb);
    cutter->offset = avio_tell(cutter->output.format->pb);
    cutter->segment(cutter->context, (struct cffmpeg_segment){.offset = 0, .size = cutter->offset, .duration = 0});
    return 0;
}

// RFC 6381 section 3.3: profile, constraints and level as they stand in `avcC`.
static void name_codecs(const struct cutter *cutter, char codecs[CFFMPEG_NAME]) {
    const AVCodecParameters *codec = cutter->in[0]->codecpar;
    unsigned bytes[3] = {100, 0, 31};
    if (codec->extradata_size >= 4 && codec->extradata[0] == 1)
        for (int index = 0; index < 3; index++) bytes[index] = codec->extradata[1 + index];
    snprintf(codecs, CFFMPEG_NAME, "avc1.%02x%02x%02x%s", bytes[0], bytes[1], bytes[2], cutter->in[1] != NULL ? ",mp4a.40.2" : "");
}

enum cffmpeg_status cffmpeg_write_segments(struct cffmpeg_reader *reader, int output, int64_t output_bytes, int64_t milliseconds,
                                           void (*segment)(void *context, struct cffmpeg_segment segment), void *context,
                                           char codecs[CFFMPEG_NAME], char *message) {
    message[0] = 0;
    struct cutter cutter = {.segment = segment, .context = context};
    int error = output_open(&cutter.output, output, output_bytes);
    cutter.length = milliseconds * 1000;
    if (error >= 0) error = open_cutter(reader, &cutter);
    if (error >= 0) name_codecs(&cutter, codecs);
    if (error >= 0) error = cut_all(reader, &cutter);
    if (error >= 0) error = av_write_trailer(cutter.output.format);
    enum cffmpeg_status status = output_status(&cutter.output, error, message);
    output_close(&cutter.output);
    return status;
}
