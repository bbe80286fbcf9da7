#ifndef CMD5_H
#define CMD5_H

#include <stddef.h>
#include <stdint.h>

/* MD5 (RFC 1321) of several streams beside each other: each step of the function waits for the one before it, so that one stream leaves
   most of a processor idle, and the lanes of a vector cost about what one does. */

#if defined(__clang__)
#define CMD5_SENDABLE __attribute__((swift_attr("@Sendable")))
#else
#define CMD5_SENDABLE
#endif

/* The four words A, B, C, D. */
typedef struct CMD5_SENDABLE {
    uint32_t words[4];
} cmd5_state;

/* Streams that are worth taking at once on this machine: 16, 8 or 4. */
size_t cmd5_lanes(void);

/* Takes `blocks` blocks of 64 bytes from each of `count` streams (1 to cmd5_lanes()) into their states. */
void cmd5_update(cmd5_state *states, const uint8_t *const *data, size_t count, size_t blocks);

#endif
