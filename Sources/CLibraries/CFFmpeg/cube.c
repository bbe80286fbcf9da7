#include "cube.h"

// Weights of 12 bits.
#define ONE 4096

void cube_map(const uint8_t *cube, int side, const uint16_t *source, uint8_t *target, size_t pixels) {
    const size_t steps[3] = {(size_t)side * side * 3, (size_t)side * 3, 3};
    const uint32_t last = (uint32_t)side - 1;
    for (size_t pixel = 0; pixel < pixels; pixel++) {
        const uint8_t *corner = cube;
        uint32_t part[3];
        for (int channel = 0; channel < 3; channel++) {
            // 0 to 65535 becomes 0 to (side − 1) × 4096.
            uint32_t place = (uint32_t)(((uint64_t)source[pixel * 3 + channel] * last * ONE + 32767) / 65535);
            uint32_t index = place / ONE < last ? place / ONE : last - 1;
            part[channel] = place - index * ONE;
            corner += index * steps[channel];
        }
        // From the near corner to the far one, along the channel that is furthest first.
        int first = 0, second = 1, third = 2, swap;
        if (part[first] < part[second]) swap = first, first = second, second = swap;
        if (part[second] < part[third]) swap = second, second = third, third = swap;
        if (part[first] < part[second]) swap = first, first = second, second = swap;
        const uint8_t *one = corner + steps[first], *two = one + steps[second], *three = two + steps[third];
        uint32_t weights[4] = {ONE - part[first], part[first] - part[second], part[second] - part[third], part[third]};
        for (int channel = 0; channel < 3; channel++) {
            uint32_t sum = corner[channel] * weights[0] + one[channel] * weights[1] + two[channel] * weights[2] + three[channel] * weights[3];
            target[pixel * 3 + channel] = (uint8_t)((sum + ONE / 2) / ONE);
        }
    }
}
