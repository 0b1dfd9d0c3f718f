/* The load: N WebSocket clients in one thread. Commands come on stdin; each step is reported as one line of JSON.
 *
 *   generator --port 8000 [--address 127.0.0.1] [--path /ws/game/] [--host H] [--origin O]
 *             [--language full|replica|bare|json] [--inputs steady|people|idle] [--rate 20]
 *             [--warm-ms 2500] [--connect-s 30] [--connect-rate 2000] [--max-clients 8000] [--max-seconds 3600]
 *             [--series 0]
 *
 * Lines on stdin, executed one after the other:
 *   step N SECONDS   connect (or close) clients until there are N; when all have got a frame of the world, or after
 *                    --connect-s, wait --warm-ms, then measure for SECONDS and report. The load goes on after it.
 *                    A measurement ends early (after 2 s at least) if more than 2 % of all gaps that it can have
 *                    are late already: its p99 can no longer be in time.
 *   quit             or the end of stdin: stop
 *
 * Lines on stdout, JSON each:
 *   {"event":"hold"}          the measurement begins: time to read the server's clocks
 *   {"event":"second", …}     with --series 1: clients, frames, cpu, gap, lag and their buckets, of a second of it alone
 *   {"event":"step", …}       the measurement has ended:
 *     target, clients         asked for, and connected at the end
 *     held_s                  how long it lasted
 *     frames, frames_expected frames of the world on all sockets, and 20 a second for each client asked for
 *     bytes                   received by all clients, WebSocket headers included
 *     gap                     p50, p90, p99, max in ms between two frames of one client; a gap still open at the end
 *                             counts if it is late already
 *     tick_lateness           of the first arrival of each tick at any client, against an even schedule (binary only)
 *     lag                     of the generator: how late it sent its inputs; over some ms it measures itself
 *     cpu                     share of a core
 *     inputs                  sent
 *     gap_buckets, lag_buckets  pairs of bucket and count: bucket i has from i to i+1 tenths of a ms, the last one all
 *                             durations over 10 s
 *     closes, refusals        by close code (0: none came) and by HTTP status, since the step began; failures: connects
 *
 * It connects to 127.0.0.0/8 only, never keeps more than 8,000 sockets, and ends after --max-seconds. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "options.h"
#include "tally.h"

#define BATCH 128           /* events of one turn: few enough that inputs are sent on time between them */
#define TURNS_AT_ONCE 256   /* inputs sent before the next read */
#define HANDSHAKES 32       /* at once: less than the shortest queue of a listening server */
#define SPARE_FILES 64

enum phase { WAITING, GATHERING, WARMING, HOLDING };

static struct options options;
static struct tally tally;
static struct fleet fleet = {.options = &options, .tally = &tally};
static struct client *clients;

static enum phase phase;
static int target;              /* clients of this step */
static int next_client;         /* the next one to connect */
static int64_t hold_ns;
static int64_t phase_ends_ns;
static int64_t gathering_ns;    /* when clients began to connect: paces the handshakes */
static int64_t handshakes;      /* begun since then */
static int64_t steering_ns, steered; /* inputs are due since, and sent: one client after the other, evenly */
static bool heard_all, ending;

static void enter(enum phase next, int64_t ends_ns) {
    phase = next;
    phase_ends_ns = ends_ns;
}

static void begin_step(int count, double seconds, int64_t now) {
    for (int i = count; i < target; i++) client_leave(&clients[i], &fleet);
    target = count;
    next_client = 0;
    hold_ns = (int64_t)(seconds * 1e9);
    gathering_ns = steering_ns = now;
    handshakes = steered = 0;
    tally_begin_step(&tally);
    enter(GATHERING, now + options.connect_s * NS_PER_S);
}

static void connect_some(int64_t now) {
    int64_t due = (now - gathering_ns) * options.connect_rate / NS_PER_S + 1;
    while (next_client < target && fleet.connecting < HANDSHAKES && handshakes < due) {
        struct client *c = &clients[next_client];
        if (c->state == CLOSED) {
            client_connect(c, &fleet, next_client);
            handshakes++;
        }
        next_client++;
    }
}

static bool is_gathered(void) { return next_client == target && !fleet.connecting && fleet.seeing == fleet.open; }

/* A gap that is open at the end counts if it is late already. */
static void count_open_gaps(int64_t now) {
    for (int i = 0; i < target; i++) {
        const struct client *c = &clients[i];
        int64_t since = c->last_frame_ns ? c->last_frame_ns : tally.began_ns;
        if (c->state == OPEN && now - since > LATE_NS) histogram_add(&tally.gaps, now - since);
    }
}

static void advance(int64_t now) {
    bool due = now >= phase_ends_ns;
    if (phase == GATHERING && (due || is_gathered())) {
        next_client = target; /* a client that is not connected now is missing from this step */
        enter(WARMING, now + options.warm_ms * NS_PER_MS);
    } else if (phase == WARMING && due) {
        tally_begin_hold(&tally, now);
        puts("{\"event\":\"hold\"}");
        fflush(stdout);
        enter(HOLDING, now + hold_ns);
    } else if (phase == HOLDING && (due || tally_is_lost(&tally, (double)hold_ns / 1e9 * options.rate * target, now))) {
        count_open_gaps(now);
        tally_report(&tally, target, fleet.open, options.rate, now);
        enter(WAITING, INT64_MAX);
    }
}

static void steer_some(int64_t now) {
    if (!target) return;
    int64_t period = NS_PER_S / options.rate;
    for (int sent = 0; sent < TURNS_AT_ONCE; sent++) {
        int64_t due = steering_ns + steered / target * period + steered % target * period / target;
        if (due > now) return;
        tally_lag(&tally, now - due);
        client_turn(&clients[steered % target], &fleet);
        steered++;
    }
}

static void obey(char *line) {
    int count;
    double seconds;
    if (sscanf(line, "step %d %lf", &count, &seconds) == 2 && count >= 0 && count <= options.max_clients &&
        seconds > 0 && seconds <= options.max_seconds) {
        begin_step(count, seconds, now_ns());
    } else {
        if (strcmp(line, "quit") != 0) fprintf(stderr, "Not understood: %s\n", line);
        ending = true;
    }
}

static char commands[4096]; /* lines that wait for the current step */
static size_t commands_size;

static void read_commands(void) {
    ssize_t got = read(STDIN_FILENO, commands + commands_size, sizeof commands - 1 - commands_size);
    if (got <= 0) { /* waiting lines are still executed: `echo step 100 5 | generator` works */
        epoll_ctl(fleet.epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
        heard_all = true;
        return;
    }
    commands_size += (size_t)got;
}

static void obey_next(void) {
    char *end = memchr(commands, '\n', commands_size);
    if (!end) {
        ending = heard_all;
        return;
    }
    *end = 0;
    obey(commands);
    commands_size -= (size_t)(end + 1 - commands);
    memmove(commands, end + 1, commands_size);
}

static bool wants_to_go_on(int64_t now, int64_t born_ns) {
    return !ending && now - born_ns < options.max_seconds * NS_PER_S;
}

static void take_turn(void) {
    struct epoll_event events[BATCH];
    int count = epoll_wait(fleet.epoll, events, BATCH, 1); /* 1 ms: inputs are due all the time */
    for (int i = 0; i < count; i++) {
        struct client *c = events[i].data.ptr;
        if (c) client_ready(c, &fleet, events[i].events);
        else read_commands();
    }
    int64_t now = now_ns();
    if (phase == GATHERING) connect_some(now);
    steer_some(now);
    if (phase == HOLDING && options.series) tally_report_second(&tally, fleet.open, now);
    advance(now);
    if (phase == WAITING) obey_next();
}

static bool prepare(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    rlim_t wanted = (rlim_t)options.max_clients + SPARE_FILES;
    if (files.rlim_cur < wanted) files.rlim_cur = wanted < files.rlim_max ? wanted : files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < wanted) options.max_clients = (int)files.rlim_cur - SPARE_FILES;
    signal(SIGPIPE, SIG_IGN);
    clients = calloc((size_t)options.max_clients, sizeof *clients);
    fleet.epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event on_stdin = {.events = EPOLLIN, .data.ptr = NULL};
    return clients && fleet.epoll >= 0 && epoll_ctl(fleet.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &on_stdin) == 0;
}

int main(int count, char **words) {
    if (!options_read(&options, count, words)) return 2;
    if (!prepare()) {
        fputs("The generator needs memory, epoll, and a pipe or terminal on stdin.\n", stderr);
        return 1;
    }
    enter(WAITING, INT64_MAX);
    int64_t born_ns = now_ns();
    while (wants_to_go_on(now_ns(), born_ns)) take_turn();
    for (int i = 0; i < target; i++) client_leave(&clients[i], &fleet);
    return 0;
}
