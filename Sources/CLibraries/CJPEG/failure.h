// How libjpeg's errors end a call: by a jump back to the function of this shim that made it.
#ifndef AGROVET_CJPEG_FAILURE_H
#define AGROVET_CJPEG_FAILURE_H
#include "cjpeg.h"
#include <setjmp.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

struct failure {
    struct jpeg_error_mgr manager; // first, so that libjpeg's pointer to it is one to this
    jmp_buf target;
    enum cjpeg_status status;
    int saw_end;    // the source ran out of bytes
    int saw_gap;    // entropy-coded data ended before its MCUs did
    char message[JMSG_LENGTH_MAX];
};

void cjpeg_failure_init(struct failure *failure);
#endif
