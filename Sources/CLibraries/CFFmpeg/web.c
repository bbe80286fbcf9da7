#include "clock.h"
#include "picture.h"
#include "sound.h"
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
        error = reader_read(reader);
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
        reader_read_only(reader, picture.in, sound.in);
        set_clock(&output, reader, picture.in, sound.in);
        // The packet that a killed recorder was at is not whole. In a broadcast the mark says only that something is missing before it.
        if (!is_broadcast(reader)) reader->format->flags |= AVFMT_FLAG_DISCARD_CORRUPT;
        output.alive = tell;
        output.context = &teller;
        error = output_start(&output, "faststart", 1);
    }
    if (error >= 0) error = run(reader, &output, &picture, &sound, &teller);
    if (error >= 0) error = av_write_trailer(output.format);
    if (error >= 0 && picture.last == AV_NOPTS_VALUE) error = AVERROR_INVALIDDATA;
    enum cffmpeg_status status = output_status(&output, error, message);
    written->frames = picture.frames;
    written->milliseconds = picture.frames > 0 ? (picture.end - output_zero(&output, AV_TIME_BASE_Q)) / 1000 : 0;
    written->lacks_audio = sound_is_lost(&sound, reader);
    picture_close(&picture);
    sound_close(&sound);
    output_close(&output);
    return status;
}
