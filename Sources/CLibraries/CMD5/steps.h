// The 64 steps of MD5 (RFC 1321 section 3.4) over whatever `WORD` is: a number, or a vector with one number of each stream.
// Expects `WORD a, b, c, d` and `WORD w[16]`.

#define ROTATED(x, by) ((x) << (by) | (x) >> (32 - (by)))
#define STEP(mix, a, b, c, d, at, by, constant) \
    a += w[at] + (uint32_t)(constant); \
    a += mix(b, c, d); \
    a = ROTATED(a, by) + b;
#define MIX_F(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
// Of the two terms of which RFC 1321 has "or" no bit is set in both; their sum waits for x a step less.
#ifdef IS_SCALAR
#define MIX_G(x, y, z) (((y) & ~(z)) + ((x) & (z)))
#else
#define MIX_G(x, y, z) ((y) ^ ((z) & ((x) ^ (y))))
#endif
#define MIX_H(x, y, z) ((x) ^ (y) ^ (z))
#define MIX_I(x, y, z) ((y) ^ ((x) | ~(z)))

STEP(MIX_F, a, b, c, d, 0, 7, 0xd76aa478)
STEP(MIX_F, d, a, b, c, 1, 12, 0xe8c7b756)
STEP(MIX_F, c, d, a, b, 2, 17, 0x242070db)
STEP(MIX_F, b, c, d, a, 3, 22, 0xc1bdceee)
STEP(MIX_F, a, b, c, d, 4, 7, 0xf57c0faf)
STEP(MIX_F, d, a, b, c, 5, 12, 0x4787c62a)
STEP(MIX_F, c, d, a, b, 6, 17, 0xa8304613)
STEP(MIX_F, b, c, d, a, 7, 22, 0xfd469501)
STEP(MIX_F, a, b, c, d, 8, 7, 0x698098d8)
STEP(MIX_F, d, a, b, c, 9, 12, 0x8b44f7af)
STEP(MIX_F, c, d, a, b, 10, 17, 0xffff5bb1)
STEP(MIX_F, b, c, d, a, 11, 22, 0x895cd7be)
STEP(MIX_F, a, b, c, d, 12, 7, 0x6b901122)
STEP(MIX_F, d, a, b, c, 13, 12, 0xfd987193)
STEP(MIX_F, c, d, a, b, 14, 17, 0xa679438e)
STEP(MIX_F, b, c, d, a, 15, 22, 0x49b40821)
STEP(MIX_G, a, b, c, d, 1, 5, 0xf61e2562)
STEP(MIX_G, d, a, b, c, 6, 9, 0xc040b340)
STEP(MIX_G, c, d, a, b, 11, 14, 0x265e5a51)
STEP(MIX_G, b, c, d, a, 0, 20, 0xe9b6c7aa)
STEP(MIX_G, a, b, c, d, 5, 5, 0xd62f105d)
STEP(MIX_G, d, a, b, c, 10, 9, 0x02441453)
STEP(MIX_G, c, d, a, b, 15, 14, 0xd8a1e681)
STEP(MIX_G, b, c, d, a, 4, 20, 0xe7d3fbc8)
STEP(MIX_G, a, b, c, d, 9, 5, 0x21e1cde6)
STEP(MIX_G, d, a, b, c, 14, 9, 0xc33707d6)
STEP(MIX_G, c, d, a, b, 3, 14, 0xf4d50d87)
STEP(MIX_G, b, c, d, a, 8, 20, 0x455a14ed)
STEP(MIX_G, a, b, c, d, 13, 5, 0xa9e3e905)
STEP(MIX_G, d, a, b, c, 2, 9, 0xfcefa3f8)
STEP(MIX_G, c, d, a, b, 7, 14, 0x676f02d9)
STEP(MIX_G, b, c, d, a, 12, 20, 0x8d2a4c8a)
STEP(MIX_H, a, b, c, d, 5, 4, 0xfffa3942)
STEP(MIX_H, d, a, b, c, 8, 11, 0x8771f681)
STEP(MIX_H, c, d, a, b, 11, 16, 0x6d9d6122)
STEP(MIX_H, b, c, d, a, 14, 23, 0xfde5380c)
STEP(MIX_H, a, b, c, d, 1, 4, 0xa4beea44)
STEP(MIX_H, d, a, b, c, 4, 11, 0x4bdecfa9)
STEP(MIX_H, c, d, a, b, 7, 16, 0xf6bb4b60)
STEP(MIX_H, b, c, d, a, 10, 23, 0xbebfbc70)
STEP(MIX_H, a, b, c, d, 13, 4, 0x289b7ec6)
STEP(MIX_H, d, a, b, c, 0, 11, 0xeaa127fa)
STEP(MIX_H, c, d, a, b, 3, 16, 0xd4ef3085)
STEP(MIX_H, b, c, d, a, 6, 23, 0x04881d05)
STEP(MIX_H, a, b, c, d, 9, 4, 0xd9d4d039)
STEP(MIX_H, d, a, b, c, 12, 11, 0xe6db99e5)
STEP(MIX_H, c, d, a, b, 15, 16, 0x1fa27cf8)
STEP(MIX_H, b, c, d, a, 2, 23, 0xc4ac5665)
STEP(MIX_I, a, b, c, d, 0, 6, 0xf4292244)
STEP(MIX_I, d, a, b, c, 7, 10, 0x432aff97)
STEP(MIX_I, c, d, a, b, 14, 15, 0xab9423a7)
STEP(MIX_I, b, c, d, a, 5, 21, 0xfc93a039)
STEP(MIX_I, a, b, c, d, 12, 6, 0x655b59c3)
STEP(MIX_I, d, a, b, c, 3, 10, 0x8f0ccc92)
STEP(MIX_I, c, d, a, b, 10, 15, 0xffeff47d)
STEP(MIX_I, b, c, d, a, 1, 21, 0x85845dd1)
STEP(MIX_I, a, b, c, d, 8, 6, 0x6fa87e4f)
STEP(MIX_I, d, a, b, c, 15, 10, 0xfe2ce6e0)
STEP(MIX_I, c, d, a, b, 6, 15, 0xa3014314)
STEP(MIX_I, b, c, d, a, 13, 21, 0x4e0811a1)
STEP(MIX_I, a, b, c, d, 4, 6, 0xf7537e82)
STEP(MIX_I, d, a, b, c, 11, 10, 0xbd3af235)
STEP(MIX_I, c, d, a, b, 2, 15, 0x2ad7d2bb)
STEP(MIX_I, b, c, d, a, 9, 21, 0xeb86d391)

#undef ROTATED
#undef STEP
#undef MIX_F
#undef MIX_G
#undef MIX_H
#undef MIX_I
