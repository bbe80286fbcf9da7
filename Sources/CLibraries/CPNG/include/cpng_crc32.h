#ifndef AGROVET_CPNG_CRC32_H
#define AGROVET_CPNG_CRC32_H
#include <stddef.h>
#include <stdint.h>
// The CRC-32 of PNG chunks (ISO 3309), by zlib.
uint32_t cpng_crc32(const void *bytes, size_t size);
#endif
