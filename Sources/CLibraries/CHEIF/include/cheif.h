#ifndef AGROVET_CHEIF_H
#define AGROVET_CHEIF_H
#include <libheif/heif.h>

// Loads libheif with its codecs; none of its functions may be called before. Returns 0 where it is not there.
int cheif_load(void);
#endif
