#include "picture.h"
#include "sound.h"
#include <stdio.h>
#include <string.h>

// Of the video's time, between two reports of progress.
#define REPORT_MILLISECONDS 500

void cffmpeg_describe_tracks(const struct cffmpeg_reader *reader, struct cffmpeg_tracks *tracks) {
    const AVCodecParameters *codec = reader->stream->codecpar;
    memset(tracks, 0, sizeof *tracks);
    tracks->is_h264 = codec->codec_id == AV_CODEC_ID_H264;
    tracks->profile = codec->profile;
    tracks->level = codec->level;
    tracks->is_420_of_8_bits = codec->format == AV_PIX_FMT_YUV420P || codec->format == AV_PIX_FMT_YUVJ420P;
    tracks->is_progressive = codec->field_order == AV_FIELD_PROGRESSIVE || codec->field_order == AV_FIELD_UNKNOWN;
    tracks->video_bit_rate = codec->bit_rate > 0 ? codec->bit_rate : 0;
    const AVStream *sound = sound_choose(reader);
    if (sound == NULL) return;
    tracks->has_audio = 1;
    tracks->is_aac_lc = sound->codecpar->codec_id == AV_CODEC_ID_AAC && sound->codecpar->profile == FF_PROFILE_AAC_LOW;
    tracks->channels = sound->codecpar->ch_layout.nb_channels;
    tracks->sample_rate = sound->codecpar->sample_rate;
}

static enum cffmpeg_status status_of(int error, const struct output *output, char *message) {
    if (output->is_full || error == AVERROR(EFBIG)) return cffmpeg_full;
    if (error == AVERROR(ENOSPC) || error == AVERROR(EDQUOT)) return cffmpeg_no_space;
    if (error == AVERROR_EXIT) return cffmpeg_end;
    if (error == AVERROR(ERANGE)) return cffmpeg_too_long;
    if (error == AVERROR_ENCODER_NOT_FOUND || error == AVERROR_DECODER_NOT_FOUND) return cffmpeg_unsupported;
    return error < 0 ? cffmpeg_fail(error, message) : cffmpeg_ok;
}

static int begin(struct output *output, const char *flags) {
    AVDictionary *options = NULL;
    int error = av_dict_set(&options, "movflags", flags, 0);
    if (error >= 0) error = avformat_write_header(output->format, &options);
    av_dict_free(&options);
    return error;
}

// Only these tracks are read.
static void read_only(struct cffmpeg_reader *reader, const AVStream *one, const AVStream *other) {
    for (unsigned index = 0; index < reader->format->nb_streams; index++) {
        AVStream *stream = reader->format->streams[index];
        stream->discard = stream == one || stream == other ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
}

// Who is told how far it is; not again after saying that it is to stop.
struct teller {
    const struct cffmpeg_web_options *options;
    int64_t reported; // milliseconds of the video
    int is_stopped;
};

static int tell(void *context) {
    struct teller *teller = context;
    if (!teller->is_stopped) teller->is_stopped = teller->options->progress(teller->options->context, teller->reported) != 0;
    return teller->is_stopped;
}

static int report(const struct cffmpeg_reader *reader, struct teller *teller) {
    const AVPacket *packet = reader->packet;
    const AVRational unit = reader->stream->time_base;
    if (!reader_is_sane_time(packet->pts, unit)) return 0;
    int64_t start = reader_is_sane_time(reader->stream->start_time, unit) ? reader->stream->start_time : 0;
    int64_t time = av_rescale_q(packet->pts - start, unit, (AVRational){1, 1000});
    if (time > teller->options->milliseconds) return AVERROR(ERANGE);
    if (time < teller->reported + REPORT_MILLISECONDS) return 0;
    teller->reported = time;
    return tell(teller) == 0 ? 0 : AVERROR_EXIT;
}

// Where a codec begins before its first sample, a container other than a broadcast's says less than 0; that is no other clock.
#define PRIMING_MICROSECONDS 200000

// When a track begins, in microseconds; AV_NOPTS_VALUE where nothing tells.
static int64_t start_of(const AVStream *stream) {
    if (stream == NULL || !reader_is_sane_time(stream->start_time, stream->time_base)) return AV_NOPTS_VALUE;
    return av_rescale_q(stream->start_time, stream->time_base, AV_TIME_BASE_Q);
}

static int is_broadcast(const struct cffmpeg_reader *reader) { return strcmp(reader->format->iformat->name, "mpegts") == 0; }

// A broadcast's clock stands anywhere when a recording begins; a player's begins at 0.
static void set_clock(struct output *output, const struct cffmpeg_reader *reader, const AVStream *picture, const AVStream *sound) {
    const int64_t one = start_of(picture), other = start_of(sound);
    int64_t zero = one == AV_NOPTS_VALUE || (other != AV_NOPTS_VALUE && other < one) ? other : one;
    if (zero != AV_NOPTS_VALUE && zero < 0 && zero > -PRIMING_MICROSECONDS && !is_broadcast(reader)) zero = 0;
    output->zero = zero;
    output->follows_picture = sound == NULL;
}


// Packet by packet to the end of the file, or to where it is broken.
static int run(struct cffmpeg_reader *reader, struct output *output, struct picture *picture, struct sound *sound, struct teller *teller) {
    int error = 0;
    while (error >= 0) {
        error = av_read_frame(reader->format, reader->packet);
        if (error == AVERROR(ENOMEM)) return error;
        if (error < 0) break;
        const int track = reader->packet->stream_index;
        if (track == picture->in->index) {
            error = report(reader, teller);
            if (error >= 0) error = picture_take(picture, output, reader->packet);
        } else if (sound->in != NULL && track == sound->in->index) {
            error = sound_take(sound, output, reader->packet);
        }
        if (error >= 0) error = output_tell(output);
        av_packet_unref(reader->packet);
        if (error < 0) return error;
    }
    error = picture_take(picture, output, NULL);
    if (error >= 0 && sound->in != NULL) error = sound_take(sound, output, NULL);
    return error;
}

enum cffmpeg_status cffmpeg_write_web(struct cffmpeg_reader *reader, const struct cffmpeg_web_options *options, struct cffmpeg_written *written,
                                      char *message) {
    message[0] = 0;
    memset(written, 0, sizeof *written);
    struct teller teller = {.options = options};
    struct output output;
    struct picture picture = {0};
    struct sound sound = {0};
    int error = output_open(&output, options->output, options->output_bytes);
    if (error >= 0) error = picture_open(&picture, reader, &output, options);
    if (error >= 0) error = sound_open(&sound, reader, &output, options);
    if (error >= 0) {
        read_only(reader, picture.in, sound.in);
        set_clock(&output, reader, picture.in, sound.in);
        // The packet that a killed recorder was at is not whole. In a broadcast the mark says only that something is missing before it.
        if (!is_broadcast(reader)) reader->format->flags |= AVFMT_FLAG_DISCARD_CORRUPT;
        output.alive = tell;
        output.context = &teller;
        error = begin(&output, "faststart");
    }
    if (error >= 0) error = run(reader, &output, &picture, &sound, &teller);
    if (error >= 0) error = av_write_trailer(output.format);
    if (error >= 0 && picture.last == AV_NOPTS_VALUE) error = AVERROR_INVALIDDATA;
    enum cffmpeg_status status = status_of(error, &output, message);
    written->frames = picture.frames;
    written->milliseconds = picture.frames > 0 ? (picture.end - output_zero(&output, AV_TIME_BASE_Q)) / 1000 : 0;
    written->lacks_audio = sound_is_lost(&sound, reader);
    picture_close(&picture);
    sound_close(&sound);
    output_close(&output);
    return status;
}

// MARK: - Segments

struct cutter {
    struct output output;
    AVStream *in[2], *out[2]; // picture, sound
    int64_t start, length;    // of the segment under way, in the picture's time; its length at least
    int64_t offset;
    void (*segment)(void *context, struct cffmpeg_segment segment);
    void *context;
};

// Ends the fragment under way.
static int cut(struct cutter *cutter, int64_t time) {
    int error = av_write_frame(cutter->output.format, NULL);
    if (error < 0) return error;
    avio_flush(cutter->output.format->pb);
    int64_t end = avio_tell(cutter->output.format->pb);
    int64_t duration = av_rescale_q(time - cutter->start, cutter->in[0]->time_base, AV_TIME_BASE_Q);
    cutter->segment(cutter->context, (struct cffmpeg_segment){.offset = cutter->offset, .size = end - cutter->offset, .duration = duration});
    cutter->offset = end;
    cutter->start = time;
    return 0;
}

static int cut_all(struct cffmpeg_reader *reader, struct cutter *cutter) {
    AVPacket *packet = reader->packet;
    int64_t end = 0;
    int error, is_begun = 0;
    while ((error = av_read_frame(reader->format, packet)) >= 0) {
        const int track = packet->stream_index == cutter->in[0]->index ? 0 : 1;
        if (cutter->in[track] == NULL || packet->stream_index != cutter->in[track]->index) {
            av_packet_unref(packet);
            continue;
        }
        if (track == 0) {
            const int64_t time = packet->pts;
            if (!reader_is_sane_time(time, cutter->in[0]->time_base)) error = AVERROR_INVALIDDATA;
            if (!is_begun) cutter->start = time;
            if (error >= 0 && is_begun && packet->flags & AV_PKT_FLAG_KEY && time - cutter->start >= cutter->length) error = cut(cutter, time);
            is_begun = 1;
            if (error >= 0 && time + packet->duration > end) end = time + packet->duration;
        }
        av_packet_rescale_ts(packet, cutter->in[track]->time_base, cutter->out[track]->time_base);
        packet->stream_index = cutter->out[track]->index;
        packet->pos = -1;
        if (error >= 0) error = av_write_frame(cutter->output.format, packet);
        av_packet_unref(packet);
        if (error < 0) return error;
    }
    if (error == AVERROR(ENOMEM)) return error;
    return is_begun ? cut(cutter, end) : AVERROR_INVALIDDATA;
}

static int open_cutter(struct cffmpeg_reader *reader, struct cutter *cutter) {
    cutter->in[0] = reader->stream;
    cutter->in[1] = sound_choose(reader);
    for (int track = 0; track < 2 && cutter->in[track] != NULL; track++) {
        cutter->out[track] = output_copy(&cutter->output, cutter->in[track]);
        if (cutter->out[track] == NULL) return AVERROR(ENOMEM);
    }
    int error = output_turn_as(cutter->out[0], cutter->in[0]);
    read_only(reader, cutter->in[0], cutter->in[1]);
    // The index first, and empty; each fragment says where it stands by itself.
    if (error >= 0) error = begin(&cutter->output, "frag_custom+empty_moov+default_base_moof+negative_cts_offsets+skip_trailer");
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
    cutter.length = av_rescale_q(milliseconds, (AVRational){1, 1000}, reader->stream->time_base);
    if (error >= 0) error = open_cutter(reader, &cutter);
    if (error >= 0) name_codecs(&cutter, codecs);
    if (error >= 0) error = cut_all(reader, &cutter);
    if (error >= 0) error = av_write_trailer(cutter.output.format);
    enum cffmpeg_status status = status_of(error, &cutter.output, message);
    output_close(&cutter.output);
    return status;
}
