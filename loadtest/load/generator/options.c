#include "options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const LANGUAGES[] = {"full", "replica", "bare", "json", NULL};
static const char *const MANNERS[] = {"steady", "people", "idle", NULL};

static bool one_of(const char *value, const char *const *names, int *index) {
    for (*index = 0; names[*index]; ++*index)
        if (strcmp(value, names[*index]) == 0) return true;
    return false;
}

static bool number(const char *value, int low, int high, int *out) {
    char *end;
    long n = strtol(value, &end, 10);
    if (!*value || *end || n < low || n > high) return false;
    *out = (int)n;
    return true;
}

static bool set_address(struct options *o, const char *value) {
    if (inet_pton(AF_INET, value, &o->address.sin_addr) != 1) return false;
    return ntohl(o->address.sin_addr.s_addr) >> 24 == 127;
}

static bool set_number(struct options *o, const char *name, const char *value, bool *known) {
    const struct { const char *name; int *field, low, high; } numbers[] = {
        {"--rate", &o->rate, 1, 100},
        {"--warm-ms", &o->warm_ms, 0, 60000},
        {"--connect-s", &o->connect_s, 1, 300},
        {"--connect-rate", &o->connect_rate, 1, 100000},
        {"--max-clients", &o->max_clients, 1, MAX_CLIENTS},
        {"--max-seconds", &o->max_seconds, 1, MAX_SECONDS},
        {"--series", &o->series, 0, 1},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0) return number(value, numbers[i].low, numbers[i].high, numbers[i].field);
    return *known = false;
}

static bool set(struct options *o, const char *name, const char *value, bool *known) {
    int index = 0;
    *known = true;
    if (strcmp(name, "--address") == 0) return set_address(o, value);
    if (strcmp(name, "--path") == 0) return (o->path = value)[0] == '/';
    if (strcmp(name, "--host") == 0) return *(o->host = value);
    if (strcmp(name, "--origin") == 0) return *(o->origin = value);
    if (strcmp(name, "--language") == 0) return one_of(value, LANGUAGES, &index) && (o->language = index, true);
    if (strcmp(name, "--inputs") == 0) return one_of(value, MANNERS, &index) && (o->manner = index, true);
    if (strcmp(name, "--port") == 0) {
        bool fits = number(value, 1, 65535, &index);
        o->address.sin_port = htons((uint16_t)index);
        return fits;
    }
    return set_number(o, name, value, known);
}

bool options_read(struct options *o, int count, char **words) {
    *o = (struct options){.path = "/ws/game/", .language = FULL, .manner = STEADY, .rate = 20, .warm_ms = 2500,
                          .connect_s = 30, .connect_rate = 2000, .max_clients = MAX_CLIENTS, .max_seconds = MAX_SECONDS};
    o->address.sin_family = AF_INET;
    o->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 1; i < count; i += 2) {
        bool known = true, fits = i + 1 < count && set(o, words[i], words[i + 1], &known);
        if (fits) continue;
        if (known) fprintf(stderr, "%s has a value that is missing or not allowed.\n", words[i]);
        else fprintf(stderr, "There is no option %s.\n", words[i]);
        return false;
    }
    if (!o->address.sin_port) fputs("Give the --port of the server.\n", stderr);
    return o->address.sin_port;
}
