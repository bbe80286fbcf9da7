#ifndef AGROVET_CFFMPEG_CUBE_H
#define AGROVET_CFFMPEG_CUBE_H
#include <stddef.h>
#include <stdint.h>

// Looks 16-bit RGB up in a cube of 8-bit RGB (side³ points, red slowest), interpolating in tetrahedra.
void cube_map(const uint8_t *cube, int side, const uint16_t *source, uint8_t *target, size_t pixels);
#endif
