#ifndef AGROVET_CFFMPEG_INPUT_H
#define AGROVET_CFFMPEG_INPUT_H
#include "reader.h"

// Gives the format context the reader's memory as its only input.
int cffmpeg_attach_input(struct cffmpeg_reader *reader);
void cffmpeg_detach_input(struct cffmpeg_reader *reader);
// What was attached once.
void cffmpeg_release_input(AVIOContext **io);
#endif
