#include "cpng_version.h"
#include <libdeflate.h>
#include <png.h>

const char *cpng_version(void) { return png_get_libpng_ver(NULL); }
const char *cpng_libdeflate_version(void) { return LIBDEFLATE_VERSION_STRING; }
