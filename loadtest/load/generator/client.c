#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "writer.h"

#define CLIENTS_PER_ADDRESS 4000 /* so that ephemeral ports never run short */
#define LARGE 4096               /* messages from this size on are peeked at: a second call is cheaper than the copy */
#define PEEK (HEADER_BYTES + HEAD_BYTES)

#define KEYFRAME 0x82
#define DELTA 0x83
#define FULL_PICTURE 0x84

static const uint8_t HELLO_FULL[] = {0x01, 0, 0, 0, 1, 1};
static const uint8_t HELLO_REPLICA[] = {0x01, 0, 0, 0, 0};

static bool transmit(struct client *c, uint8_t opcode, const void *payload, size_t size) {
    uint8_t frame[FRAME_OVERHEAD + MAX_PAYLOAD];
    size_t length = write_frame(frame, opcode, payload, size, pilot_random(&c->pilot));
    /* A partial write would break the stream; some bytes always fit into an empty loopback buffer. */
    return send(c->fd, frame, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

static void forget(struct client *c, struct fleet *f) {
    if (c->state == CONNECTING || c->state == UPGRADING) f->connecting--;
    if (c->state == OPEN) {
        f->open--;
        if (c->last_frame_ns) f->seeing--;
    }
    close(c->fd);
    c->state = CLOSED;
}

static void lose(struct client *c, struct fleet *f, int code) {
    if (c->state == OPEN) f->tally->closes[code >= 0 && code < CLOSE_CODES ? code : 0]++;
    else f->tally->failures++;
    forget(c, f);
}

void client_leave(struct client *c, struct fleet *f) {
    if (c->state == CLOSED) return;
    if (c->state == OPEN) transmit(c, CLOSE, "\x03\xe8", 2); /* 1000 */
    forget(c, f);
}

static int open_socket(int number) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) return fd;
    struct sockaddr_in source = {.sin_family = AF_INET};
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number / CLIENTS_PER_ADDRESS));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&source, sizeof source) == 0) return fd;
    close(fd);
    return -1;
}

void client_connect(struct client *c, struct fleet *f, int number) {
    memset(c, 0, sizeof *c);
    pilot_init(&c->pilot, (uint64_t)number + 1);
    c->fd = open_socket(number);
    if (c->fd < 0) {
        f->tally->failures++;
        return;
    }
    struct epoll_event wanted = {.events = EPOLLOUT, .data.ptr = c};
    c->state = CONNECTING;
    f->connecting++;
    const struct sockaddr_in *to = &f->options->address;
    if ((connect(c->fd, (const struct sockaddr *)to, sizeof *to) < 0 && errno != EINPROGRESS) ||
        epoll_ctl(f->epoll, EPOLL_CTL_ADD, c->fd, &wanted) < 0)
        lose(c, f, 0);
}

static void ask_for_upgrade(struct client *c, struct fleet *f) {
    const struct options *o = f->options;
    char request[1024], host[32];
    snprintf(host, sizeof host, "%s:%d", inet_ntoa(o->address.sin_addr), ntohs(o->address.sin_port));
    const char *subprotocol = o->language == FULL || o->language == REPLICA ? "flotilla.v1" : NULL;
    size_t size = write_request(request, sizeof request, o->path, o->host ? o->host : host, o->origin, subprotocol);
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = c};
    if (!size || send(c->fd, request, size, MSG_NOSIGNAL) != (ssize_t)size ||
        epoll_ctl(f->epoll, EPOLL_CTL_MOD, c->fd, &wanted) < 0)
        lose(c, f, 0);
    else
        c->state = UPGRADING;
}

static void say_hello(struct client *c, const struct fleet *f) {
    if (f->options->language == FULL) transmit(c, BINARY, HELLO_FULL, sizeof HELLO_FULL);
    if (f->options->language == REPLICA) transmit(c, BINARY, HELLO_REPLICA, sizeof HELLO_REPLICA);
}

/* Reads exactly the response; the frames behind it stay for the reader. */
static void read_response(struct client *c, struct fleet *f) {
    char response[2048];
    ssize_t got = recv(c->fd, response, sizeof response, MSG_PEEK);
    size_t size = got > 0 ? response_size(response, (size_t)got) : 0;
    if (!size) {
        if (got == 0 || (got < 0 && errno != EAGAIN) || got == sizeof response) lose(c, f, 0);
        return;
    }
    int status = response_status(response, size);
    if (recv(c->fd, response, size, 0) != (ssize_t)size || status != 101) {
        f->tally->refusals[status >= 0 && status < STATUSES ? status : 0]++;
        forget(c, f);
        return;
    }
    f->connecting--;
    f->open++;
    c->state = OPEN;
    say_hello(c, f);
}

/* Returns the low byte of the frame's tick, or -1 if the message is not a frame of the world. */
static int tick_of(const struct reader *r) {
    if (r->message_opcode != BINARY || r->head_size < 3) return -1;
    uint8_t type = r->head[0];
    if (type != KEYFRAME && type != DELTA && type != FULL_PICTURE) return -1;
    int body = 1;
    while (body < r->head_size && r->head[body] & 0x80) body++;
    int at = body + 1 + (type == DELTA ? 0 : 4); /* behind the length, and the epoch of a whole frame */
    return at < r->head_size ? r->head[at] : -1;
}

static void learn_player_id(struct client *c) {
    static const char KEY[] = "\"playerId\"";
    const char *head = (const char *)c->reader.head, *end = head + c->reader.head_size;
    const char *found = NULL, *next = head;
    while ((next = memmem(next, (size_t)(end - next), KEY, sizeof KEY - 1))) found = next += sizeof KEY - 1;
    if (!found || !(found = memchr(found, '"', (size_t)(end - found)))) return;
    const char *id = found + 1, *stop = memchr(id, '"', (size_t)(end - id));
    if (stop && (size_t)(stop - id) < sizeof c->player_id) memcpy(c->player_id, id, (size_t)(stop - id));
}

static bool is_world_in_json(struct client *c) {
    const struct reader *r = &c->reader;
    if (memmem(r->head, r->head_size, "\"stateUpdate\"", 13)) return true;
    if (!*c->player_id) learn_player_id(c);
    return false;
}

static void take_message(struct client *c, struct fleet *f) {
    c->large = c->reader.message_size >= LARGE;
    int64_t now = now_ns();
    if (f->options->language == JSON) {
        if (!is_world_in_json(c)) return;
    } else {
        int tick = tick_of(&c->reader);
        if (tick < 0) return;
        tally_tick(f->tally, (uint8_t)tick, now);
    }
    tally_frame(f->tally, c->last_frame_ns, now);
    if (!c->last_frame_ns) f->seeing++;
    c->last_frame_ns = now;
}

/* Returns true if the socket is still open. */
static bool take_control(struct client *c, struct fleet *f) {
    const struct reader *r = &c->reader;
    if (r->opcode == PING) transmit(c, PONG, r->control, r->control_size);
    if (r->opcode != CLOSE) return true;
    transmit(c, CLOSE, r->control, r->control_size);
    lose(c, f, r->control_size >= 2 ? r->control[0] << 8 | r->control[1] : 1005);
    return false;
}

static bool take(struct client *c, struct fleet *f, enum reading what) {
    if (what == MESSAGE) take_message(c, f);
    if (what == BROKEN) lose(c, f, 1002);
    return what == CONTROL ? take_control(c, f) : what != BROKEN;
}

static bool take_bytes(struct client *c, struct fleet *f, const uint8_t *data, size_t size) {
    while (size) {
        enum reading what = reader_next(&c->reader, &data, &size);
        if (what == MORE) return true;
        if (!take(c, f, what)) return false;
    }
    return true;
}

/* Returns true if there may be more to read at once. Level-triggered epoll reports the rest later. */
static bool read_some(struct client *c, struct fleet *f) {
    static uint8_t buffer[1 << 16];
    uint64_t skippable = reader_skippable(&c->reader);
    bool skips = skippable >= LARGE;
    size_t wanted = skips ? (size_t)skippable : c->large ? PEEK : sizeof buffer;
    /* MSG_TRUNC on TCP drops the bytes inside the kernel: it saves a copy of bytes that are not used. */
    ssize_t got = recv(c->fd, skips ? NULL : buffer, wanted, MSG_DONTWAIT | (skips ? MSG_TRUNC : 0));
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) lose(c, f, 0);
        return false;
    }
    f->tally->bytes += (uint64_t)got;
    if (skips) {
        take(c, f, reader_skipped(&c->reader, (uint64_t)got));
        return false;
    }
    return take_bytes(c, f, buffer, (size_t)got) && (size_t)got == wanted;
}

void client_ready(struct client *c, struct fleet *f, uint32_t events) {
    switch (c->state) {
    case CONNECTING:
        if (events & (EPOLLERR | EPOLLHUP)) lose(c, f, 0);
        else ask_for_upgrade(c, f);
        break;
    case UPGRADING: read_response(c, f); break;
    case OPEN:
        for (int calls = 0; calls < 4 && read_some(c, f);) calls++; /* then the other clients */
        break;
    case CLOSED: break;
    }
}

static bool steer_in_json(struct client *c) {
    char text[MAX_PAYLOAD];
    if (!*c->player_id) return true; /* nothing is sent before the id arrived */
    double facing = (c->pilot.held_heading - 128) * 3.14159265358979 / 128;
    int size = snprintf(text, sizeof text, "{\"type\":\"facing\",\"playerId\":\"%s\",\"facing\":%.3f}", c->player_id, facing);
    return transmit(c, TEXT, text, (size_t)size);
}

void client_turn(struct client *c, struct fleet *f) {
    if (c->state != OPEN || !pilot_turn(&c->pilot, f->options->manner)) return;
    const uint8_t input[] = {0x02, c->pilot.sequence, c->pilot.held_heading, c->pilot.held_thrust};
    bool sent = f->options->language == JSON ? steer_in_json(c) : transmit(c, BINARY, input, sizeof input);
    if (sent) f->tally->inputs++; /* otherwise the socket is full */
}
