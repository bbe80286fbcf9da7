#ifndef AGROVET_CFFMPEG_H
#define AGROVET_CFFMPEG_H
#include <stddef.h>
#include <stdint.h>

// Reads videos out of memory with libavformat and libavcodec. No protocol is ever opened: bytes come from the caller's memory
// alone, and what a file refers to outside itself is not followed.

enum cffmpeg_status {
    cffmpeg_ok = 0,
    cffmpeg_end = 1,         // no more frames, or the bytes or packets that may be read are used up
    cffmpeg_corrupt = 2,     // the message says why
    cffmpeg_no_memory = 3,
    cffmpeg_unsupported = 4, // no decoder for it here
    cffmpeg_no_video = 5,    // well-formed, without a video track (cover art is none)
    cffmpeg_full = 6,        // what is written would be larger than it may be
    cffmpeg_no_space = 7,    // the disk is full
    cffmpeg_too_long = 8,    // its times run on for longer than it may take
    cffmpeg_encode = 9,      // the picture cannot be taken over as it is
};

#define CFFMPEG_MESSAGE 200
#define CFFMPEG_NAME 32

struct cffmpeg_limits {
    int64_t probe_bytes;   // read to learn what the header leaves out
    int64_t probe_micros;  // of the video's time, for the same
    int64_t read_bytes;    // in all
    int64_t packets;       // in all
    int64_t pixels;        // of a frame
    int64_t allocation_bytes; // in one piece: a frame, or an index whose length a header tells; of the whole process
    int streams;
};

struct cffmpeg_info {
    char video_codec[CFFMPEG_NAME];
    char audio_codec[CFFMPEG_NAME]; // empty where there is no sound
    int64_t duration_ms;            // -1 where unknown
    int64_t bit_rate;               // of the whole file, bits a second; 0 where unknown
    double frame_rate;              // 0 where unknown
    uint32_t width, height;         // as coded
    int aspect_num, aspect_den;     // of one pixel; 0/1 where unknown
    int32_t matrix[4];              // display matrix a, b, c, d: x' = a·x + c·y, y' = b·x + d·y
    // Code points of ITU-T H.273.
    int primaries, transfer, coefficients;
};

// Where a demuxer is named, no other is tried: "mov", "matroska", "avi" or "mpegts".
// `analyse` reads on until what the header leaves out is known. `bytes` must stay until cffmpeg_close.
struct cffmpeg_reader;
enum cffmpeg_status cffmpeg_open(const uint8_t *bytes, size_t size, const char *demuxer, int analyse, const struct cffmpeg_limits *limits,
                                 struct cffmpeg_reader **out, struct cffmpeg_info *info, char *message);
void cffmpeg_close(struct cffmpeg_reader *reader);
// Reads on to the end for what the header leaves out: duration, frame rate and bit rate of the info become what the picture's packets
// tell. Where the reader's limits end it before, they stay. Nothing else can be asked of the reader afterwards.
void cffmpeg_measure(struct cffmpeg_reader *reader, struct cffmpeg_info *info);

// Opens the decoder, on this thread alone; it may halve both sides of a frame so many times while it decodes, where it can.
enum cffmpeg_status cffmpeg_start(struct cffmpeg_reader *reader, int halvings, char *message);
// Goes to the last keyframe at or before a time; where the file has none to go by, to its start. cffmpeg_corrupt where that is another place.
enum cffmpeg_status cffmpeg_seek(struct cffmpeg_reader *reader, int64_t milliseconds);
// Decodes the next frame that shows something and that no keyframe is missing for: of keyframes only, or any; with `takes_damaged` also
// one whose decoder says that it is not whole.
enum cffmpeg_status cffmpeg_next(struct cffmpeg_reader *reader, int keyframes_only, int takes_damaged);

struct cffmpeg_frame {
    uint32_t width, height;
    int64_t time;                    // in the track's own unit; tells frames apart
    int64_t milliseconds;            // from the track's start, as cffmpeg_seek has it; -1 where the file does not tell
    int primaries, transfer, coefficients; // ITU-T H.273
    int is_full_range;
    int is_rgb;                      // no YCbCr (and no gray)
    int horizontal, vertical;        // chroma subsampling: 1, 2 or 4
};
void cffmpeg_describe(const struct cffmpeg_reader *reader, int kept, struct cffmpeg_frame *frame);
// Keeps the present frame in the one other place, for cffmpeg_convert.
enum cffmpeg_status cffmpeg_keep(struct cffmpeg_reader *reader);

enum cffmpeg_layout {
    cffmpeg_luma = 0,   // one plane of 8 bits
    cffmpeg_yuv420 = 1, // three planes of 8 bits, range and matrix as they are
    cffmpeg_yuv422 = 2,
    cffmpeg_yuv444 = 3,
    cffmpeg_rgb24 = 4,  // one plane, interleaved
    cffmpeg_rgb48 = 5,  // one plane, interleaved, 16 bits in the machine's order, full range, transfer as it is
};
// The present or the kept frame at a size and in a layout; smaller by averaging.
// `coefficients` and `full_range` say how its YCbCr becomes RGB.
enum cffmpeg_status cffmpeg_convert(struct cffmpeg_reader *reader, int kept, enum cffmpeg_layout layout, int coefficients, int full_range,
                                    uint32_t width, uint32_t height, uint8_t *const planes[4], const int strides[4]);

// What a rendition for the web is decided by; of a reader that was opened with `analyse`.
struct cffmpeg_tracks {
    int is_h264;
    int profile, level;       // as the codec numbers them; -99 where unknown
    int is_420_of_8_bits;
    int is_progressive;       // or not known to be anything else
    int64_t video_bit_rate;   // bits a second; 0 where unknown
    int has_audio;            // there is sound, and a decoder for it
    int is_aac_lc;
    int channels, sample_rate;
};
void cffmpeg_describe_tracks(const struct cffmpeg_reader *reader, struct cffmpeg_tracks *tracks);

struct cffmpeg_web_options {
    int output;               // a descriptor, empty, open for reading and writing
    int64_t output_bytes;     // may be written at most
    int64_t milliseconds;     // it may take at most, whatever its header says
    int copies_video, copies_audio;
    int is_segmented;         // cffmpeg_write_segments follows
    uint32_t width, height;   // of encoded frames, in stored axes, both even
    const char *preset;       // libx264's
    int quality;              // its constant rate factor
    int64_t video_bit_rate, audio_bit_rate; // bits a second, at most
    double frame_rate;        // at most
    int threads;              // of the encoder
    // ITU-T H.273, of what is written; where there is a cube they are BT.709's.
    int primaries, transfer, coefficients;
    int source_coefficients;
    // High dynamic range to BT.709: RGB at cube_side³ points, red slowest; NULL where there is nothing to map.
    const uint8_t *cube;
    int cube_side;
    // Called with the milliseconds done, about once a second at least; anything but 0 stops.
    int (*progress)(void *context, int64_t milliseconds);
    void *context;
};
struct cffmpeg_written {
    int64_t frames;
    int64_t milliseconds;     // from the beginning to the end of the last frame
    int lacks_audio;          // there is sound, and it could not be carried over
};
// Writes an MP4 that browsers play: H.264 and AAC, index first, without any of the source's metadata.
// cffmpeg_end: stopped. cffmpeg_unsupported: no encoder here. cffmpeg_full: more than output_bytes.
// cffmpeg_too_long: more than milliseconds. cffmpeg_encode: the picture is to be encoded, as a player that is sent to one of its keyframes
// could not go on from there, or as segments would show what an edit list cuts away.
// Its time begins at 0, whatever the source's clock says; picture and sound stay together.
enum cffmpeg_status cffmpeg_write_web(struct cffmpeg_reader *reader, const struct cffmpeg_web_options *options, struct cffmpeg_written *written,
                                      char *message);

struct cffmpeg_segment {
    int64_t offset, size;     // bytes in the output
    int64_t duration;         // microseconds; 0 for what stands before the first segment
};
// Writes the tracks of an MP4 made by cffmpeg_write_web as fragmented MP4 (ISO/IEC 14496-12 section 8.8), one fragment a segment of HLS (RFC
// 8216), and tells each. `codecs` gets RFC 6381's name of what is in it.
enum cffmpeg_status cffmpeg_write_segments(struct cffmpeg_reader *reader, int output, int64_t output_bytes, int64_t milliseconds,
                                           void (*segment)(void *context, struct cffmpeg_segment segment), void *context,
                                           char codecs[CFFMPEG_NAME], char *message);

// Loads libavformat and its family, which the first use does otherwise. 0 where they are not there.
int cffmpeg_load(void);

// What runs, such as "59.37.100"; "missing" where it is not there.
const char *cffmpeg_version(void);
#endif
