// Reads entropy-coded data in libjpeg's stead.
#ifndef AGROVET_CJPEG_SCAN_H
#define AGROVET_CJPEG_SCAN_H
#include "failure.h"

struct scan;

// Takes the entropy decoding of a decompressor that has been started over from libjpeg, where it is of the usual kind (one
// scan of Huffman codes, eight bits, all bytes at hand). NULL where it is not, or where libjpeg is of a version whose insides
// are not known here: libjpeg goes on by itself then. What is not flawless ends with a jump to `failure`'s target and
// `*gave_up` set; libjpeg, which knows how to go on, must read the file from its start then.
struct scan *cjpeg_scan_begin(j_decompress_ptr codec, struct failure *failure, int *gave_up);
void cjpeg_scan_end(struct scan *scan);
#endif
