#include "cmd5.h"

#include <string.h>

// Words are read as the machine has them.
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "MD5 reads little-endian words"
#endif

typedef uint32_t v4 __attribute__((vector_size(16)));
typedef uint32_t v8 __attribute__((vector_size(32)));
typedef uint32_t v16 __attribute__((vector_size(64)));

static void update_one(cmd5_state *state, const uint8_t *data, size_t blocks) {
    uint32_t a = state->words[0], b = state->words[1], c = state->words[2], d = state->words[3];
    for (; blocks > 0; blocks--, data += 64) {
        uint32_t w[16];
        memcpy(w, data, 64);
        uint32_t before[4] = {a, b, c, d};
#define IS_SCALAR
#include "steps.h"
#undef IS_SCALAR
        a += before[0];
        b += before[1];
        c += before[2];
        d += before[3];
    }
    *state = (cmd5_state){{a, b, c, d}};
}

// Four words of each of four streams, turned so that each vector holds one word of all of them.
#define TURN_4(to, r0, r1, r2, r3) \
    do { \
        v4 t0 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), t1 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7); \
        v4 t2 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), t3 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7); \
        (to)[0] = __builtin_shufflevector(t0, t2, 0, 1, 4, 5); \
        (to)[1] = __builtin_shufflevector(t0, t2, 2, 3, 6, 7); \
        (to)[2] = __builtin_shufflevector(t1, t3, 0, 1, 4, 5); \
        (to)[3] = __builtin_shufflevector(t1, t3, 2, 3, 6, 7); \
    } while (0)

// The same for eight words of each of eight streams.
#define LOW(x, y) __builtin_shufflevector(x, y, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(x, y) __builtin_shufflevector(x, y, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_PAIRS(x, y) __builtin_shufflevector(x, y, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_PAIRS(x, y) __builtin_shufflevector(x, y, 2, 3, 10, 11, 6, 7, 14, 15)
#define FIRST_HALVES(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 8, 9, 10, 11)
#define SECOND_HALVES(x, y) __builtin_shufflevector(x, y, 4, 5, 6, 7, 12, 13, 14, 15)
#define TURN_8(to, r) \
    do { \
        v8 t[8], u[8]; \
        for (int i = 0; i < 4; i++) { \
            t[2 * i] = LOW((r)[2 * i], (r)[2 * i + 1]); \
            t[2 * i + 1] = HIGH((r)[2 * i], (r)[2 * i + 1]); \
        } \
        for (int i = 0; i < 2; i++) { \
            u[4 * i] = LOW_PAIRS(t[4 * i], t[4 * i + 2]); \
            u[4 * i + 1] = HIGH_PAIRS(t[4 * i], t[4 * i + 2]); \
            u[4 * i + 2] = LOW_PAIRS(t[4 * i + 1], t[4 * i + 3]); \
            u[4 * i + 3] = HIGH_PAIRS(t[4 * i + 1], t[4 * i + 3]); \
        } \
        for (int i = 0; i < 4; i++) { \
            (to)[i] = FIRST_HALVES(u[i], u[4 + i]); \
            (to)[4 + i] = SECOND_HALVES(u[i], u[4 + i]); \
        } \
    } while (0)


// Words of the next block of four streams.
#define LOAD_4(w, from, at) \
    do { \
        for (int part = 0; part < 4; part++) { \
            v4 rows[4]; \
            for (int lane = 0; lane < 4; lane++) memcpy(&rows[lane], (from)[lane] + (at) + 16 * part, 16); \
            TURN_4((w) + 4 * part, rows[0], rows[1], rows[2], rows[3]); \
        } \
    } while (0)

#define LOAD_8(w, from, at) \
    do { \
        for (int part = 0; part < 2; part++) { \
            v8 rows[8]; \
            for (int lane = 0; lane < 8; lane++) memcpy(&rows[lane], (from)[lane] + (at) + 32 * part, 32); \
            TURN_8((w) + 8 * part, rows); \
        } \
    } while (0)

#define LOAD_16(w, from, at) \
    do { \
        v8 first[16], second[16]; \
        LOAD_8(first, from, at); \
        LOAD_8(second, (from) + 8, at); \
        for (int i = 0; i < 16; i++) \
            (w)[i] = __builtin_shufflevector(first[i], second[i], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); \
    } while (0)

#define NAME update_4
#define VECTOR v4
#define COUNT 4
#define TARGET
#define LOAD LOAD_4
#include "lanes.h"

#if defined(__x86_64__)
#define NAME update_8
#define VECTOR v8
#define COUNT 8
#define TARGET __attribute__((target("avx2")))
#define LOAD LOAD_8
#include "lanes.h"

#define NAME update_16
#define VECTOR v16
#define COUNT 16
#define TARGET __attribute__((target("avx512f,avx512vl")))
#define LOAD LOAD_16
#include "lanes.h"

static int has_avx512(void) { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"); }

size_t cmd5_lanes(void) { return has_avx512() ? 16 : __builtin_cpu_supports("avx2") ? 8 : 4; }
#else
size_t cmd5_lanes(void) { return 4; }
#endif

void cmd5_update(cmd5_state *states, const uint8_t *const *data, size_t count, size_t blocks) {
    if (count == 0) return;
    if (count == 1) return update_one(states, data[0], blocks);
#if defined(__x86_64__)
    if (count > 4) {
        if (has_avx512()) return update_16(states, data, count, blocks);
        if (__builtin_cpu_supports("avx2")) return update_8(states, data, count, blocks);
    }
#endif
    update_4(states, data, count, blocks);
}
