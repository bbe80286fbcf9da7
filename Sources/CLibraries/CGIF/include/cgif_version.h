#ifndef AGROVET_CGIF_VERSION_H
#define AGROVET_CGIF_VERSION_H
// What was compiled against, such as "5.2.1".
const char *cgif_version(void);
#endif
