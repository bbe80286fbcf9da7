#include "tables.h"

// Folding by carry-less multiplication: four registers of 128 bits run over the data, each multiplied by the power of x that moves it to
// where the next 64 bytes stand, modulo the polynomial. What is left at the end goes through the table.
// The bits are reflected, so that a product of two values comes out multiplied by x once more; the constants are one power lower for it.
#if defined(__x86_64__)
#include <immintrin.h>

int cchecksum_can_fold(void) { return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1"); }
int cchecksum_has_crc32c_instruction(void) { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("pclmul,sse4.1"))) static inline __m128i fold(__m128i value, __m128i by, __m128i onto) {
    __m128i low = _mm_clmulepi64_si128(value, by, 0x00), high = _mm_clmulepi64_si128(value, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

__attribute__((target("pclmul,sse4.1"))) uint64_t
cchecksum_by_folding(const struct crc *crc, uint64_t state, const uint8_t *bytes, size_t count) {
    const __m128i *next = (const __m128i *)bytes;
    __m128i by[4];
    for (int i = 0; i < 4; i++) by[i] = _mm_loadu_si128((const __m128i *)crc->fold[i]);
    __m128i a = _mm_xor_si128(_mm_loadu_si128(next), _mm_set_epi64x(0, (long long)state));
    __m128i b = _mm_loadu_si128(next + 1), c = _mm_loadu_si128(next + 2), d = _mm_loadu_si128(next + 3);
    next += 4;
    count -= 64;
    for (; count >= 64; count -= 64, next += 4) {
        a = fold(a, by[3], _mm_loadu_si128(next));
        b = fold(b, by[3], _mm_loadu_si128(next + 1));
        c = fold(c, by[3], _mm_loadu_si128(next + 2));
        d = fold(d, by[3], _mm_loadu_si128(next + 3));
    }
    a = fold(a, by[2], fold(b, by[1], fold(c, by[0], d)));
    for (; count >= 16; count -= 16) a = fold(a, by[0], _mm_loadu_si128(next++));
    uint8_t rest[16];
    _mm_storeu_si128((__m128i *)rest, a);
    return cchecksum_by_table(crc, 0, rest, 16);
}

__attribute__((target("sse4.2"))) uint64_t cchecksum_crc32c_instruction(uint64_t state, const uint8_t *bytes, size_t count) {
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        __builtin_memcpy(&word, bytes, 8);
        state = _mm_crc32_u64(state, word);
    }
    for (; count > 0; bytes++, count--) state = _mm_crc32_u8((uint32_t)state, *bytes);
    return state;
}

#else

int cchecksum_can_fold(void) { return 0; }
int cchecksum_has_crc32c_instruction(void) { return 0; }
uint64_t cchecksum_by_folding(const struct crc *crc, uint64_t state, const uint8_t *bytes, size_t count) {
    return cchecksum_by_table(crc, state, bytes, count);
}
uint64_t cchecksum_crc32c_instruction(uint64_t state, const uint8_t *bytes, size_t count) {
    return cchecksum_by_table(&cchecksum_crcs[CRC32C], state, bytes, count);
}

#endif
