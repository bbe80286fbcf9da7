#include "cgif_version.h"
#include <gif_lib.h>

#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)

const char *cgif_version(void) { return TEXT_OF(GIFLIB_MAJOR) "." TEXT_OF(GIFLIB_MINOR) "." TEXT_OF(GIFLIB_RELEASE); }
