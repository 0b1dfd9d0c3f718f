/* The checked command line: a loopback address, and bounds in count and time. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "pilot.h"

#define MAX_CLIENTS 8000 /* hard limit: sockets of one generator */
#define MAX_SECONDS 3600 /* hard limit: life of one generator */

/* The server's protocol. */
enum language {
    FULL,    /* flotilla.v1 with HELLO: every frame is a FULL */
    REPLICA, /* flotilla.v1 with HELLO: keyframe and deltas */
    BARE,    /* FULL and INPUT of flotilla.v1 without subprotocol and HELLO: the servers for comparison */
    JSON,    /* the tutorial's */
};

struct options {
    struct sockaddr_in address;
    const char *path, *host, *origin;
    enum language language;
    enum manner manner;
    int rate;         /* inputs a second and client */
    int warm_ms;      /* from the last client's first frame to the measurement */
    int connect_s;    /* longest time for all clients of a step to connect and get a frame */
    int connect_rate; /* handshakes a second */
    int max_clients, max_seconds;
    int series; /* 1: also report each second of a measurement */
};

/* Returns false after one sentence on stderr. */
bool options_read(struct options *o, int count, char **words);

#endif
