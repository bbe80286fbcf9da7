#ifndef AGROVET_CPOSTGRESQL_H
#define AGROVET_CPOSTGRESQL_H
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

// Loads libpq; none of its functions may be called before. Returns 0 where it is not there.
int cpostgresql_load(void);
#endif
