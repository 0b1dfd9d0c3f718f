/* The calibration server: it does as little as possible, so that a test measures the generator and not the server. It
 * sends a frame with all players to all players 20 times a second, and reads inputs, all in one epoll loop.
 *
 *   broadcaster --port 8000 [--seconds 3600 [--bytes 1024]]
 *
 * With --bytes no frame is longer: it has as many players as fit, so that the size of a frame does not depend on the
 * number of sockets.
 *
 * It relies on properties of this generator: one known key in the handshake (so that the response is a constant), inputs
 * in frames of ten bytes, and clients that read. A client that does not read is dropped. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

#define MAX_SOCKETS 8192
#define TICK_NS (50 * NS_PER_MS)
#define RECORD_BYTES 8
#define HEADERS_BYTES 16     /* of a frame of up to 64 KB: WebSocket 4, type and length 4, epoch and tick 8 */
#define INPUT_FRAME_BYTES 10 /* header 2, mask 4, input 4 */
#define PAGES_BYTES (1 << 17) /* room of one frame: 8,192 records and its headers */
#define FRAMES 16            /* separate, because the kernel may still be sending the last ones */
#define BATCH 256

static const char ANSWER[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct peer {
    bool open;
    uint8_t heading, thrusting;
};

static struct peer peers[MAX_SOCKETS]; /* by descriptor */
static int sockets[MAX_SOCKETS], socket_count;
static int epoll, listener, pages;
static uint32_t ticks;
static int shown = MAX_SOCKETS; /* most players in a frame */
static volatile sig_atomic_t ending;

static void end(int signal) { (void)signal, ending = 1; }

static void drop(int fd) {
    for (int i = 0; i < socket_count; i++)
        if (sockets[i] == fd) sockets[i] = sockets[--socket_count];
    close(fd);
}

static void admit(void) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event wanted = {.events = EPOLLIN, .data.fd = fd};
        if (fd >= MAX_SOCKETS || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wanted) < 0) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        peers[fd] = (struct peer){0};
    }
}

static void greet(int fd) {
    peers[fd].open = send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) == sizeof ANSWER - 1;
    if (peers[fd].open) sockets[socket_count++] = fd;
    else close(fd);
}

static void read_from(int fd) {
    uint8_t data[4096];
    ssize_t got = recv(fd, data, sizeof data, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) drop(fd);
    } else if (!peers[fd].open) {
        greet(fd);
    } else if (got >= INPUT_FRAME_BYTES) {
        const uint8_t *frame = data + got - INPUT_FRAME_BYTES; /* the newest counts */
        peers[fd].heading = frame[8] ^ frame[4];
        peers[fd].thrusting = frame[9] ^ frame[5];
    }
}

static size_t put_little(uint8_t *out, uint32_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> 8 * i);
    return bytes;
}

static size_t put_varint(uint8_t *out, uint32_t value) {
    size_t size = 0;
    for (; value > 0x7f; value >>= 7) out[size++] = (uint8_t)(value | 0x80);
    out[size++] = (uint8_t)value;
    return size;
}

static size_t put_header(uint8_t *out, size_t payload) {
    out[0] = 0x82;
    size_t bytes = payload < 126 ? 0 : payload < 65536 ? 2 : 8;
    out[1] = (uint8_t)(bytes == 0 ? payload : bytes == 2 ? 126 : 127);
    for (size_t i = 0; i < bytes; i++) out[2 + i] = (uint8_t)(payload >> 8 * (bytes - 1 - i));
    return 2 + bytes;
}

/* Writes the WebSocket frame with a FULL of flotilla.v1; returns its size. */
static size_t put_frame(uint8_t *out) {
    uint8_t head[16];
    int count = socket_count < shown ? socket_count : shown;
    size_t body = 8 + (size_t)count * RECORD_BYTES, at = 0;
    head[at++] = 0x84;
    at += put_varint(head + at, (uint32_t)body);
    at += put_little(head + at, 1, 4); /* epoch */
    at += put_little(head + at, ticks, 4);
    size_t size = put_header(out, at - 8 + body);
    memcpy(out + size, head, at);
    size += at;
    for (int i = 0; i < count; i++) {
        const struct peer *p = &peers[sockets[i]];
        put_little(out + size, (uint32_t)sockets[i], 4); /* the id, and no position */
        memset(out + size + 4, 0, 2);
        out[size + 6] = p->heading;
        out[size + 7] = p->thrusting;
        size += RECORD_BYTES;
    }
    return size;
}

/* Sends from a file in memory, so that the kernel sends its pages without a copy. */
static void tick(void) {
    static uint8_t frame[PAGES_BYTES];
    off_t place = (off_t)(ticks++ % FRAMES) * PAGES_BYTES;
    size_t size = put_frame(frame);
    if (pwrite(pages, frame, size, place) != (ssize_t)size) abort();
    for (int i = socket_count - 1; i >= 0; i--) {
        off_t from = place;
        if (sendfile(sockets[i], pages, &from, size) != (ssize_t)size) drop(sockets[i]);
    }
}

static bool prepare(int port) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < MAX_SOCKETS ? files.rlim_max : MAX_SOCKETS;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, end);
    signal(SIGALRM, end);
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    pages = memfd_create("frames", MFD_CLOEXEC);
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = listener};
    return ftruncate(pages, (off_t)FRAMES * PAGES_BYTES) == 0 &&
           bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1024) == 0 &&
           epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wanted) == 0;
}

int main(int count, char **words) {
    int port = count > 2 && strcmp(words[1], "--port") == 0 ? atoi(words[2]) : 0;
    int seconds = count > 4 && strcmp(words[3], "--seconds") == 0 ? atoi(words[4]) : 3600;
    int bytes = count > 6 && strcmp(words[5], "--bytes") == 0 ? atoi(words[6]) : PAGES_BYTES;
    if (port <= 0 || port > 65535 || seconds <= 0 || bytes < HEADERS_BYTES + RECORD_BYTES || !prepare(port)) {
        fputs("broadcaster --port FREE_PORT [--seconds 3600 [--bytes 1024]]\n", stderr);
        return 2;
    }
    if (bytes < PAGES_BYTES) shown = (bytes - HEADERS_BYTES) / RECORD_BYTES;
    alarm((unsigned)seconds);
    puts("ready");
    fflush(stdout);
    for (int64_t due = now_ns() + TICK_NS; !ending;) {
        struct epoll_event events[BATCH];
        int64_t left_ms = (due - now_ns()) / NS_PER_MS;
        int ready = epoll_wait(epoll, events, BATCH, left_ms > 0 ? (int)left_ms : 0);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) admit();
            else read_from(events[i].data.fd);
        }
        if (now_ns() < due) continue;
        tick();
        due += TICK_NS;
    }
    return 0;
}
