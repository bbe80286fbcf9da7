// Sends HTTP/1.1 requests that were written beforehand over some connections at once, and measures. It signs and computes nothing
// meanwhile, so that its CPU is small beside the server's. Two threads share the connections: one alone is busy with nothing but
// receiving where answers are large, and then measures itself.
//
// usage: replay HOST PORT CONNECTIONS REQUESTS BODY
//
// REQUESTS  a file of records: u32 bytes of the request that follow (its head and what its content begins with), u32 bytes of BODY that
//           its content goes on with, then those bytes. u32s are in the machine's order.
// BODY      a file with the shared content; /dev/null for none.
//
// Prints one line: requests, errors, seconds, bytes received, p50 and p99 in milliseconds, and its own CPU seconds.
// The first answer that is no 2xx goes to stderr.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct request { const char *head; size_t own; size_t shared; };

enum state { HEAD, LENGTH, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER };

struct connection {
    int socket;
    const struct request *request;
    double began;
    size_t sent;
    enum state state;
    char head[65536];
    size_t head_bytes;
    uint64_t left;
    char line[64];
    size_t line_bytes;
    int status, closes;
};

static struct request *requests;
static size_t count;
static atomic_size_t next_request, done, errors, received;
static const char *shared;
static double *latencies;
static struct sockaddr_in address;
static atomic_int complained;
static _Thread_local int poller;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static const char *map(const char *path, size_t *size) {
    int file = open(path, O_RDONLY);
    struct stat about;
    if (file < 0 || fstat(file, &about)) fail(path);
    *size = about.st_size;
    if (!*size) return "";
    void *bytes = mmap(0, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (bytes == MAP_FAILED) fail(path);
    close(file);
    return bytes;
}

static void connect_one(struct connection *c) {
    c->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->socket, (struct sockaddr *)&address, sizeof address)) fail("connect");
    fcntl(c->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, c->socket, &event)) fail("epoll_ctl");
}

static void begin(struct connection *c) {
    size_t number = next_request++;
    c->request = number < count ? &requests[number] : 0;
    c->sent = c->head_bytes = c->line_bytes = 0;
    c->state = HEAD;
    c->began = now();
}

// Sends what the socket takes.
static int send_more(struct connection *c) {
    const struct request *r = c->request;
    while (r && c->sent < r->own + r->shared) {
        struct iovec parts[2];
        int n = 0;
        if (c->sent < r->own) parts[n++] = (struct iovec){(void *)(r->head + c->sent), r->own - c->sent};
        size_t into = c->sent < r->own ? 0 : c->sent - r->own;
        if (r->shared > into) parts[n++] = (struct iovec){(void *)(shared + into), r->shared - into};
        ssize_t wrote = writev(c->socket, parts, n);
        if (wrote < 0) return errno == EAGAIN ? 0 : -1;
        c->sent += wrote;
    }
    return 0;
}

static int finish(struct connection *c, int broke) {
    latencies[done++] = now() - c->began;
    if (broke || c->status / 100 != 2) {
        errors++;
        if (!complained++) fprintf(stderr, "%s\n", broke ? "the connection broke" : c->head);
    }
    int again = broke || c->closes;
    if (again) close(c->socket);
    begin(c);
    if (again && c->request) connect_one(c);
    return again;
}

static const char *field(const char *head, const char *name) {
    size_t length = strlen(name);
    for (const char *line = head; (line = strstr(line, "\r\n")); ) {
        line += 2;
        if (!strncasecmp(line, name, length) && line[length] == ':') {
            line += length + 1;
            while (*line == ' ') line++;
            return line;
        }
    }
    return 0;
}

// Takes bytes of an answer; 1 where it is complete, -1 where it makes no sense.
static int take(struct connection *c, const char *bytes, size_t size) {
    while (size) switch (c->state) {
    case HEAD: {
        c->head[c->head_bytes++] = *bytes++;
        size--;
        if (c->head_bytes == sizeof c->head - 1) return -1;
        if (c->head_bytes < 4 || memcmp(c->head + c->head_bytes - 4, "\r\n\r\n", 4)) break;
        c->head[c->head_bytes] = 0;
        if (sscanf(c->head, "HTTP/1.1 %d", &c->status) != 1) return -1;
        if (c->status == 100) { c->head_bytes = 0; break; }
        const char *closes = field(c->head, "connection"), *length = field(c->head, "content-length");
        const char *coding = field(c->head, "transfer-encoding");
        c->closes = closes && !strncasecmp(closes, "close", 5);
        if (coding && !strncasecmp(coding, "chunked", 7)) c->state = CHUNK_SIZE;
        else {
            c->left = length && memcmp(c->request->head, "HEAD", 4) ? strtoull(length, 0, 10) : 0;
            if (!c->left) return 1;
            c->state = LENGTH;
        }
        break;
    }
    case LENGTH: case CHUNK: case CHUNK_END: {
        size_t part = c->left < size ? c->left : size;
        if (c->state != CHUNK_END) received += part;
        bytes += part, size -= part, c->left -= part;
        if (c->left) break;
        if (c->state == LENGTH) return 1;
        c->state = c->state == CHUNK ? CHUNK_END : CHUNK_SIZE;
        c->left = c->state == CHUNK_END ? 2 : 0;
        break;
    }
    case CHUNK_SIZE: case TRAILER: {
        if (c->line_bytes == sizeof c->line - 1) return -1;
        c->line[c->line_bytes++] = *bytes++;
        size--;
        if (c->line[c->line_bytes - 1] != '\n') break;
        c->line[c->line_bytes] = 0;
        int empty = c->line_bytes == 2;
        c->line_bytes = 0;
        if (c->state == TRAILER) {
            if (empty) return 1;
            break;
        }
        c->left = strtoull(c->line, 0, 16);
        c->state = c->left ? CHUNK : TRAILER;
        break;
    }
    }
    return 0;
}

static _Thread_local char buffer[1 << 18];

static void handle(struct connection *c) {
    if (!c->request) return;
    if (send_more(c)) {
        // An answer may have come before the connection broke.
        if (finish(c, 1)) return;
    }
    for (;;) {
        ssize_t got = read(c->socket, buffer, sizeof buffer);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) { finish(c, 1); return; }
        int complete = take(c, buffer, got);
        if (!complete) continue;
        if (finish(c, complete < 0)) return;
        if (!c->request) return;
        if (send_more(c)) { finish(c, 1); return; }
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { THREADS = 2 };

struct share { struct connection *connections; int count; };

// One thread's connections, until they have nothing more to ask for.
static void *serve(void *argument) {
    struct share *share = argument;
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < share->count; i++) {
        begin(&share->connections[i]);
        if (share->connections[i].request) connect_one(&share->connections[i]);
    }
    for (;;) {
        int busy = 0;
        for (int i = 0; i < share->count; i++) busy += share->connections[i].request != 0;
        if (!busy) return 0;
        struct epoll_event events[64];
        int n = epoll_wait(poller, events, 64, 60000);
        if (n == 0) { fprintf(stderr, "no answer for a minute\n"); exit(1); }
        for (int i = 0; i < n; i++) handle(events[i].data.ptr);
    }
}

int main(int argc, char **argv) {
    if (argc != 6) { fprintf(stderr, "usage: replay HOST PORT CONNECTIONS REQUESTS BODY\n"); return 2; }
    address.sin_family = AF_INET;
    address.sin_port = htons(atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) { fprintf(stderr, "HOST is an IPv4 address\n"); return 2; }
    int connections = atoi(argv[3]);
    size_t size, shared_size;
    const char *bytes = map(argv[4], &size);
    shared = map(argv[5], &shared_size);
    for (const char *at = bytes; at < bytes + size; count++) {
        uint32_t sizes[2];
        memcpy(sizes, at, sizeof sizes);
        if (sizes[1] > shared_size) { fprintf(stderr, "BODY is too short\n"); return 2; }
        requests = count & (count - 1) ? requests : realloc(requests, (count ? count * 2 : 1) * sizeof *requests);
        requests[count] = (struct request){at + sizeof sizes, sizes[0], sizes[1]};
        at += sizeof sizes + sizes[0];
    }
    latencies = calloc(count + 1, sizeof *latencies);
    struct connection *all = calloc(connections, sizeof *all);
    struct share shares[THREADS];
    pthread_t threads[THREADS];
    double start = now();
    for (int t = 0; t < THREADS; t++) {
        int first = connections * t / THREADS, end = connections * (t + 1) / THREADS;
        shares[t] = (struct share){all + first, end - first};
        if (pthread_create(&threads[t], 0, serve, &shares[t])) fail("pthread_create");
    }
    for (int t = 0; t < THREADS; t++) pthread_join(threads[t], 0);
    double seconds = now() - start;
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    qsort(latencies, done, sizeof *latencies, ascending);
    printf("%zu %zu %.6f %zu %.3f %.3f %.3f\n", done, errors, seconds, received, latencies[done / 2] * 1e3,
           latencies[done * 99 / 100] * 1e3, own.ru_utime.tv_sec + own.ru_stime.tv_sec + (own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6);
    return 0;
}
