// The insides of libjpeg-turbo, which it installs a header for, in the versions whose ways are known: the decoder's modules are
// structures of functions that may be exchanged.
#ifndef AGROVET_CJPEG_INSIDES_H
#define AGROVET_CJPEG_INSIDES_H
#include <stdio.h>
#include <jpeglib.h>

#if defined(LIBJPEG_TURBO_VERSION_NUMBER) && LIBJPEG_TURBO_VERSION_NUMBER >= 2000000 && LIBJPEG_TURBO_VERSION_NUMBER < 3000000 \
    && JPEG_LIB_VERSION < 70 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && __has_include(<jpegint.h>)
#include <jpegint.h>
#define CJPEG_KNOWS_INSIDES 1
#else
#define CJPEG_KNOWS_INSIDES 0
#endif
#endif
