#ifndef AGROVET_CISOLATION_HEAP_H
#define AGROVET_CISOLATION_HEAP_H
// Called before something is received: hands back the free memory of the heap where that was asked for and nothing comes.
void heap_trim_when_idle(int socket);
#endif
