#ifndef AGROVET_CISOLATION_FILTER_H
#define AGROVET_CISOLATION_FILTER_H
// Installs the filter of system calls. 0, or errno; 0 where the system has none.
int cisolation_filter(void);
#endif
