#include "picture.h"
#include "cube.h"
#include "keyframe.h"
#include <string.h>

// Seconds between two keyframes at most: what a seek decodes for nothing, and how fine segments can be cut.
#define KEYFRAME_SECONDS 2

static int open_decoder(struct picture *picture, struct cffmpeg_reader *reader) {
    enum cffmpeg_status status = cffmpeg_start(reader, 0, (char[CFFMPEG_MESSAGE]){0});
    if (status != cffmpeg_ok) return status == cffmpeg_no_memory ? AVERROR(ENOMEM) : AVERROR_DECODER_NOT_FOUND;
    picture->decoder = reader->decoder;
    return 0;
}

static int open_encoder(struct picture *picture) {
    const struct cffmpeg_web_options *options = picture->options;
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    if (codec == NULL) return AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *encoder = picture->encoder = avcodec_alloc_context3(codec);
    if (encoder == NULL) return AVERROR(ENOMEM);
    encoder->width = (int)options->width;
    encoder->height = (int)options->height;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->sample_aspect_ratio = (AVRational){1, 1};
    encoder->time_base = picture->in->time_base;
    encoder->color_range = AVCOL_RANGE_MPEG;
    encoder->color_primaries = options->primaries;
    encoder->color_trc = options->transfer;
    encoder->colorspace = options->coefficients;
    encoder->thread_count = options->threads;
    encoder->rc_max_rate = options->video_bit_rate;
    encoder->rc_buffer_size = (int)(options->video_bit_rate * 2);
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    AVRational rate = picture->in->avg_frame_rate;
    double frames = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 30;
    if (frames > options->frame_rate) frames = options->frame_rate;
    double length = 1 / frames / av_q2d(picture->in->time_base) + 0.5;
    picture->length = length < INT64_C(1) << 59 ? (int64_t)length : INT64_C(1) << 59;
    // What level it says it is, and how bits are shared out, is reckoned from this; a track's unit of time is no rate.
    encoder->framerate = av_d2q(frames, 1 << 16);
    if (encoder->framerate.num <= 0 || encoder->framerate.den <= 0) encoder->framerate = (AVRational){1, 1};
    encoder->gop_size = frames < 1 ? 1 : (int)(frames * KEYFRAME_SECONDS + 0.5);
    av_opt_set(encoder->priv_data, "preset", options->preset, 0);
    av_opt_set(encoder->priv_data, "profile", "high", 0);
    av_opt_set_double(encoder->priv_data, "crf", options->quality, 0);
    return avcodec_open2(encoder, codec, NULL);
}

int picture_open(struct picture *picture, struct cffmpeg_reader *reader, struct output *output, const struct cffmpeg_web_options *options) {
    memset(picture, 0, sizeof *picture);
    picture->reader = reader;
    picture->in = reader->stream;
    picture->options = options;
    picture->last = AV_NOPTS_VALUE;
    picture->packet = av_packet_alloc();
    if (picture->packet == NULL) return AVERROR(ENOMEM);
    if (options->copies_video) {
        picture->out = output_copy(output, picture->in);
        return picture->out == NULL ? AVERROR(ENOMEM) : output_turn_as(picture->out, picture->in);
    }
    picture->decoded = av_frame_alloc();
    picture->scaled = av_frame_alloc();
    if (picture->decoded == NULL || picture->scaled == NULL) return AVERROR(ENOMEM);
    int error = open_decoder(picture, reader);
    if (error >= 0) error = open_encoder(picture);
    if (error < 0) return error;
    picture->gap = (int64_t)(1 / options->frame_rate / av_q2d(picture->in->time_base));
    picture->due = INT64_MIN / 2;
    if (options->cube != NULL) {
        size_t pixels = (size_t)options->width * options->height;
        picture->wide = av_malloc(pixels * 6 + 64);
        picture->mapped = av_malloc(pixels * 3 + 64);
        if (picture->wide == NULL || picture->mapped == NULL) return AVERROR(ENOMEM);
    }
    picture->out = avformat_new_stream(output->format, NULL);
    if (picture->out == NULL) return AVERROR(ENOMEM);
    picture->out->time_base = picture->encoder->time_base;
    error = avcodec_parameters_from_context(picture->out->codecpar, picture->encoder);
    return error < 0 ? error : output_turn_as(picture->out, picture->in);
}

void picture_close(struct picture *picture) {
    avcodec_free_context(&picture->encoder);
    sws_freeContext(picture->scaler);
    sws_freeContext(picture->flattener);
    av_frame_free(&picture->decoded);
    av_frame_free(&picture->scaled);
    av_packet_free(&picture->packet);
    av_free(picture->wide);
    av_free(picture->mapped);
    picture->scaler = picture->flattener = NULL;
    picture->wide = picture->mapped = NULL;
}

static int write_packet(struct picture *picture, struct output *output, AVRational unit) {
    const int64_t end = picture->packet->pts + picture->packet->duration;
    if (picture->packet->pts != AV_NOPTS_VALUE) {
        const int64_t time = av_rescale_q(end, unit, AV_TIME_BASE_Q);
        if (picture->frames == 0 || time > picture->end) picture->end = time;
    }
    picture->frames++;
    return output_write(output, picture->out, picture->packet, unit);
}

static int drain_encoder(struct picture *picture, struct output *output) {
    while (1) {
        int error = avcodec_receive_packet(picture->encoder, picture->packet);
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return 0;
        if (picture->packet->duration <= 0) picture->packet->duration = picture->length;
        if (error >= 0) error = write_packet(picture, output, picture->encoder->time_base);
        if (error < 0) return error;
    }
}

static int scaling_of(const AVFrame *frame, uint32_t width) {
    return ((int)width * 2 <= frame->width ? SWS_AREA : SWS_BICUBIC) | SWS_ACCURATE_RND;
}

static const int *table_of(int coefficients) {
    switch (coefficients) {
    case 1: return sws_getCoefficients(SWS_CS_ITU709);
    case 9:
    case 10: return sws_getCoefficients(SWS_CS_BT2020);
    case 7: return sws_getCoefficients(SWS_CS_SMPTE240M);
    default: return sws_getCoefficients(SWS_CS_ITU601);
    }
}

// The frame in the encoder's size and format, in `scaled`.
static int scale(struct picture *picture) {
    const struct cffmpeg_web_options *options = picture->options;
    AVFrame *frame = picture->decoded, *scaled = picture->scaled;
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    if (format == NULL || sws_isSupportedInput(frame->format) <= 0) return AVERROR(EINVAL);
    scaled->format = AV_PIX_FMT_YUV420P;
    scaled->width = (int)options->width;
    scaled->height = (int)options->height;
    int error = av_frame_get_buffer(scaled, 0);
    if (error < 0) return error;
    const int is_rgb = (format->flags & AV_PIX_FMT_FLAG_RGB) != 0;
    const int is_full = is_rgb || frame->color_range == AVCOL_RANGE_JPEG || strncmp(format->name, "yuvj", 4) == 0;
    const int is_mapped = options->cube != NULL && !is_rgb;
    picture->scaler = sws_getCachedContext(picture->scaler, frame->width, frame->height, frame->format, scaled->width, scaled->height,
                                           is_mapped ? AV_PIX_FMT_RGB48 : AV_PIX_FMT_YUV420P, scaling_of(frame, options->width), NULL, NULL, NULL);
    if (picture->scaler == NULL) return AVERROR(EINVAL);
    const int *source = table_of(options->source_coefficients), *target = is_rgb ? table_of(options->coefficients) : source;
    (void)sws_setColorspaceDetails(picture->scaler, source, is_full, target, is_mapped, 0, 1 << 16, 1 << 16);
    if (!is_mapped) {
        sws_scale(picture->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, scaled->data, scaled->linesize);
        return 0;
    }
    uint8_t *wide[4] = {picture->wide}, *mapped[4] = {picture->mapped};
    const int wide_strides[4] = {scaled->width * 6}, strides[4] = {scaled->width * 3};
    sws_scale(picture->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, wide, wide_strides);
    cube_map(options->cube, options->cube_side, (const uint16_t *)picture->wide, picture->mapped, (size_t)scaled->width * (size_t)scaled->height);
    picture->flattener = sws_getCachedContext(picture->flattener, scaled->width, scaled->height, AV_PIX_FMT_RGB24, scaled->width, scaled->height,
                                              AV_PIX_FMT_YUV420P, SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (picture->flattener == NULL) return AVERROR(EINVAL);
    (void)sws_setColorspaceDetails(picture->flattener, target, 1, table_of(options->coefficients), 0, 0, 1 << 16, 1 << 16);
    sws_scale(picture->flattener, (const uint8_t *const *)mapped, strides, 0, scaled->height, scaled->data, scaled->linesize);
    return 0;
}

// Whether a frame is wanted: times rise, and no more frames a second than allowed.
static int is_due(struct picture *picture, int64_t time) {
    if (picture->last != AV_NOPTS_VALUE && time <= picture->last) return 0;
    // A little early is on time: times are rounded.
    if (time < picture->due - picture->gap / 8) return 0;
    picture->due = (picture->due > time - picture->gap ? picture->due : time) + picture->gap;
    picture->last = time;
    return 1;
}

static int encode(struct picture *picture, struct output *output) {
    int64_t time = picture->decoded->best_effort_timestamp;
    // Without a time of its own it follows the one before, however coarse the track's unit is.
    if (time == AV_NOPTS_VALUE) time = picture->last == AV_NOPTS_VALUE ? output_zero(output, picture->in->time_base) : picture->last + (picture->length > 0 ? picture->length : 1);
    if (!reader_is_sane_time(time, picture->in->time_base)) return 0;
    if (picture->last == AV_NOPTS_VALUE) output_begin(output, time, picture->in->time_base);
    if (!is_due(picture, time)) return 0;
    int error = scale(picture);
    const int is_shown = error != AVERROR(EINVAL);
    if (error >= 0) {
        picture->scaled->pts = time;
        error = avcodec_send_frame(picture->encoder, picture->scaled);
    }
    av_frame_unref(picture->scaled);
    if (!is_shown) return 0;
    return error < 0 ? error : drain_encoder(picture, output);
}

static int decode(struct picture *picture, struct output *output, const AVPacket *packet) {
    int error = reader_send(picture->reader, packet);
    // A packet that the decoder cannot bear is left out.
    if (error == AVERROR(ENOMEM)) return error;
    while (1) {
        error = avcodec_receive_frame(picture->decoder, picture->decoded);
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) break;
        if (error == AVERROR(ENOMEM)) return error;
        if (error < 0) break;
        const int is_shown = picture->decoded->width > 0 && picture->decoded->height > 0;
        if (is_shown && reader_shows(picture->reader, picture->decoded)) error = encode(picture, output);
        av_frame_unref(picture->decoded);
        if (error < 0) return error;
    }
    return 0;
}

// Whether players can go on at this packet as at the source's.
static int is_fit(const struct picture *picture, const AVPacket *packet) {
    if (picture->options->is_segmented && packet->flags & AV_PKT_FLAG_DISCARD) return 0;
    return !(packet->flags & AV_PKT_FLAG_KEY) || keyframe_is_idr(picture->in->codecpar, packet);
}

static int copy(struct picture *picture, struct output *output, const AVPacket *packet) {
    if (packet == NULL) return 0;
    // What stands before the first keyframe cannot be shown.
    if (picture->last == AV_NOPTS_VALUE && !(packet->flags & AV_PKT_FLAG_KEY)) return 0;
    if (!reader_is_sane_time(packet->dts, picture->in->time_base) || !reader_is_sane_time(packet->pts, picture->in->time_base))
        return AVERROR_INVALIDDATA;
    if (!is_fit(picture, packet)) {
        output->is_unfit = 1;
        return AVERROR_INVALIDDATA;
    }
    if (picture->last == AV_NOPTS_VALUE) output_begin(output, packet->pts, picture->in->time_base);
    picture->last = packet->pts;
    int error = av_packet_ref(picture->packet, packet);
    return error < 0 ? error : write_packet(picture, output, picture->in->time_base);
}

int picture_take(struct picture *picture, struct output *output, const AVPacket *packet) {
    if (picture->options->copies_video) return copy(picture, output, packet);
    int error = decode(picture, output, packet);
    if (error < 0 || packet != NULL) return error;
    error = avcodec_send_frame(picture->encoder, NULL);
    return error < 0 ? error : drain_encoder(picture, output);
}
