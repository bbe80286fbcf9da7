#ifndef AGROVET_CONSOLE_PAGE_H
#define AGROVET_CONSOLE_PAGE_H

#include <stddef.h>

/// One of the console page's files (page/ beside this target), embedded so that the server is one binary.
struct console_page_file {
    /// The path that it is served at, such as "/" or "/console/app.js".
    const char *path;
    /// The value of its Content-Type header.
    const char *content_type;
    /// Its bytes; not terminated by a zero.
    const unsigned char *bytes;
    /// Count of bytes.
    size_t size;
};

extern const struct console_page_file console_page_files[];
extern const size_t console_page_file_count;

/// The file at `index`, 0 ..< console_page_file_count. Swift cannot reach into an array whose length it does not know.
const struct console_page_file *console_page_file_at(size_t index);

#endif
