#include "insides.h"
#include "scan.h"
#include <stdlib.h>
#include <string.h>

#if JPEG_LIB_VERSION >= 70
#define SCALED_SIZE(component) ((component)->DCT_h_scaled_size)
#define LEAST_SCALED_SIZE(codec) ((codec)->min_DCT_h_scaled_size)
#else
#define SCALED_SIZE(component) ((component)->DCT_scaled_size)
#define LEAST_SCALED_SIZE(codec) ((codec)->min_DCT_scaled_size)
#endif

struct cjpeg_reader {
    struct jpeg_decompress_struct codec;
    struct failure failure;
    struct jpeg_progress_mgr progress;
    struct cjpeg_header header;
    int created;
    int is_planar; // the planes are read as they are coded, without upsampling or colour conversion
    const uint8_t *bytes;
    size_t size;
    int eighths, chroma_eighths;
    struct scan *scan; // NULL where libjpeg decodes entropy itself
    int gave_up;       // the scan has, and libjpeg is to decode all by itself
};

// Called now and then while libjpeg works. A progressive bomb is many empty scans over a large picture.
static void watch_scans(j_common_ptr codec) {
    if (codec->is_decompressor && ((j_decompress_ptr)codec)->input_scan_number > CJPEG_MOST_SCANS) {
        struct failure *failure = (struct failure *)codec->err;
        snprintf(failure->message, sizeof failure->message, "it has more than %d scans", CJPEG_MOST_SCANS);
        failure->status = cjpeg_corrupt;
        longjmp(failure->target, 1);
    }
}

static enum cjpeg_status describe(struct cjpeg_reader *reader) {
    j_decompress_ptr codec = &reader->codec;
    struct cjpeg_header *header = &reader->header;
    header->width = codec->image_width;
    header->height = codec->image_height;
    header->is_progressive = jpeg_has_multiple_scans(codec) != 0;
    header->components = (uint8_t)codec->num_components;
    switch (codec->jpeg_color_space) {
    case JCS_GRAYSCALE: header->model = cjpeg_gray; break;
    case JCS_YCbCr: header->model = cjpeg_ycbcr; break;
    case JCS_RGB: header->model = cjpeg_rgb; break;
    case JCS_CMYK:
    case JCS_YCCK: header->model = cjpeg_cmyk; break;
    default:
        snprintf(reader->failure.message, sizeof reader->failure.message, "%d components of no known meaning", codec->num_components);
        return cjpeg_unsupported;
    }
    for (int i = 0; i < codec->num_components; i++) {
        header->horizontal[i] = (uint8_t)codec->comp_info[i].h_samp_factor;
        header->vertical[i] = (uint8_t)codec->comp_info[i].v_samp_factor;
    }
    return cjpeg_ok;
}

enum cjpeg_status cjpeg_open(const uint8_t *bytes, size_t size, struct cjpeg_reader **out, struct cjpeg_header *header, char *message) {
    *out = NULL;
    struct cjpeg_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return cjpeg_no_memory;
    cjpeg_failure_init(&reader->failure);
    reader->codec.err = &reader->failure.manager;
    enum cjpeg_status status = cjpeg_ok;
    if (setjmp(reader->failure.target)) {
        status = reader->failure.status;
    } else {
        jpeg_create_decompress(&reader->codec);
        reader->created = 1;
        reader->progress.progress_monitor = watch_scans;
        reader->codec.progress = &reader->progress;
        reader->bytes = bytes;
        reader->size = size;
        jpeg_mem_src(&reader->codec, bytes, size);
        jpeg_read_header(&reader->codec, TRUE);
        status = describe(reader);
    }
    if (status != cjpeg_ok) {
        if (message) snprintf(message, CJPEG_MESSAGE, "%.*s", CJPEG_MESSAGE - 1, reader->failure.message);
        cjpeg_close(reader);
        return status;
    }
    *header = reader->header;
    *out = reader;
    return cjpeg_ok;
}

// Whether the first component has every sample, so that its plane is the picture's size.
static int first_is_full(j_decompress_ptr codec) {
    return codec->comp_info[0].h_samp_factor == codec->max_h_samp_factor && codec->comp_info[0].v_samp_factor == codec->max_v_samp_factor;
}

// ISO/IEC 10918-1 A.1.1, times the scale; both round up.
static JDIMENSION samples(JDIMENSION whole, int factor, int most, int scale) {
    uint64_t divisor = (uint64_t)most * DCTSIZE;
    return (JDIMENSION)(((uint64_t)whole * (unsigned)(factor * scale) + divisor - 1) / divisor);
}

// libjpeg scales chroma less than luma where that saves upsampling. Nothing is upsampled here, so that it has a scale of its own.
static void scale_chroma(struct cjpeg_reader *reader) {
#if CJPEG_KNOWS_INSIDES
    j_decompress_ptr codec = &reader->codec;
    int scale = reader->chroma_eighths;
    for (int i = 1; i < codec->num_components; i++) {
        jpeg_component_info *component = &codec->comp_info[i];
        component->DCT_scaled_size = scale;
        component->downsampled_width = samples(codec->image_width, component->h_samp_factor, codec->max_h_samp_factor, scale);
        component->downsampled_height = samples(codec->image_height, component->v_samp_factor, codec->max_v_samp_factor, scale);
        component->MCU_sample_width = component->MCU_width * scale;
    }
    codec->idct->start_pass(codec);
#else
    (void)reader;
#endif
}

int cjpeg_scales_chroma(void) { return CJPEG_KNOWS_INSIDES; }

static void start(struct cjpeg_reader *reader) {
    j_decompress_ptr codec = &reader->codec;
    codec->out_color_space = reader->header.model == cjpeg_cmyk ? JCS_CMYK : codec->jpeg_color_space;
    reader->is_planar = (reader->header.model == cjpeg_gray || reader->header.model == cjpeg_ycbcr) && first_is_full(codec);
    codec->raw_data_out = reader->is_planar;
    codec->scale_num = (unsigned)(reader->is_planar ? reader->eighths : reader->chroma_eighths);
    codec->scale_denom = 8;
    jpeg_start_decompress(codec);
    if (reader->is_planar) scale_chroma(reader);
    if (!reader->gave_up) reader->scan = cjpeg_scan_begin(codec, &reader->failure, &reader->gave_up);
}

enum cjpeg_status cjpeg_start(struct cjpeg_reader *reader, int eighths, int chroma_eighths, struct cjpeg_plane planes[4]) {
    j_decompress_ptr codec = &reader->codec;
    if (setjmp(reader->failure.target)) return reader->failure.status;
    reader->eighths = eighths;
    reader->chroma_eighths = chroma_eighths;
    start(reader);
    for (int i = 0; i < codec->num_components; i++) {
        jpeg_component_info *component = &codec->comp_info[i];
        if (reader->is_planar) {
            planes[i].width = component->downsampled_width;
            planes[i].height = component->downsampled_height;
            planes[i].stride = component->width_in_blocks * (uint32_t)SCALED_SIZE(component);
            planes[i].rows = codec->total_iMCU_rows * (uint32_t)(component->v_samp_factor * SCALED_SIZE(component));
        } else {
            planes[i].width = planes[i].stride = codec->output_width;
            planes[i].height = planes[i].rows = codec->output_height;
        }
    }
    return cjpeg_ok;
}

static void read_planar(struct cjpeg_reader *reader, uint8_t *const planes[4]) {
    j_decompress_ptr codec = &reader->codec;
    // At most 4 block rows of 8 samples a component.
    JSAMPROW rows[MAX_COMPONENTS][MAX_SAMP_FACTOR * DCTSIZE];
    JSAMPARRAY components[MAX_COMPONENTS];
    JDIMENSION group = (JDIMENSION)(codec->max_v_samp_factor * LEAST_SCALED_SIZE(codec));
    for (size_t mcu_row = 0; codec->output_scanline < codec->output_height; mcu_row++) {
        for (int i = 0; i < codec->num_components; i++) {
            jpeg_component_info *component = &codec->comp_info[i];
            size_t count = (size_t)(component->v_samp_factor * SCALED_SIZE(component));
            size_t stride = component->width_in_blocks * (size_t)SCALED_SIZE(component);
            for (size_t k = 0; k < count; k++) rows[i][k] = planes[i] + (mcu_row * count + k) * stride;
            components[i] = rows[i];
        }
        jpeg_read_raw_data(codec, components, group);
    }
}

static void read_interleaved(struct cjpeg_reader *reader, uint8_t *const planes[4]) {
    j_decompress_ptr codec = &reader->codec;
    const int count = codec->out_color_components;
    // Adobe's writers store ink inverted (255 is none), and all others followed them; libjpeg hands it out as stored.
    const uint8_t flip = reader->header.model == cjpeg_cmyk ? 255 : 0;
    JSAMPARRAY row = codec->mem->alloc_sarray((j_common_ptr)codec, JPOOL_IMAGE, codec->output_width * (JDIMENSION)count, 1);
    while (codec->output_scanline < codec->output_height) {
        size_t start = (size_t)codec->output_scanline * codec->output_width;
        jpeg_read_scanlines(codec, row, 1);
        for (int i = 0; i < count; i++) {
            uint8_t *plane = planes[i] + start;
            for (JDIMENSION x = 0; x < codec->output_width; x++) plane[x] = row[0][x * (JDIMENSION)count + (JDIMENSION)i] ^ flip;
        }
    }
}

// Whether every coefficient of a progressive picture has been told to its last bit.
static int is_complete(j_decompress_ptr codec) {
    if (!codec->coef_bits) return 1;
    for (int i = 0; i < codec->num_components; i++)
        for (int k = 0; k < DCTSIZE2; k++)
            if (codec->coef_bits[i][k] != 0) return 0;
    return 1;
}

// To read it all again, by libjpeg alone.
static void start_over(struct cjpeg_reader *reader) {
    cjpeg_scan_end(reader->scan);
    reader->scan = NULL;
    jpeg_abort_decompress(&reader->codec);
    jpeg_mem_src(&reader->codec, reader->bytes, reader->size);
    jpeg_read_header(&reader->codec, TRUE);
    start(reader);
}

enum cjpeg_status cjpeg_read(struct cjpeg_reader *reader, uint8_t *const planes[4]) {
    j_decompress_ptr codec = &reader->codec;
    if (setjmp(reader->failure.target)) {
        if (!reader->scan || !reader->gave_up) return reader->failure.status;
        if (setjmp(reader->failure.target)) return reader->failure.status;
        start_over(reader);
    }
    if (reader->is_planar) {
        read_planar(reader, planes);
    } else {
        read_interleaved(reader, planes);
    }
    // An end without the EOI marker is forgiven where all of the picture is there. Arithmetic decoding tells of no gaps.
    if (reader->failure.saw_end && (reader->failure.saw_gap || codec->arith_code || !is_complete(codec))) {
        snprintf(reader->failure.message, sizeof reader->failure.message, "the data ends before the picture does");
        return cjpeg_truncated;
    }
    return cjpeg_ok;
}

int cjpeg_reads_scan(const struct cjpeg_reader *reader) { return reader->scan != NULL; }

const char *cjpeg_message(const struct cjpeg_reader *reader) { return reader->failure.message; }

void cjpeg_close(struct cjpeg_reader *reader) {
    if (!reader) return;
    cjpeg_scan_end(reader->scan);
    if (reader->created && !setjmp(reader->failure.target)) jpeg_destroy_decompress(&reader->codec);
    free(reader);
}
