/* The counts of a step, and its report as one line of JSON. */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"

#define LATE_NS (60 * INT64_C(1000000)) /* a gap that counts as late: the tick of 50 ms and 10 ms of tolerance */
#define LOST_SHARE 0.02                 /* late gaps of all expected ones: twice the allowed share, to be certain */
#define LOST_AFTER_NS (2 * INT64_C(1000000000)) /* no hold is shorter: the server's processor time is measured, too */
#define CLOSE_CODES 5000                /* 0: the connection ended without a close frame */
#define STATUSES 600                    /* 0: an answer that is no HTTP, or a wrong one */
#define MAX_TICKS 4096                  /* ticks whose arrival is kept: more than three minutes */

struct tick {
    int64_t number, arrived_ns;
};

struct tally {
    bool holding;
    int64_t began_ns, began_cpu_ns;
    struct histogram gaps, lag;
    struct histogram second_gaps, second_lag; /* of the present second alone */
    int64_t second_ns, second_cpu_ns;
    uint64_t second_frames;
    uint64_t late; /* gaps over LATE_NS */
    uint64_t frames, bytes, inputs;
    /* Counted from the beginning of the step on, not only while holding. */
    uint32_t closes[CLOSE_CODES], refusals[STATUSES], failures;
    struct tick ticks[MAX_TICKS];
    int tick_count;
    bool any_tick;
    int64_t newest_tick;
};

void tally_begin_step(struct tally *t);
void tally_begin_hold(struct tally *t, int64_t now);

/* Count a frame of the world that came `now`, the one before on the same socket at `last` (0: never). */
void tally_frame(struct tally *t, int64_t last, int64_t now);

/* Note when the first socket got the frame of a tick, by the low byte of its number. */
void tally_tick(struct tally *t, uint8_t low, int64_t now);

/* Note that inputs were sent so late. */
void tally_lag(struct tally *t, int64_t late_ns);

/* Print the line of a second, if one has passed since the last; `open` clients are connected. */
void tally_report_second(struct tally *t, int open, int64_t now);

/* Whether so many gaps are late already that 99 % of all that the hold can bring will not be in time. */
bool tally_is_lost(const struct tally *t, double gaps_expected, int64_t now);

/* Print the line; `open` of `target` clients were connected, `rate` frames a second expected. */
void tally_report(struct tally *t, int target, int open, int rate, int64_t now);

#endif
