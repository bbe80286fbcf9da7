#include "cchecksum.h"
#include "tables.h"
#include <pthread.h>
#include <string.h>

struct crc cchecksum_crcs[3] = {
    [CRC32] = {.polynomial = 0xEDB88320u, .degree = 32},
    [CRC32C] = {.polynomial = 0x82F63B78u, .degree = 32},
    [CRC64NVME] = {.polynomial = 0x9A6C9329AC4BC9B5u, .degree = 64},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int can_fold, has_crc32c;

// x^power modulo the polynomial, reflected in 64 bits: bit 63 is x^0.
static uint64_t power_of_x(const struct crc *crc, int power) {
    uint64_t polynomial = crc->polynomial << (64 - crc->degree);
    uint64_t lowest = UINT64_C(1) << (64 - crc->degree), value = UINT64_C(1) << 63;
    for (int i = 0; i < power; i++) {
        int overflows = (value & lowest) != 0;
        value >>= 1;
        if (overflows) value = (value & ~(lowest - 1)) ^ polynomial;
    }
    return value;
}

static void prepare_one(struct crc *crc) {
    for (int byte = 0; byte < 256; byte++) {
        uint64_t value = (uint64_t)byte;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ crc->polynomial : value >> 1;
        crc->table[0][byte] = value;
    }
    for (int slice = 1; slice < 8; slice++)
        for (int byte = 0; byte < 256; byte++) {
            uint64_t before = crc->table[slice - 1][byte];
            crc->table[slice][byte] = before >> 8 ^ crc->table[0][before & 0xFF];
        }
    for (int i = 0; i < 4; i++) {
        int distance = 128 * (i + 1);
        crc->fold[i][0] = power_of_x(crc, distance + 63);
        crc->fold[i][1] = power_of_x(crc, distance - 1);
    }
}

static void prepare(void) {
    for (int i = 0; i < 3; i++) prepare_one(&cchecksum_crcs[i]);
    can_fold = cchecksum_can_fold();
    has_crc32c = cchecksum_has_crc32c_instruction();
}

void cchecksum_set_accelerated(int accelerated) {
    pthread_once(&once, prepare);
    can_fold = accelerated && cchecksum_can_fold();
    has_crc32c = accelerated && cchecksum_has_crc32c_instruction();
}

uint64_t cchecksum_by_table(const struct crc *crc, uint64_t state, const uint8_t *bytes, size_t count) {
    const uint64_t(*table)[256] = crc->table;
    for (; count >= 8; bytes += 8, count -= 8) {
        // Little-endian whatever the machine is.
        uint64_t word = 0;
        for (int i = 0; i < 8; i++) word |= (uint64_t)bytes[i] << (8 * i);
        word ^= state;
        state = table[7][word & 0xFF] ^ table[6][word >> 8 & 0xFF] ^ table[5][word >> 16 & 0xFF] ^ table[4][word >> 24 & 0xFF] ^
                table[3][word >> 32 & 0xFF] ^ table[2][word >> 40 & 0xFF] ^ table[1][word >> 48 & 0xFF] ^ table[0][word >> 56];
    }
    for (; count > 0; bytes++, count--) state = state >> 8 ^ table[0][(state ^ *bytes) & 0xFF];
    return state;
}

static uint64_t update(int kind, uint64_t state, const uint8_t *bytes, size_t count) {
    pthread_once(&once, prepare);
    const struct crc *crc = &cchecksum_crcs[kind];
    if (kind == CRC32C && has_crc32c) return cchecksum_crc32c_instruction(state, bytes, count);
    if (can_fold && count >= 64) {
        size_t whole = count & ~(size_t)15;
        state = cchecksum_by_folding(crc, state, bytes, whole);
        bytes += whole;
        count -= whole;
    }
    return cchecksum_by_table(crc, state, bytes, count);
}

uint32_t cchecksum_crc32(uint32_t crc, const void *bytes, size_t count) {
    return ~(uint32_t)update(CRC32, (uint32_t)~crc, bytes, count);
}

uint32_t cchecksum_crc32c(uint32_t crc, const void *bytes, size_t count) {
    return ~(uint32_t)update(CRC32C, (uint32_t)~crc, bytes, count);
}

uint64_t cchecksum_crc64nvme(uint64_t crc, const void *bytes, size_t count) { return ~update(CRC64NVME, ~crc, bytes, count); }
