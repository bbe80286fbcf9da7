#include "reader.h"
#include <string.h>

void reader_read_only(struct cffmpeg_reader *reader, const AVStream *one, const AVStream *other) {
    for (unsigned index = 0; index < reader->format->nb_streams; index++) {
        AVStream *stream = reader->format->streams[index];
        stream->discard = stream == one || stream == other ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
}

enum cffmpeg_status cffmpeg_start(struct cffmpeg_reader *reader, int halvings, char *message) {
    message[0] = 0;
    const AVCodec *codec = avcodec_find_decoder(reader->stream->codecpar->codec_id);
    if (codec == NULL) return cffmpeg_unsupported;
    reader->decoder = avcodec_alloc_context3(codec);
    if (reader->decoder == NULL) return cffmpeg_no_memory;
    int error = avcodec_parameters_to_context(reader->decoder, reader->stream->codecpar);
    if (error < 0) return cffmpeg_fail(error, message);
    reader->decoder->codec_whitelist = av_strdup(reader->format->codec_whitelist);
    reader->decoder->pkt_timebase = reader->stream->time_base;
    reader->decoder->thread_count = 1;
    reader->decoder->max_pixels = reader->limits.pixels;
    reader->decoder->lowres = halvings < codec->max_lowres ? halvings : codec->max_lowres;
    error = avcodec_open2(reader->decoder, codec, NULL);
    if (error == AVERROR(EINVAL)) return cffmpeg_unsupported; // not on the list
    if (error < 0) return cffmpeg_fail(error, message);
    reader->cut_away = AV_NOPTS_VALUE;
    reader_read_only(reader, reader->stream, NULL);
    return cffmpeg_ok;
}

void reader_flush(struct cffmpeg_reader *reader) {
    avcodec_flush_buffers(reader->decoder);
    reader->draining = not_draining;
    reader->has_begun = 0;
    reader->cut_away = AV_NOPTS_VALUE;
}

static int is_keyframe(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_KEY
    return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
    return frame->key_frame;
#endif
}

int reader_send(struct cffmpeg_reader *reader, const AVPacket *packet) {
    const int error = avcodec_send_packet(reader->decoder, packet);
    // Where an edit list cuts inside a group of pictures, its keyframe is decoded and not shown: it never comes out.
    if (error < 0 || packet == NULL || !(packet->flags & AV_PKT_FLAG_DISCARD)) return error;
    if (packet->flags & AV_PKT_FLAG_KEY) reader->has_begun = 1;
    if (packet->pts != AV_NOPTS_VALUE && (reader->cut_away == AV_NOPTS_VALUE || packet->pts > reader->cut_away)) reader->cut_away = packet->pts;
    return error;
}

int reader_shows(struct cffmpeg_reader *reader, const AVFrame *frame) {
    // AV1's decoder gives out all the same what is not to be shown; its frames are in order.
    const int64_t time = frame->best_effort_timestamp;
    const int is_told = time != AV_NOPTS_VALUE && reader->cut_away != AV_NOPTS_VALUE;
    if (reader->decoder->codec_id == AV_CODEC_ID_AV1 && is_told && time <= reader->cut_away) return 0;
    // H.264's decoder knows from where on its pictures are whole, also where they are refreshed bit by bit; others make up what is missing.
    if (is_keyframe(frame) || reader->decoder->codec_id == AV_CODEC_ID_H264) reader->has_begun = 1;
    return reader->has_begun;
}

// Sends the next packet of the track; a packet that the decoder cannot bear is left out.
static enum cffmpeg_status feed(struct cffmpeg_reader *reader, int keyframes_only) {
    while (reader->packets_left-- > 0) {
        int error = av_read_frame(reader->format, reader->packet);
        if (error == AVERROR(ENOMEM)) return cffmpeg_no_memory;
        if (error < 0) return cffmpeg_end;
        int is_wanted = reader->packet->stream_index == reader->stream->index && (!keyframes_only || reader->packet->flags & AV_PKT_FLAG_KEY);
        if (is_wanted) error = reader_send(reader, reader->packet);
        av_packet_unref(reader->packet);
        if (is_wanted && error == AVERROR(ENOMEM)) return cffmpeg_no_memory;
        if (is_wanted && error >= 0) return cffmpeg_ok;
    }
    return cffmpeg_end;
}

static int is_shown(const AVFrame *frame) {
    return frame->width > 0 && frame->height > 0 && frame->data[0] != NULL && frame->format != AV_PIX_FMT_NONE;
}

static int is_damaged(const AVFrame *frame) { return (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0; }

enum cffmpeg_status cffmpeg_next(struct cffmpeg_reader *reader, int keyframes_only, int takes_damaged) {
    reader->decoder->skip_frame = keyframes_only ? AVDISCARD_NONKEY : AVDISCARD_DEFAULT;
    reader->stream->discard = keyframes_only ? AVDISCARD_NONKEY : AVDISCARD_DEFAULT;
    while (1) {
        av_frame_unref(reader->frame);
        int error = avcodec_receive_frame(reader->decoder, reader->frame);
        if (error == 0 && is_shown(reader->frame) && reader_shows(reader, reader->frame) &&
            (takes_damaged || !is_damaged(reader->frame))) return cffmpeg_ok;
        if (error == 0) continue;
        if (error == AVERROR(ENOMEM)) return cffmpeg_no_memory;
        if (error != AVERROR(EAGAIN) && reader->draining != not_draining) {
            // All is out; what follows is decoded anew.
            int is_over = reader->draining == draining_last;
            reader_flush(reader);
            if (is_over) return cffmpeg_end;
        }
        enum cffmpeg_status status = feed(reader, keyframes_only);
        if (status == cffmpeg_no_memory) return status;
        // A keyframe comes out at once when nothing is to follow it: no further packet is read for its sake.
        if (status == cffmpeg_end || keyframes_only) {
            reader->draining = status == cffmpeg_end ? draining_last : draining_keyframe;
            if (avcodec_send_packet(reader->decoder, NULL) == AVERROR(ENOMEM)) return cffmpeg_no_memory;
        }
    }
}

enum cffmpeg_status cffmpeg_keep(struct cffmpeg_reader *reader) {
    av_frame_unref(reader->kept);
    return av_frame_ref(reader->kept, reader->frame) < 0 ? cffmpeg_no_memory : cffmpeg_ok;
}

void cffmpeg_describe(const struct cffmpeg_reader *reader, int kept, struct cffmpeg_frame *out) {
    const AVFrame *frame = kept ? reader->kept : reader->frame;
    memset(out, 0, sizeof *out);
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    if (format == NULL) return;
    out->width = (uint32_t)frame->width;
    out->height = (uint32_t)frame->height;
    out->time = frame->best_effort_timestamp;
    out->milliseconds = -1;
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE) {
        int64_t start = reader->stream->start_time != AV_NOPTS_VALUE ? reader->stream->start_time : 0;
        out->milliseconds = av_rescale_q(frame->best_effort_timestamp - start, reader->stream->time_base, (AVRational){1, 1000});
    }
    out->primaries = frame->color_primaries;
    out->transfer = frame->color_trc;
    out->coefficients = frame->colorspace;
    // The "J" formats are full range whatever the tag says.
    int is_jpeg = frame->format == AV_PIX_FMT_YUVJ420P || frame->format == AV_PIX_FMT_YUVJ422P || frame->format == AV_PIX_FMT_YUVJ444P ||
                  frame->format == AV_PIX_FMT_YUVJ440P || frame->format == AV_PIX_FMT_YUVJ411P;
    out->is_full_range = is_jpeg || frame->color_range == AVCOL_RANGE_JPEG;
    out->is_rgb = (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
    out->horizontal = 1 << format->log2_chroma_w;
    out->vertical = 1 << format->log2_chroma_h;
}

// The formats whose range is in their name, without it: the range is told beside.
static enum AVPixelFormat without_range(enum AVPixelFormat format) {
    switch (format) {
    case AV_PIX_FMT_YUVJ420P: return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P: return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P: return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P: return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P: return AV_PIX_FMT_YUV411P;
    default: return format;
    }
}

enum cffmpeg_status cffmpeg_convert(struct cffmpeg_reader *reader, int kept, enum cffmpeg_layout layout, int coefficients, int full_range,
                                    uint32_t width, uint32_t height, uint8_t *const planes[4], const int strides[4]) {
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_GRAY8, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB48};
    const AVFrame *frame = kept ? reader->kept : reader->frame;
    enum AVPixelFormat source = without_range(frame->format), target = formats[layout];
    const int is_rgb = layout == cffmpeg_rgb24 || layout == cffmpeg_rgb48;
    if (source == target && frame->width == (int)width && frame->height == (int)height) {
        av_image_copy((uint8_t **)planes, (int *)strides, (const uint8_t **)frame->data, frame->linesize, target, frame->width, frame->height);
        return cffmpeg_ok;
    }
    if (sws_isSupportedInput(source) <= 0) return cffmpeg_unsupported;
    // Only averaging looks right much smaller, and only an interpolation larger.
    int flags = (int)width * 2 <= frame->width ? SWS_AREA : SWS_BICUBIC;
    struct SwsContext *scaler =
        sws_getContext(frame->width, frame->height, source, (int)width, (int)height, target, flags | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (scaler == NULL) return cffmpeg_unsupported;
    const int *table = sws_getCoefficients(coefficients == 9 || coefficients == 10 ? SWS_CS_BT2020 : coefficients == 1 ? SWS_CS_ITU709 : SWS_CS_ITU601);
    // Between two kinds of YCbCr nothing is changed: the same on both sides.
    (void)sws_setColorspaceDetails(scaler, table, full_range, table, is_rgb ? 1 : full_range, 0, 1 << 16, 1 << 16);
    int rows = sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes, strides);
    sws_freeContext(scaler);
    return rows == (int)height ? cffmpeg_ok : cffmpeg_unsupported;
}
