/* One WebSocket client: connects, sends HELLO if its protocol has one, counts frames and sends inputs. */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "reader.h"
#include "tally.h"

/* The state that all clients share. */
struct fleet {
    const struct options *options;
    struct tally *tally;
    int epoll;
    int connecting; /* handshakes in progress */
    int open;
    int seeing; /* open clients that have got a frame of the world */
};

enum state { CLOSED, CONNECTING, UPGRADING, OPEN };

struct client {
    int fd;
    enum state state;
    int64_t last_frame_ns; /* 0: none yet */
    bool large;            /* its last message was large: peek at the next one and drop the rest unread */
    char player_id[48];    /* JSON only */
    struct pilot pilot;
    struct reader reader;
};

/* Begin the connection of the client with this number; a failure is counted. */
void client_connect(struct client *c, struct fleet *f, int number);

/* Handle what epoll reported. */
void client_ready(struct client *c, struct fleet *f, uint32_t events);

/* Take one turn of steering, and send its input. */
void client_turn(struct client *c, struct fleet *f);

/* Send a close frame and close; does nothing for a closed client. */
void client_leave(struct client *c, struct fleet *f);

#endif
