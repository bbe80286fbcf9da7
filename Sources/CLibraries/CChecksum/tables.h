#ifndef AGROVET_CCHECKSUM_TABLES_H
#define AGROVET_CCHECKSUM_TABLES_H
#include <stddef.h>
#include <stdint.h>

// A check whose bits are reflected, in a register of 64 bits. Values of 32 bits stand in the lower half.
struct crc {
    uint64_t polynomial;     // reflected, without its highest term
    int degree;              // 32 or 64
    uint64_t table[8][256];  // slicing by 8
    uint64_t fold[4][2];     // x^(distance + 63) and x^(distance - 1) modulo the polynomial, for distances of 128, 256, 384 and 512 bits
};

extern struct crc cchecksum_crcs[3];
enum { CRC32, CRC32C, CRC64NVME };

// By tables; `state` is the register itself, without the inversions at both ends.
uint64_t cchecksum_by_table(const struct crc *crc, uint64_t state, const uint8_t *bytes, size_t count);

// By the processor; handles a multiple of 16 bytes, at least 64.
uint64_t cchecksum_by_folding(const struct crc *crc, uint64_t state, const uint8_t *bytes, size_t count);
int cchecksum_can_fold(void);

uint64_t cchecksum_crc32c_instruction(uint64_t state, const uint8_t *bytes, size_t count);
int cchecksum_has_crc32c_instruction(void);

#endif
