#ifndef AGROVET_CCHECKSUM_H
#define AGROVET_CCHECKSUM_H
#include <stddef.h>
#include <stdint.h>

// The three cyclic redundancy checks of S3, each continued from the value of the bytes before (0 at the beginning), with the
// processor's instructions for it where it has them. Safe to call from any thread.

// CRC-32 of ISO 3309 (zlib's). Check value of "123456789": cbf43926.
uint32_t cchecksum_crc32(uint32_t crc, const void *bytes, size_t count);

// CRC-32C of Castagnoli (RFC 3720). Check value: e3069283.
uint32_t cchecksum_crc32c(uint32_t crc, const void *bytes, size_t count);

// CRC-64/NVME. Check value: ae8b14860a799888.
uint64_t cchecksum_crc64nvme(uint64_t crc, const void *bytes, size_t count);

// Whether what follows is done by the processor's instructions; 0 makes the functions use tables alone, for tests. Not for use while
// others compute.
void cchecksum_set_accelerated(int accelerated);

#endif
