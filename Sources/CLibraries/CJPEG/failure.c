#include "failure.h"

static void fail(j_common_ptr codec) {
    struct failure *failure = (struct failure *)codec->err;
    codec->err->format_message(codec, failure->message);
    switch (codec->err->msg_code) {
    case JERR_OUT_OF_MEMORY: failure->status = cjpeg_no_memory; break;
    case JERR_SOF_UNSUPPORTED:
    case JERR_NOT_COMPILED:
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_COMPONENT_COUNT: failure->status = cjpeg_unsupported; break;
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF: failure->status = cjpeg_truncated; break;
    // What is wrong after the end of the bytes is made up by the source, not by the file.
    default: failure->status = failure->saw_end ? cjpeg_truncated : cjpeg_corrupt;
    }
    longjmp(failure->target, 1);
}

// Warnings are tolerated as viewers do, but for what tells of missing data; nothing is printed.
static void note(j_common_ptr codec, int level) {
    struct failure *failure = (struct failure *)codec->err;
    if (level >= 0) return;
    codec->err->num_warnings++;
    if (codec->err->msg_code == JWRN_JPEG_EOF) failure->saw_end = 1;
    if (codec->err->msg_code == JWRN_HIT_MARKER) failure->saw_gap = 1;
}

static void print_nothing(j_common_ptr codec) { (void)codec; }

void cjpeg_failure_init(struct failure *failure) {
    jpeg_std_error(&failure->manager);
    failure->manager.error_exit = fail;
    failure->manager.emit_message = note;
    failure->manager.output_message = print_nothing;
    failure->status = cjpeg_ok;
    failure->saw_end = failure->saw_gap = 0;
    failure->message[0] = 0;
}
