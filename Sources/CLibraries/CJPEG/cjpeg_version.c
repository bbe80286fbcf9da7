#include "cjpeg_version.h"
#include <stdio.h>
#include <jpeglib.h>

#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)

const char *cjpeg_version(void) {
#ifdef LIBJPEG_TURBO_VERSION
    return "libjpeg-turbo " TEXT_OF(LIBJPEG_TURBO_VERSION);
#else
    return "libjpeg " TEXT_OF(JPEG_LIB_VERSION);
#endif
}
