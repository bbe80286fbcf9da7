// MD5 over streams in the lanes of a vector: NAME (of the function), VECTOR (of words), COUNT (of lanes), TARGET (the processor) and LOAD
// (fills w with the words of the next block of each stream) say which.

TARGET static void NAME(cmd5_state *states, const uint8_t *const *data, size_t count, size_t blocks) {
    const uint8_t *from[COUNT];
    VECTOR a, b, c, d;
    for (size_t lane = 0; lane < COUNT; lane++) {
        // Lanes without a stream compute what the first one does, for nobody.
        size_t stream = lane < count ? lane : 0;
        from[lane] = data[stream];
        a[lane] = states[stream].words[0];
        b[lane] = states[stream].words[1];
        c[lane] = states[stream].words[2];
        d[lane] = states[stream].words[3];
    }
    for (size_t block = 0; block < blocks; block++) {
        VECTOR w[16], a0 = a, b0 = b, c0 = c, d0 = d;
        LOAD(w, from, block * 64);
#include "steps.h"
        a += a0;
        b += b0;
        c += c0;
        d += d0;
    }
    for (size_t lane = 0; lane < count; lane++) states[lane] = (cmd5_state){{a[lane], b[lane], c[lane], d[lane]}};
}

#undef NAME
#undef VECTOR
#undef COUNT
#undef TARGET
#undef LOAD
