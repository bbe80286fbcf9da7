#ifndef AGROVET_CPNG_VERSION_H
#define AGROVET_CPNG_VERSION_H
// libpng's version, such as "1.6.39".
const char *cpng_version(void);
// libdeflate's, of its header, such as "1.14": the library itself does not tell.
const char *cpng_libdeflate_version(void);
#endif
