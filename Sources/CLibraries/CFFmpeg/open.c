#include "input.h"
#include "clock.h"
#include <stdio.h>
#include <string.h>

// What phones and cameras write, and old ones wrote. Any other decoder is surface for no use.
static const char decoders[] = "h264,hevc,vp8,vp9,libdav1d,libaom-av1,av1,mpeg4,h263,mpeg1video,mpeg2video,mjpeg,prores,msmpeg4,msmpeg4v2,"
                               "aac,mp3float,mp3,mp2float,mp2,opus,vorbis,ac3,eac3,dca,amrnb,amrwb,flac,alac,wmav1,wmav2,"
                               "adpcm_ima_wav,adpcm_ima_qt,adpcm_ms,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,"
                               "pcm_f32be,pcm_u8,pcm_s8,pcm_mulaw,pcm_alaw,pcm_bluray";

enum cffmpeg_status cffmpeg_fail(int error, char *message) {
    if (error == AVERROR(ENOMEM)) return cffmpeg_no_memory;
    // The library's own words are for those who write programs with it.
    const char *words = error == AVERROR_EOF ? "it ends before its header does" : "its header breaks the rules of the format";
    if (error == AVERROR_PATCHWELCOME) words = "its header says something that is hardly ever used";
    if (message != NULL) snprintf(message, CFFMPEG_MESSAGE, "%s", words);
    return error == AVERROR_PATCHWELCOME ? cffmpeg_unsupported : cffmpeg_corrupt;
}

static int is_wanted(const AVStream *stream) {
    const AVCodecParameters *codec = stream->codecpar;
    return codec->codec_type == AVMEDIA_TYPE_VIDEO && !(stream->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) &&
           codec->width > 0 && codec->height > 0;
}

// The track that a player shows: marked as default before others, then the largest.
static AVStream *choose(const AVFormatContext *format) {
    AVStream *best = NULL;
    for (unsigned index = 0; index < format->nb_streams; index++) {
        AVStream *stream = format->streams[index];
        if (!is_wanted(stream)) continue;
        if (best == NULL) {
            best = stream;
            continue;
        }
        int is_default = !!(stream->disposition & AV_DISPOSITION_DEFAULT), was_default = !!(best->disposition & AV_DISPOSITION_DEFAULT);
        int64_t area = (int64_t)stream->codecpar->width * stream->codecpar->height;
        int64_t largest = (int64_t)best->codecpar->width * best->codecpar->height;
        if (is_default > was_default || (is_default == was_default && area > largest)) best = stream;
    }
    return best;
}

static int has_video_of_unknown_size(const AVFormatContext *format) {
    for (unsigned index = 0; index < format->nb_streams; index++) {
        if (format->streams[index]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
            !(format->streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC)) return 1;
    }
    return 0;
}

// Matroska's duration is where the last frame ends, of a clock that need not begin at 0; what has to be taken from it, in microseconds.
static int64_t lead(const AVFormatContext *format) {
    const int64_t start = format->start_time;
    const int is_matroska = strstr(format->iformat->name, "matroska") != NULL;
    return is_matroska && start != AV_NOPTS_VALUE && start > 0 && start < format->duration ? start : 0;
}

static int64_t milliseconds(const AVFormatContext *format, const AVStream *stream) {
    if (stream->duration > 0) return av_rescale_q(stream->duration, stream->time_base, (AVRational){1, 1000});
    return format->duration > 0 ? av_rescale(format->duration - lead(format), 1000, AV_TIME_BASE) : -1;
}

// No camera's: where a recording does not tell its rate, the unit of its times is taken for one.
#define GUESSED_RATE 480

static double frame_rate(AVFormatContext *format, AVStream *stream) {
    const AVRational rate = av_guess_frame_rate(format, stream, NULL);
    if (rate.num <= 0 || rate.den <= 0) return 0;
    const int is_told = stream->avg_frame_rate.num > 0 && stream->avg_frame_rate.den > 0;
    return is_told || av_q2d(rate) < GUESSED_RATE ? av_q2d(rate) : 0;
}

static void describe(const struct cffmpeg_reader *reader, struct cffmpeg_info *info) {
    AVFormatContext *format = reader->format;
    AVStream *stream = reader->stream;
    const AVCodecParameters *codec = stream->codecpar;
    strncpy(info->video_codec, avcodec_get_name(codec->codec_id), CFFMPEG_NAME - 1);
    for (unsigned index = 0; index < format->nb_streams; index++) {
        const AVCodecParameters *other = format->streams[index]->codecpar;
        if (other->codec_type != AVMEDIA_TYPE_AUDIO || other->codec_id == AV_CODEC_ID_NONE) continue;
        strncpy(info->audio_codec, avcodec_get_name(other->codec_id), CFFMPEG_NAME - 1);
        break;
    }
    info->duration_ms = milliseconds(format, stream);
    info->bit_rate = format->bit_rate > 0 ? format->bit_rate : 0;
    if (lead(format) > 0 && info->duration_ms > 0) info->bit_rate = av_rescale(reader->size, 8000, info->duration_ms);
    info->frame_rate = frame_rate(format, stream);
    info->width = (uint32_t)codec->width;
    info->height = (uint32_t)codec->height;
    AVRational aspect = av_guess_sample_aspect_ratio(format, stream, NULL);
    info->aspect_num = aspect.num;
    info->aspect_den = aspect.den;
    size_t size = 0;
    const uint8_t *side = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (side != NULL && size >= 9 * sizeof(int32_t)) {
        int32_t matrix[9];
        memcpy(matrix, side, sizeof matrix);
        memcpy(info->matrix, (int32_t[4]){matrix[0], matrix[1], matrix[3], matrix[4]}, sizeof info->matrix);
    } else {
        memcpy(info->matrix, (int32_t[4]){1 << 16, 0, 0, 1 << 16}, sizeof info->matrix);
    }
    info->primaries = codec->color_primaries;
    info->transfer = codec->color_trc;
    info->coefficients = codec->color_space;
}

// Reads, and decodes a little, until what the header leaves out is known. Where that fails, the header may still be enough.
static int read_on(struct cffmpeg_reader *reader) {
    const unsigned count = reader->format->nb_streams;
    AVDictionary **options = av_calloc(count + 1, sizeof *options);
    if (options == NULL) return AVERROR(ENOMEM);
    for (unsigned index = 0; index < count; index++) {
        av_dict_set_int(&options[index], "max_pixels", reader->limits.pixels, 0);
        // Nobody sees these pictures: what is looked for stands in their headers.
        av_dict_set(&options[index], "skip_loop_filter", "all", 0);
        av_dict_set(&options[index], "skip_idct", "all", 0);
    }
    int error = avformat_find_stream_info(reader->format, options);
    for (unsigned index = 0; index < count; index++) av_dict_free(&options[index]);
    av_free(options);
    return error == AVERROR(ENOMEM) ? error : 0;
}

// libavformat tells nobody but its log that a file has more tracks than it may: the error is that of no memory.
static void listen(void *context, int level, const char *text, va_list arguments) {
    (void)arguments;
    if (context == NULL || level > AV_LOG_ERROR || strstr(text, "max_streams") == NULL) return;
    if (*(const AVClass **)context != avformat_get_class()) return;
    struct cffmpeg_reader *reader = ((AVFormatContext *)context)->opaque;
    if (reader != NULL) reader->is_crowded = 1;
}

static int open_format(struct cffmpeg_reader *reader) {
    if (reader->demuxer == NULL) return AVERROR_DEMUXER_NOT_FOUND;
    reader->format = avformat_alloc_context();
    if (reader->format == NULL) return AVERROR(ENOMEM);
    int error = cffmpeg_attach_input(reader);
    if (error < 0) return error;
    reader->format->opaque = reader;
    reader->format->probesize = reader->limits.probe_bytes;
    reader->format->max_analyze_duration = reader->limits.probe_micros;
    reader->format->max_streams = reader->limits.streams;
    reader->format->codec_whitelist = av_strdup(decoders);
    reader->format->protocol_whitelist = av_strdup("none");
    error = avformat_open_input(&reader->format, "", reader->demuxer, NULL);
    if (error < 0) return error;
    return reader->analyses || choose(reader->format) == NULL ? read_on(reader) : 0;
}

int cffmpeg_reopen(struct cffmpeg_reader *reader) {
    AVFormatContext *format = reader->format;
    AVIOContext *io = reader->io;
    const int64_t position = reader->position;
    reader->format = NULL;
    reader->io = NULL;
    reader->position = 0;
    memset(reader->clocks, 0, (size_t)reader->limits.streams * sizeof *reader->clocks);
    reader->clock_offset = 0;
    int error = open_format(reader);
    AVStream *stream = error < 0 ? NULL : choose(reader->format);
    if (stream != NULL && stream->codecpar->codec_id == reader->stream->codecpar->codec_id) {
        reader->stream = stream;
        avformat_close_input(&format);
        cffmpeg_release_input(&io);
        return 0;
    }
    avformat_close_input(&reader->format);
    cffmpeg_detach_input(reader);
    reader->format = format;
    reader->io = io;
    reader->position = position;
    return error < 0 ? error : AVERROR_INVALIDDATA;
}

enum cffmpeg_status cffmpeg_open(const uint8_t *bytes, size_t size, const char *demuxer, int analyse, const struct cffmpeg_limits *limits,
                                 struct cffmpeg_reader **out, struct cffmpeg_info *info, char *message) {
    *out = NULL;
    memset(info, 0, sizeof *info);
    message[0] = 0;
    if (!cffmpeg_load()) {
        strncpy(message, "the libraries for videos are not there", CFFMPEG_MESSAGE - 1);
        return cffmpeg_unsupported;
    }
    av_log_set_callback(listen);
    av_max_alloc((size_t)limits->allocation_bytes);
    struct cffmpeg_reader *reader = av_mallocz(sizeof *reader);
    if (reader == NULL) return cffmpeg_no_memory;
    reader->bytes = bytes;
    reader->size = (int64_t)size;
    reader->limits = *limits;
    reader->bytes_left = limits->read_bytes;
    reader->packets_left = limits->packets;
    reader->demuxer = av_find_input_format(demuxer);
    reader->analyses = analyse;
    reader->packet = av_packet_alloc();
    reader->frame = av_frame_alloc();
    reader->kept = av_frame_alloc();
    reader->clocks = av_calloc((size_t)limits->streams, sizeof *reader->clocks);
    int error = reader->clocks == NULL || reader->packet == NULL || reader->frame == NULL || reader->kept == NULL ? AVERROR(ENOMEM) : 0;
    if (error == 0) error = open_format(reader);
    enum cffmpeg_status status = error < 0 ? cffmpeg_fail(error, message) : cffmpeg_ok;
    if (reader->is_crowded) {
        status = cffmpeg_unsupported;
        snprintf(message, CFFMPEG_MESSAGE, "it has more than %d tracks", limits->streams);
    }
    if (status == cffmpeg_ok) {
        reader->stream = choose(reader->format);
        if (reader->stream == NULL) {
            status = has_video_of_unknown_size(reader->format) ? cffmpeg_corrupt : cffmpeg_no_video;
            if (status == cffmpeg_corrupt) strncpy(message, "the size of its pictures is not told", CFFMPEG_MESSAGE - 1);
        } else {
            describe(reader, info);
        }
    }
    if (status != cffmpeg_ok) {
        cffmpeg_close(reader);
        return status;
    }
    *out = reader;
    return cffmpeg_ok;
}

void cffmpeg_close(struct cffmpeg_reader *reader) {
    if (reader == NULL) return;
    avcodec_free_context(&reader->decoder);
    avformat_close_input(&reader->format);
    cffmpeg_detach_input(reader);
    av_packet_free(&reader->packet);
    av_frame_free(&reader->frame);
    av_frame_free(&reader->kept);
    av_free(reader->clocks);
    av_free(reader);
}

const char *cffmpeg_version(void) {
    static char text[24];
    if (!cffmpeg_load()) return "missing";
    unsigned version = avcodec_version();
    snprintf(text, sizeof text, "%u.%u.%u", version >> 16, version >> 8 & 0xFF, version & 0xFF);
    return text;
}
