#ifndef AGROVET_CPNG_VERSION_H
#define AGROVET_CPNG_VERSION_H
// libpng's version, such as "1.6.39".
const char *cpng_version(void);
#endif
