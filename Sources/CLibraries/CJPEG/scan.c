#include "scan.h"
#include "insides.h"
#include <stdlib.h>
#include <string.h>

#if CJPEG_KNOWS_INSIDES

// ISO/IEC 10918-1 annex F.2.2, with one look-up for a code and the value behind it, from bytes that are freed of their stuffing
// first. libjpeg's own decoder takes nearly twice as long, more than all the rest of decoding a photo at a reduced scale.

// Bits that a look-up sees: most codes with their values have fewer, often two together, and the tables stay in the nearest cache.
#define LOOK 11

// What the next bits mean: one code with the value behind it, or two. From the lowest bit: how many bits both have (6), the kind
// (2), the zeros before the first value (8), how far behind it the second value is, 0 where there is none (8), how many bits
// the first has (8), the first value and the second (16 each, signed); where there is no second it is the first again.
typedef uint64_t meaning;
enum kind {
    whole = 0, // code and value, both seen; or the end of the block, as more zeros than there are
    code_only, // the code was seen; the value's size stands where the value would
    no_code,   // longer than what was seen, or none at all
};
#define BITS(m) ((int)((m) & 63))
#define KIND(m) ((enum kind)((m) >> 6 & 3))
#define ZEROS(m) ((int)((m) >> 8 & 255))
#define SECOND(m) ((int)((m) >> 16 & 255))
#define FIRST_BITS(m) ((int)((m) >> 24 & 255))
#define VALUE(m) ((int16_t)((m) >> 32))
#define SECOND_VALUE(m) ((int16_t)((m) >> 48))
#define END_OF_BLOCK 128

static inline meaning make_meaning(int value, int zeros, int bits, enum kind kind) {
    uint64_t value_bits = (uint16_t)value;
    return value_bits << 48 | value_bits << 32 | (uint64_t)bits << 24 | (uint64_t)zeros << 8 | (uint64_t)kind << 6 | (uint64_t)bits;
}

struct table {
    meaning meanings[1 << LOOK];
    // By a code's length: the first code that is longer, as the leading bits of 16, and what to add to a code for its symbol.
    uint32_t beyond[17];
    int32_t offset[17];
    uint8_t symbols[256];
    int is_dc;
};

// No MCU has more bytes: ten blocks of 64 codes and values, each at most 16 and 15 bits.
#define MOST_MCU_BYTES (D_MAX_BLOCKS_IN_MCU * DCTSIZE2 * 31 / 8 + 1)
#define CHUNK_BYTES (1 << 15)

struct scan {
    // Of the file, what was not taken into the chunk.
    const uint8_t *file, *file_end;
    // Without stuffing; zeros follow where the data ends, for as long as an MCU may read on.
    uint8_t chunk[CHUNK_BYTES + MOST_MCU_BYTES + 8];
    size_t chunk_size;
    int chunk_is_last; // a marker or the file's end comes behind it
    size_t next;       // in the chunk
    uint64_t bits;     // those before `next` that were not used yet, from the highest; others of the same bytes may follow
    int count;         // how many
    uint32_t dc[MAX_COMPS_IN_SCAN];
    unsigned until_restart, restarts;
    const struct table *dc_tables[D_MAX_BLOCKS_IN_MCU], *ac_tables[D_MAX_BLOCKS_IN_MCU];
    struct table *tables[2][NUM_HUFF_TBLS];
    struct failure *failure;
    int *gave_up;
};

static const uint8_t zigzag[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

_Noreturn static void give_up(struct scan *scan) {
    *scan->gave_up = 1;
    longjmp(scan->failure->target, 1);
}

// F.2.2.1, EXTEND: `size` bits as they stand, made signed.
static inline int32_t extend(uint32_t bits, int size) {
    return (int32_t)bits - (size && !(bits >> (size - 1)) ? (1 << size) - 1 : 0);
}

// What `symbol`, coded in `length` bits, means where these bits (of LOOK) begin.
static meaning meaning_of(int symbol, int length, uint32_t seen, int is_dc) {
    int zeros = is_dc ? 0 : symbol >> 4, size = is_dc ? symbol : symbol & 15;
    if (!is_dc && size == 0) {
        // Sixteen zeros: fifteen and one that is a value.
        return make_meaning(0, zeros == 15 ? 15 : END_OF_BLOCK, length, whole);
    }
    if (length + size > LOOK) return make_meaning(size, zeros, length, code_only);
    uint32_t value = seen >> (LOOK - length - size) & ((1u << size) - 1);
    return make_meaning(extend(value, size), zeros, length + size, whole);
}

// Where a second code and its value are seen behind the first, both are told at once.
static void join_pairs(struct table *table) {
    meaning single[1 << LOOK];
    memcpy(single, table->meanings, sizeof single);
    for (uint32_t i = 0; i < 1 << LOOK; i++) {
        meaning first = single[i];
        if (KIND(first) != whole || ZEROS(first) == END_OF_BLOCK) continue;
        meaning second = single[i << BITS(first) & ((1 << LOOK) - 1)];
        int bits = BITS(first) + BITS(second);
        if (KIND(second) != whole || bits > LOOK) continue;
        int distance = ZEROS(second) == END_OF_BLOCK ? END_OF_BLOCK : ZEROS(second) + 1;
        table->meanings[i] = (first & 0x0000FFFFFF00FFC0) | (uint64_t)(uint16_t)VALUE(second) << 48 | (uint64_t)distance << 16 | (uint64_t)bits;
    }
}

// Annex C. libjpeg has looked the table over by now; one that it should not have passed is left to it.
static struct table *make_table(const JHUFF_TBL *source, int is_dc) {
    struct table *table = malloc(sizeof *table);
    if (!table) return NULL;
    table->is_dc = is_dc;
    memcpy(table->symbols, source->huffval, sizeof table->symbols);
    for (int i = 0; i < 1 << LOOK; i++) table->meanings[i] = make_meaning(0, 0, 0, no_code);
    uint32_t code = 0, index = 0;
    for (int length = 1; length <= 16; length++, code <<= 1) {
        table->offset[length] = (int32_t)index - (int32_t)code;
        for (int i = 0; i < source->bits[length]; i++, code++, index++) {
            if (index > 255 || code >= 1u << length || (is_dc && source->huffval[index] > 15)) {
                free(table);
                return NULL;
            }
            if (length > LOOK) continue;
            uint32_t first = code << (LOOK - length), many = 1u << (LOOK - length);
            for (uint32_t k = first; k < first + many; k++)
                table->meanings[k] = meaning_of(source->huffval[index], length, k, is_dc);
        }
        table->beyond[length] = code << (16 - length);
    }
    if (!is_dc) join_pairs(table);
    return table;
}

// Fills the chunk up behind what was not read of it.
static void refill(struct scan *scan) {
    size_t rest = scan->chunk_size - scan->next;
    memmove(scan->chunk, scan->chunk + scan->next, rest);
    uint8_t *out = scan->chunk + rest, *out_end = scan->chunk + CHUNK_BYTES;
    const uint8_t *in = scan->file, *in_end = scan->file_end;
    while (out < out_end && !scan->chunk_is_last) {
        size_t room = (size_t)(out_end - out), left = (size_t)(in_end - in), most = room < left ? room : left;
        const uint8_t *mark = memchr(in, 0xFF, most);
        size_t count = mark ? (size_t)(mark - in) : most;
        memcpy(out, in, count);
        out += count;
        in += count;
        // B.1.1.5: a zero behind the byte says that it is data; any other byte makes it a marker.
        if (mark && in_end - in >= 2 && in[1] == 0) {
            *out++ = 0xFF;
            in += 2;
        } else if (mark || in == in_end) {
            scan->chunk_is_last = 1;
        }
    }
    scan->file = in;
    scan->chunk_size = (size_t)(out - scan->chunk);
    scan->next = 0;
    if (scan->chunk_is_last) memset(out, 0, MOST_MCU_BYTES + 8);
}

// A code that is longer than what is looked up, or one whose value is.
static __attribute__((noinline)) meaning rare_meaning(struct scan *scan, const struct table *table, uint64_t bits, meaning found) {
    for (int length = LOOK + 1; KIND(found) == no_code; length++) {
        if (length > 16) give_up(scan);
        uint32_t leading = (uint32_t)(bits >> 48);
        if (leading >= table->beyond[length]) continue;
        int symbol = table->symbols[((int32_t)(leading >> (16 - length)) + table->offset[length]) & 255];
        found = meaning_of(symbol, length, 0, table->is_dc);
    }
    if (KIND(found) == whole) return found;
    int size = VALUE(found), length = BITS(found);
    uint32_t value = (uint32_t)(bits << length >> 1 >> (63 - size));
    return make_meaning(extend(value, size), ZEROS(found), length + size, whole);
}

// E.2.4: the marker must be the next thing but for the bits that fill the last byte.
static void restart(j_decompress_ptr codec, struct scan *scan) {
    size_t bits_left = (scan->chunk_size - scan->next) * 8 + (size_t)scan->count;
    while (scan->file_end - scan->file >= 2 && scan->file[0] == 0xFF && scan->file[1] == 0xFF) scan->file++;
    int is_expected = scan->chunk_is_last && bits_left < 8 && scan->file_end - scan->file >= 2
                      && scan->file[1] == 0xD0 + scan->restarts % 8;
    if (!is_expected) give_up(scan);
    scan->file += 2;
    scan->restarts++;
    scan->until_restart = codec->restart_interval;
    scan->chunk_size = scan->next = scan->chunk_is_last = 0;
    scan->bits = 0;
    scan->count = 0;
    memset(scan->dc, 0, sizeof scan->dc);
}

// After this there are at least 56 bits.
#define FILL                                                \
    do {                                                    \
        uint64_t bytes;                                     \
        memcpy(&bytes, next, sizeof bytes);                 \
        bits |= __builtin_bswap64(bytes) >> count;          \
        next += (63 - count) >> 3;                          \
        count |= 56;                                        \
    } while (0)

// The next code and its value, of at most 31 bits.
#define TAKE(found, table)                                                                 \
    do {                                                                                   \
        found = (table)->meanings[bits >> (64 - LOOK)];                                    \
        if (__builtin_expect(KIND(found) != whole, 0)) found = rare_meaning(scan, table, bits, found); \
        bits <<= BITS(found);                                                              \
        count -= BITS(found);                                                              \
    } while (0)

static boolean decode_mcu(j_decompress_ptr codec, JBLOCKROW *blocks) {
    struct scan *scan = codec->client_data;
    if (codec->restart_interval) {
        if (scan->until_restart == 0) restart(codec, scan);
        scan->until_restart--;
    }
    if (!scan->chunk_is_last && scan->next + MOST_MCU_BYTES + 8 > scan->chunk_size) refill(scan);
    const uint8_t *next = scan->chunk + scan->next;
    uint64_t bits = scan->bits;
    int count = scan->count;
    for (int i = 0; i < codec->blocks_in_MCU; i++) {
        JCOEF *block = *blocks[i];
        meaning found;
        FILL;
        TAKE(found, scan->dc_tables[i]);
        uint32_t *dc = &scan->dc[codec->MCU_membership[i]];
        // Unsigned, as in damaged files it may grow without end.
        *dc += (uint32_t)VALUE(found);
        block[0] = (JCOEF)*dc;
        const struct table *table = scan->ac_tables[i];
        int k = 1;
        do {
            FILL;
            uint64_t bits_before = bits;
            int count_before = count;
            TAKE(found, table);
            k += ZEROS(found);
            int second = k + SECOND(found);
            if (second > 63) {
                if (k > 63 && k < END_OF_BLOCK) give_up(scan); // more zeros than there is room for
                if (k > 63) break;
                block[zigzag[k]] = VALUE(found);
                if (k == 63) {
                    // The block is complete: what follows is of the next one.
                    bits = bits_before << FIRST_BITS(found);
                    count = count_before - FIRST_BITS(found);
                } else if (SECOND(found) != END_OF_BLOCK) {
                    give_up(scan);
                }
                break;
            }
            block[zigzag[k]] = VALUE(found);
            block[zigzag[second]] = SECOND_VALUE(found);
            k = second + 1;
        } while (k < 64);
    }
    scan->next = (size_t)(next - scan->chunk);
    scan->bits = bits;
    scan->count = count;
    if (scan->next * 8 - (size_t)count > scan->chunk_size * 8) give_up(scan);
    return TRUE;
}

struct scan *cjpeg_scan_begin(j_decompress_ptr codec, struct failure *failure, int *gave_up) {
    int is_usual = !codec->arith_code && !codec->progressive_mode && codec->data_precision == 8
                   && codec->comps_in_scan == codec->num_components && !jpeg_has_multiple_scans(codec);
    if (!is_usual) return NULL;
    struct scan *scan = calloc(1, sizeof *scan);
    if (!scan) return NULL;
    scan->file = codec->src->next_input_byte;
    scan->file_end = scan->file + codec->src->bytes_in_buffer;
    scan->until_restart = codec->restart_interval;
    scan->failure = failure;
    scan->gave_up = gave_up;
    for (int i = 0; i < codec->blocks_in_MCU; i++) {
        jpeg_component_info *component = codec->cur_comp_info[codec->MCU_membership[i]];
        for (int is_dc = 0; is_dc < 2; is_dc++) {
            int number = is_dc ? component->dc_tbl_no : component->ac_tbl_no;
            struct table **table = &scan->tables[is_dc][number];
            if (!*table) *table = make_table(is_dc ? codec->dc_huff_tbl_ptrs[number] : codec->ac_huff_tbl_ptrs[number], is_dc);
            if (!*table) {
                cjpeg_scan_end(scan);
                return NULL;
            }
            *(is_dc ? &scan->dc_tables[i] : &scan->ac_tables[i]) = *table;
        }
    }
    codec->client_data = scan;
    codec->entropy->decode_mcu = decode_mcu;
    return scan;
}

void cjpeg_scan_end(struct scan *scan) {
    if (!scan) return;
    for (int is_dc = 0; is_dc < 2; is_dc++)
        for (int i = 0; i < NUM_HUFF_TBLS; i++) free(scan->tables[is_dc][i]);
    free(scan);
}

#else

struct scan *cjpeg_scan_begin(j_decompress_ptr codec, struct failure *failure, int *gave_up) {
    (void)codec, (void)failure, (void)gave_up;
    return NULL;
}

void cjpeg_scan_end(struct scan *scan) { (void)scan; }

#endif
