#include "keyframe.h"

// nal_unit_type of a slice of an IDR picture (table 7-1).
#define IDR_SLICE 5

static int is_idr(uint8_t header) { return (header & 0x1F) == IDR_SLICE; }

// Behind start codes of three bytes (annex B).
static int has_idr_in_stream(const uint8_t *bytes, int count) {
    for (int index = 0; index + 3 < count; index++)
        if (bytes[index] == 0 && bytes[index + 1] == 0 && bytes[index + 2] == 1 && is_idr(bytes[index + 3])) return 1;
    return 0;
}

// Each behind its length (ISO/IEC 14496-15 section 5.3.2).
static int has_idr(const uint8_t *bytes, int count, int length_bytes) {
    while (count > length_bytes) {
        uint32_t length = 0;
        for (int index = 0; index < length_bytes; index++) length = length << 8 | bytes[index];
        bytes += length_bytes;
        count -= length_bytes;
        if (length == 0) continue;
        if (is_idr(bytes[0])) return 1;
        if (length > (uint32_t)count) return 0;
        bytes += length;
        count -= (int)length;
    }
    return 0;
}

int keyframe_is_idr(const AVCodecParameters *codec, const AVPacket *packet) {
    const int has_lengths = codec->extradata_size >= 5 && codec->extradata[0] == 1;
    if (!has_lengths) return has_idr_in_stream(packet->data, packet->size);
    return has_idr(packet->data, packet->size, (codec->extradata[4] & 3) + 1);
}
