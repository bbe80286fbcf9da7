#include "sound.h"

// A gap in the sound that is longer than this is kept; a shorter one is the rounding of times.
#define GAP_SECONDS 0.1

// Rates and channels that anything records with. What is brought from 1 Hz to 48,000 would take 48,000 times the memory.
static int is_sane(int rate, int channels) { return rate >= 4000 && rate <= 384000 && channels >= 1 && channels <= 16; }

static int can_decode(const struct cffmpeg_reader *reader, const AVStream *stream) {
    const AVCodecParameters *codec = stream->codecpar;
    if (codec->codec_type != AVMEDIA_TYPE_AUDIO || !is_sane(codec->sample_rate, codec->ch_layout.nb_channels)) return 0;
    const AVCodec *decoder = avcodec_find_decoder(codec->codec_id);
    return decoder != NULL && av_match_list(decoder->name, reader->format->codec_whitelist, ',') > 0;
}

AVStream *sound_choose(const struct cffmpeg_reader *reader) {
    const AVFormatContext *format = reader->format;
    const int best = av_find_best_stream(reader->format, AVMEDIA_TYPE_AUDIO, -1, reader->stream->index, NULL, 0);
    if (best < 0) return NULL;
    if (can_decode(reader, format->streams[best])) return format->streams[best];
    for (unsigned index = 0; index < format->nb_streams; index++)
        if (can_decode(reader, format->streams[index])) return format->streams[index];
    return NULL;
}

int sound_is_lost(const struct sound *sound, const struct cffmpeg_reader *reader) {
    if (sound->in != NULL) return sound->taken > 0 && sound->written == 0;
    for (unsigned index = 0; index < reader->format->nb_streams; index++)
        if (reader->format->streams[index]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) return 1;
    return 0;
}

static int open_decoder(struct sound *sound, const struct cffmpeg_reader *reader) {
    const AVCodec *codec = avcodec_find_decoder(sound->in->codecpar->codec_id);
    sound->decoder = avcodec_alloc_context3(codec);
    if (sound->decoder == NULL) return AVERROR(ENOMEM);
    int error = avcodec_parameters_to_context(sound->decoder, sound->in->codecpar);
    if (error < 0) return error;
    sound->decoder->codec_whitelist = av_strdup(reader->format->codec_whitelist);
    sound->decoder->pkt_timebase = sound->in->time_base;
    sound->decoder->thread_count = 1;
    return avcodec_open2(sound->decoder, codec, NULL);
}

static int open_encoder(struct sound *sound, int64_t bit_rate) {
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (codec == NULL) return AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *encoder = sound->encoder = avcodec_alloc_context3(codec);
    if (encoder == NULL) return AVERROR(ENOMEM);
    // One of AAC's own rates near the source's.
    const int rate = sound->in->codecpar->sample_rate;
    encoder->sample_rate = rate == 11025 || rate == 22050 ? rate : rate % 11025 == 0 ? 44100 : 48000;
    encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
    av_channel_layout_default(&encoder->ch_layout, sound->in->codecpar->ch_layout.nb_channels == 1 ? 1 : 2);
    encoder->bit_rate = encoder->ch_layout.nb_channels == 1 ? bit_rate / 2 : bit_rate;
    encoder->time_base = (AVRational){1, encoder->sample_rate};
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    return avcodec_open2(encoder, codec, NULL);
}

int sound_open(struct sound *sound, struct cffmpeg_reader *reader, struct output *output, const struct cffmpeg_web_options *options) {
    memset(sound, 0, sizeof *sound);
    sound->in = sound_choose(reader);
    if (sound->in == NULL) return 0;
    sound->copies = options->copies_audio;
    sound->next = AV_NOPTS_VALUE;
    sound->packet = av_packet_alloc();
    if (sound->packet == NULL) return AVERROR(ENOMEM);
    if (sound->copies) {
        sound->out = output_copy(output, sound->in);
        return sound->out == NULL ? AVERROR(ENOMEM) : 0;
    }
    sound->decoded = av_frame_alloc();
    sound->frame = av_frame_alloc();
    if (sound->decoded == NULL || sound->frame == NULL) return AVERROR(ENOMEM);
    int error = open_decoder(sound, reader);
    if (error < 0 && error != AVERROR(ENOMEM)) {
        // What the header says of the sound is not so; there is still the picture.
        sound->in = NULL;
        return 0;
    }
    if (error >= 0) error = open_encoder(sound, options->audio_bit_rate);
    if (error < 0) return error;
    sound->waiting = av_audio_fifo_alloc(AV_SAMPLE_FMT_FLTP, sound->encoder->ch_layout.nb_channels, sound->encoder->frame_size * 4);
    sound->out = avformat_new_stream(output->format, NULL);
    if (sound->waiting == NULL || sound->out == NULL) return AVERROR(ENOMEM);
    sound->out->time_base = sound->encoder->time_base;
    return avcodec_parameters_from_context(sound->out->codecpar, sound->encoder);
}

void sound_close(struct sound *sound) {
    avcodec_free_context(&sound->decoder);
    avcodec_free_context(&sound->encoder);
    swr_free(&sound->converter);
    if (sound->waiting != NULL) av_audio_fifo_free(sound->waiting);
    sound->waiting = NULL;
    av_channel_layout_uninit(&sound->layout);
    av_frame_free(&sound->decoded);
    av_frame_free(&sound->frame);
    av_packet_free(&sound->packet);
}

static int write_packet(struct sound *sound, struct output *output, AVRational unit) {
    sound->written++;
    return output_write(output, sound->out, sound->packet, unit);
}

static int drain_encoder(struct sound *sound, struct output *output) {
    while (1) {
        int error = avcodec_receive_packet(sound->encoder, sound->packet);
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return 0;
        if (error >= 0) error = write_packet(sound, output, sound->encoder->time_base);
        if (error < 0) return error;
    }
}

// Encodes what waits, in frames of the encoder's size; the rest too where nothing follows.
static int encode(struct sound *sound, struct output *output, int is_last) {
    AVFrame *frame = sound->frame;
    while (1) {
        int count = av_audio_fifo_size(sound->waiting);
        if (count == 0 || (count < sound->encoder->frame_size && !is_last)) return 0;
        frame->nb_samples = count < sound->encoder->frame_size ? count : sound->encoder->frame_size;
        frame->format = AV_SAMPLE_FMT_FLTP;
        frame->sample_rate = sound->encoder->sample_rate;
        int error = av_channel_layout_copy(&frame->ch_layout, &sound->encoder->ch_layout);
        if (error >= 0) error = av_frame_get_buffer(frame, 0);
        if (error >= 0 && av_audio_fifo_read(sound->waiting, (void **)frame->data, frame->nb_samples) < frame->nb_samples) error = AVERROR_BUG;
        if (error >= 0) {
            frame->pts = sound->next;
            sound->next += frame->nb_samples;
            error = avcodec_send_frame(sound->encoder, frame);
        }
        av_frame_unref(frame);
        if (error >= 0) error = drain_encoder(sound, output);
        if (error < 0) return error;
    }
}

// The converter is made anew where the source changes what it sends.
static int fit_converter(struct sound *sound) {
    const AVFrame *frame = sound->decoded;
    AVChannelLayout layout = {0};
    int error = frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC ? (av_channel_layout_default(&layout, frame->ch_layout.nb_channels), 0)
                                                                  : av_channel_layout_copy(&layout, &frame->ch_layout);
    if (error < 0) return error;
    SwrContext *converter = NULL;
    error = swr_alloc_set_opts2(&converter, &sound->encoder->ch_layout, AV_SAMPLE_FMT_FLTP, sound->encoder->sample_rate, &layout, frame->format,
                                frame->sample_rate, 0, NULL);
    av_channel_layout_uninit(&layout);
    if (error >= 0) error = swr_init(converter);
    if (error < 0) {
        swr_free(&converter);
        return error;
    }
    sound->converter = converter;
    sound->format = frame->format;
    sound->rate = frame->sample_rate;
    return av_channel_layout_copy(&sound->layout, &frame->ch_layout);
}

static int convert(struct sound *sound, const AVFrame *source) {
    int room = source == NULL ? (int)swr_get_delay(sound->converter, sound->encoder->sample_rate) + 64
                              : swr_get_out_samples(sound->converter, source->nb_samples);
    if (room <= 0) return 0;
    AVFrame *frame = sound->frame;
    frame->nb_samples = room;
    frame->format = AV_SAMPLE_FMT_FLTP;
    int error = av_channel_layout_copy(&frame->ch_layout, &sound->encoder->ch_layout);
    if (error >= 0) error = av_frame_get_buffer(frame, 0);
    if (error >= 0)
        error = swr_convert(sound->converter, frame->data, room, source == NULL ? NULL : (const uint8_t **)source->extended_data,
                            source == NULL ? 0 : source->nb_samples);
    if (error > 0 && av_audio_fifo_write(sound->waiting, (void **)frame->data, error) < error) error = AVERROR(ENOMEM);
    av_frame_unref(frame);
    return error;
}

static int is_same_source(const struct sound *sound) {
    const AVFrame *frame = sound->decoded;
    return frame->format == sound->format && frame->sample_rate == sound->rate && av_channel_layout_compare(&frame->ch_layout, &sound->layout) == 0;
}

// Where the sound stands in time: at the source's own at first, and again after a gap.
static void keep_time(struct sound *sound, const struct output *output) {
    int64_t time = sound->decoded->best_effort_timestamp;
    if (!reader_is_sane_time(time, sound->in->time_base)) {
        if (sound->next == AV_NOPTS_VALUE) sound->next = output_zero(output, sound->encoder->time_base);
        return;
    }
    time = av_rescale_q(time, sound->in->time_base, sound->encoder->time_base);
    int64_t expected = sound->next + av_audio_fifo_size(sound->waiting);
    if (sound->next == AV_NOPTS_VALUE) sound->next = time;
    else if (time > expected + (int64_t)(GAP_SECONDS * sound->encoder->sample_rate)) sound->next += time - expected;
}

// What is broken in the sound costs only sound; memory and the disk are another matter.
static int is_beyond_the_sound(int error) {
    return error == AVERROR(ENOMEM) || error == AVERROR(ENOSPC) || error == AVERROR(EDQUOT) || error == AVERROR(EFBIG) || error == AVERROR(EIO);
}

static int decode(struct sound *sound, struct output *output, const AVPacket *packet) {
    int error = avcodec_send_packet(sound->decoder, packet);
    if (error == AVERROR(ENOMEM)) return error;
    while ((error = avcodec_receive_frame(sound->decoder, sound->decoded)) >= 0) {
        AVFrame *frame = sound->decoded;
        if (frame->nb_samples <= 0 || !is_sane(frame->sample_rate, frame->ch_layout.nb_channels)) continue;
        if (sound->converter != NULL && !is_same_source(sound)) swr_free(&sound->converter);
        if (sound->converter == NULL && (error = fit_converter(sound)) < 0) break;
        keep_time(sound, output);
        if ((error = convert(sound, frame)) < 0 || (error = encode(sound, output, 0)) < 0) break;
    }
    av_frame_unref(sound->decoded);
    return is_beyond_the_sound(error) ? error : 0;
}

static int copy(struct sound *sound, struct output *output, const AVPacket *packet) {
    if (packet == NULL) return 0;
    if (!reader_is_sane_time(packet->dts, sound->in->time_base) || !reader_is_sane_time(packet->pts, sound->in->time_base))
        return AVERROR_INVALIDDATA;
    int error = av_packet_ref(sound->packet, packet);
    return error < 0 ? error : write_packet(sound, output, sound->in->time_base);
}

// ISO/IEC 23001-7: noise without its key.
static int is_encrypted(const AVPacket *packet) {
    for (int index = 0; index < packet->side_data_elems; index++)
        if (packet->side_data[index].type == AV_PKT_DATA_ENCRYPTION_INFO) return 1;
    return 0;
}

int sound_take(struct sound *sound, struct output *output, const AVPacket *packet) {
    if (packet != NULL) sound->taken++;
    if (packet != NULL && is_encrypted(packet)) return 0;
    if (sound->copies) return copy(sound, output, packet);
    int error = decode(sound, output, packet);
    if (error < 0 || packet != NULL) return error;
    if (sound->converter != NULL && sound->next != AV_NOPTS_VALUE && (error = convert(sound, NULL)) >= 0) error = encode(sound, output, 1);
    if (error >= 0) error = avcodec_send_frame(sound->encoder, NULL);
    return error < 0 ? error : drain_encoder(sound, output);
}
