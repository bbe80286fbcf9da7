#ifndef AGROVET_CFFMPEG_LIBRARIES_H
#define AGROVET_CFFMPEG_LIBRARIES_H
// libavformat and its family, loaded when the first video comes: with all that they depend on they take more memory than a photo's
// job, and a process that never sees a video does without. This header stands in for theirs: it comes first, and alone.
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/avstring.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#define LIBRARY_FUNCTIONS(X) \
    X(av_audio_fifo_alloc) \
    X(av_audio_fifo_free) \
    X(av_audio_fifo_read) \
    X(av_audio_fifo_size) \
    X(av_audio_fifo_write) \
    X(av_calloc) \
    X(av_channel_layout_compare) \
    X(av_channel_layout_copy) \
    X(av_channel_layout_default) \
    X(av_channel_layout_uninit) \
    X(av_compare_ts) \
    X(av_d2q) \
    X(av_dict_free) \
    X(av_dict_set) \
    X(av_dict_set_int) \
    X(av_find_best_stream) \
    X(av_find_input_format) \
    X(av_frame_alloc) \
    X(av_frame_free) \
    X(av_frame_get_buffer) \
    X(av_frame_ref) \
    X(av_frame_unref) \
    X(av_free) \
    X(av_freep) \
    X(av_guess_frame_rate) \
    X(av_guess_sample_aspect_ratio) \
    X(av_image_copy) \
    X(av_interleaved_write_frame) \
    X(av_log_set_callback) \
    X(av_malloc) \
    X(av_mallocz) \
    X(av_match_list) \
    X(av_max_alloc) \
    X(av_memdup) \
    X(av_opt_set) \
    X(av_opt_set_double) \
    X(av_packet_alloc) \
    X(av_packet_free) \
    X(av_packet_ref) \
    X(av_packet_rescale_ts) \
    X(av_packet_unref) \
    X(av_pix_fmt_desc_get) \
    X(av_read_frame) \
    X(av_rescale) \
    X(av_rescale_q) \
    X(av_seek_frame) \
    X(av_strdup) \
    X(av_stream_add_side_data) \
    X(av_stream_get_side_data) \
    X(av_write_frame) \
    X(av_write_trailer) \
    X(avcodec_alloc_context3) \
    X(avcodec_find_decoder) \
    X(avcodec_find_encoder) \
    X(avcodec_find_encoder_by_name) \
    X(avcodec_flush_buffers) \
    X(avcodec_free_context) \
    X(avcodec_get_name) \
    X(avcodec_open2) \
    X(avcodec_parameters_copy) \
    X(avcodec_parameters_from_context) \
    X(avcodec_parameters_to_context) \
    X(avcodec_receive_frame) \
    X(avcodec_receive_packet) \
    X(avcodec_send_frame) \
    X(avcodec_send_packet) \
    X(avcodec_version) \
    X(avformat_alloc_context) \
    X(avformat_alloc_output_context2) \
    X(avformat_close_input) \
    X(avformat_find_stream_info) \
    X(avformat_free_context) \
    X(avformat_get_class) \
    X(avformat_new_stream) \
    X(avformat_open_input) \
    X(avformat_write_header) \
    X(avio_alloc_context) \
    X(avio_context_free) \
    X(avio_flush) \
    X(avio_seek) \
    X(swr_alloc_set_opts2) \
    X(swr_convert) \
    X(swr_free) \
    X(swr_get_delay) \
    X(swr_get_out_samples) \
    X(swr_init) \
    X(sws_freeContext) \
    X(sws_getCachedContext) \
    X(sws_getCoefficients) \
    X(sws_getContext) \
    X(sws_isSupportedInput) \
    X(sws_scale) \
    X(sws_setColorspaceDetails)

#define DECLARE(name) __typeof__(&name) name;
struct libraries {
    LIBRARY_FUNCTIONS(DECLARE)
};
#undef DECLARE
extern struct libraries cffmpeg_libraries;

// 0 where they are not there, or are of another version than this was built with.
int cffmpeg_load(void);

#ifndef CFFMPEG_WITHOUT_NAMES
// An inline function of theirs, which calls what is not linked.
#define avio_tell(io) avio_seek(io, 0, SEEK_CUR)
#define av_audio_fifo_alloc cffmpeg_libraries.av_audio_fifo_alloc
#define av_audio_fifo_free cffmpeg_libraries.av_audio_fifo_free
#define av_audio_fifo_read cffmpeg_libraries.av_audio_fifo_read
#define av_audio_fifo_size cffmpeg_libraries.av_audio_fifo_size
#define av_audio_fifo_write cffmpeg_libraries.av_audio_fifo_write
#define av_calloc cffmpeg_libraries.av_calloc
#define av_channel_layout_compare cffmpeg_libraries.av_channel_layout_compare
#define av_channel_layout_copy cffmpeg_libraries.av_channel_layout_copy
#define av_channel_layout_default cffmpeg_libraries.av_channel_layout_default
#define av_channel_layout_uninit cffmpeg_libraries.av_channel_layout_uninit
#define av_compare_ts cffmpeg_libraries.av_compare_ts
#define av_d2q cffmpeg_libraries.av_d2q
#define av_dict_free cffmpeg_libraries.av_dict_free
#define av_dict_set cffmpeg_libraries.av_dict_set
#define av_dict_set_int cffmpeg_libraries.av_dict_set_int
#define av_find_best_stream cffmpeg_libraries.av_find_best_stream
#define av_find_input_format cffmpeg_libraries.av_find_input_format
#define av_frame_alloc cffmpeg_libraries.av_frame_alloc
#define av_frame_free cffmpeg_libraries.av_frame_free
#define av_frame_get_buffer cffmpeg_libraries.av_frame_get_buffer
#define av_frame_ref cffmpeg_libraries.av_frame_ref
#define av_frame_unref cffmpeg_libraries.av_frame_unref
#define av_free cffmpeg_libraries.av_free
#define av_freep cffmpeg_libraries.av_freep
#define av_guess_frame_rate cffmpeg_libraries.av_guess_frame_rate
#define av_guess_sample_aspect_ratio cffmpeg_libraries.av_guess_sample_aspect_ratio
#define av_image_copy cffmpeg_libraries.av_image_copy
#define av_interleaved_write_frame cffmpeg_libraries.av_interleaved_write_frame
#define av_log_set_callback cffmpeg_libraries.av_log_set_callback
#define av_malloc cffmpeg_libraries.av_malloc
#define av_mallocz cffmpeg_libraries.av_mallocz
#define av_match_list cffmpeg_libraries.av_match_list
#define av_max_alloc cffmpeg_libraries.av_max_alloc
#define av_memdup cffmpeg_libraries.av_memdup
#define av_opt_set cffmpeg_libraries.av_opt_set
#define av_opt_set_double cffmpeg_libraries.av_opt_set_double
#define av_packet_alloc cffmpeg_libraries.av_packet_alloc
#define av_packet_free cffmpeg_libraries.av_packet_free
#define av_packet_ref cffmpeg_libraries.av_packet_ref
#define av_packet_rescale_ts cffmpeg_libraries.av_packet_rescale_ts
#define av_packet_unref cffmpeg_libraries.av_packet_unref
#define av_pix_fmt_desc_get cffmpeg_libraries.av_pix_fmt_desc_get
#define av_read_frame cffmpeg_libraries.av_read_frame
#define av_rescale cffmpeg_libraries.av_rescale
#define av_rescale_q cffmpeg_libraries.av_rescale_q
#define av_seek_frame cffmpeg_libraries.av_seek_frame
#define av_strdup cffmpeg_libraries.av_strdup
#define av_stream_add_side_data cffmpeg_libraries.av_stream_add_side_data
#define av_stream_get_side_data cffmpeg_libraries.av_stream_get_side_data
#define av_write_frame cffmpeg_libraries.av_write_frame
#define av_write_trailer cffmpeg_libraries.av_write_trailer
#define avcodec_alloc_context3 cffmpeg_libraries.avcodec_alloc_context3
#define avcodec_find_decoder cffmpeg_libraries.avcodec_find_decoder
#define avcodec_find_encoder cffmpeg_libraries.avcodec_find_encoder
#define avcodec_find_encoder_by_name cffmpeg_libraries.avcodec_find_encoder_by_name
#define avcodec_flush_buffers cffmpeg_libraries.avcodec_flush_buffers
#define avcodec_free_context cffmpeg_libraries.avcodec_free_context
#define avcodec_get_name cffmpeg_libraries.avcodec_get_name
#define avcodec_open2 cffmpeg_libraries.avcodec_open2
#define avcodec_parameters_copy cffmpeg_libraries.avcodec_parameters_copy
#define avcodec_parameters_from_context cffmpeg_libraries.avcodec_parameters_from_context
#define avcodec_parameters_to_context cffmpeg_libraries.avcodec_parameters_to_context
#define avcodec_receive_frame cffmpeg_libraries.avcodec_receive_frame
#define avcodec_receive_packet cffmpeg_libraries.avcodec_receive_packet
#define avcodec_send_frame cffmpeg_libraries.avcodec_send_frame
#define avcodec_send_packet cffmpeg_libraries.avcodec_send_packet
#define avcodec_version cffmpeg_libraries.avcodec_version
#define avformat_alloc_context cffmpeg_libraries.avformat_alloc_context
#define avformat_alloc_output_context2 cffmpeg_libraries.avformat_alloc_output_context2
#define avformat_close_input cffmpeg_libraries.avformat_close_input
#define avformat_find_stream_info cffmpeg_libraries.avformat_find_stream_info
#define avformat_free_context cffmpeg_libraries.avformat_free_context
#define avformat_get_class cffmpeg_libraries.avformat_get_class
#define avformat_new_stream cffmpeg_libraries.avformat_new_stream
#define avformat_open_input cffmpeg_libraries.avformat_open_input
#define avformat_write_header cffmpeg_libraries.avformat_write_header
#define avio_alloc_context cffmpeg_libraries.avio_alloc_context
#define avio_context_free cffmpeg_libraries.avio_context_free
#define avio_flush cffmpeg_libraries.avio_flush
#define avio_seek cffmpeg_libraries.avio_seek
#define swr_alloc_set_opts2 cffmpeg_libraries.swr_alloc_set_opts2
#define swr_convert cffmpeg_libraries.swr_convert
#define swr_free cffmpeg_libraries.swr_free
#define swr_get_delay cffmpeg_libraries.swr_get_delay
#define swr_get_out_samples cffmpeg_libraries.swr_get_out_samples
#define swr_init cffmpeg_libraries.swr_init
#define sws_freeContext cffmpeg_libraries.sws_freeContext
#define sws_getCachedContext cffmpeg_libraries.sws_getCachedContext
#define sws_getCoefficients cffmpeg_libraries.sws_getCoefficients
#define sws_getContext cffmpeg_libraries.sws_getContext
#define sws_isSupportedInput cffmpeg_libraries.sws_isSupportedInput
#define sws_scale cffmpeg_libraries.sws_scale
#define sws_setColorspaceDetails cffmpeg_libraries.sws_setColorspaceDetails
#endif
#endif
