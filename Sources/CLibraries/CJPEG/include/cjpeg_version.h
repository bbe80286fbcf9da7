#ifndef AGROVET_CJPEG_VERSION_H
#define AGROVET_CJPEG_VERSION_H
// What was compiled against, such as "libjpeg-turbo 2.1.5".
const char *cjpeg_version(void);
#endif
