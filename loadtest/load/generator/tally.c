#include "tally.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "clock.h"

static int64_t cpu_ns(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

void tally_begin_step(struct tally *t) {
    t->holding = false;
    t->failures = 0;
    memset(t->closes, 0, sizeof t->closes);
    memset(t->refusals, 0, sizeof t->refusals);
}

static void begin_second(struct tally *t, int64_t now) {
    histogram_reset(&t->second_gaps);
    histogram_reset(&t->second_lag);
    t->second_frames = t->frames;
    t->second_ns = now;
    t->second_cpu_ns = cpu_ns();
}

void tally_begin_hold(struct tally *t, int64_t now) {
    histogram_reset(&t->gaps);
    histogram_reset(&t->lag);
    t->late = t->frames = t->bytes = t->inputs = 0;
    t->tick_count = 0;
    t->began_ns = now;
    begin_second(t, now);
    t->began_cpu_ns = cpu_ns();
    t->holding = true;
}

void tally_frame(struct tally *t, int64_t last, int64_t now) {
    if (!t->holding) return;
    t->frames++;
    if (!last) return;
    histogram_add(&t->gaps, now - last);
    histogram_add(&t->second_gaps, now - last);
    t->late += now - last > LATE_NS;
}

void tally_lag(struct tally *t, int64_t late_ns) {
    if (!t->holding) return;
    histogram_add(&t->lag, late_ns);
    histogram_add(&t->second_lag, late_ns);
}

bool tally_is_lost(const struct tally *t, double gaps_expected, int64_t now) {
    return now - t->began_ns > LOST_AFTER_NS && (double)t->late > LOST_SHARE * gaps_expected;
}

void tally_tick(struct tally *t, uint8_t low, int64_t now) {
    int ahead = t->any_tick ? (int8_t)(low - (uint8_t)t->newest_tick) : 1;
    if (ahead <= 0) return;
    t->newest_tick = t->any_tick ? t->newest_tick + ahead : low;
    t->any_tick = true;
    if (t->holding && t->tick_count < MAX_TICKS) t->ticks[t->tick_count++] = (struct tick){t->newest_tick, now};
}

/* Lateness of each tick's first arrival at any client, against the schedule of the earliest one. */
static void tick_lateness(const struct tally *t, int rate, struct histogram *lateness) {
    int64_t earliest = INT64_MAX;
    histogram_reset(lateness);
    for (int i = 0; i < t->tick_count; i++) {
        int64_t start = t->ticks[i].arrived_ns - t->ticks[i].number * NS_PER_S / rate;
        if (start < earliest) earliest = start;
    }
    for (int i = 0; i < t->tick_count; i++)
        histogram_add(lateness, t->ticks[i].arrived_ns - t->ticks[i].number * NS_PER_S / rate - earliest);
}

static void print_counts(const char *name, const uint32_t *counts, int size) {
    const char *separator = "";
    printf(",\"%s\":{", name);
    for (int i = 0; i < size; i++)
        if (counts[i]) printf("%s\"%d\":%u", separator, i, counts[i]), separator = ",";
    putchar('}');
}

static void print_histogram(const char *name, const struct histogram *h) {
    printf(",\"%s\":{\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}", name,
           histogram_percentile(h, 0.5), histogram_percentile(h, 0.99), histogram_max_ms(h));
}

/* Pairs of bucket and count, without empty ones: the distributions of several steps can be merged. */
static void print_buckets(const char *name, const struct histogram *h) {
    const char *separator = "";
    printf(",\"%s\":[", name);
    for (int i = 0; i < BUCKETS; i++)
        if (h->bucket[i]) printf("%s[%d,%llu]", separator, i, (unsigned long long)h->bucket[i]), separator = ",";
    putchar(']');
}

void tally_report_second(struct tally *t, int open, int64_t now) {
    int64_t passed_ns = now - t->second_ns;
    if (passed_ns < NS_PER_S) return;
    printf("{\"event\":\"second\",\"clients\":%d,\"frames\":%llu,\"cpu\":%.4f", open,
           (unsigned long long)(t->frames - t->second_frames), (double)(cpu_ns() - t->second_cpu_ns) / (double)passed_ns);
    print_histogram("gap", &t->second_gaps);
    print_histogram("lag", &t->second_lag);
    print_buckets("gap_buckets", &t->second_gaps);
    print_buckets("lag_buckets", &t->second_lag);
    puts("}");
    fflush(stdout);
    begin_second(t, now);
}

void tally_report(struct tally *t, int target, int open, int rate, int64_t now) {
    static struct histogram lateness; /* too large for the stack */
    double held_s = (double)(now - t->began_ns) / 1e9;
    tick_lateness(t, rate, &lateness);
    printf("{\"event\":\"step\",\"target\":%d,\"clients\":%d,\"held_s\":%.3f", target, open, held_s);
    printf(",\"frames\":%llu,\"frames_expected\":%.0f,\"bytes\":%llu", (unsigned long long)t->frames,
           held_s * rate * target, (unsigned long long)t->bytes);
    print_histogram("gap", &t->gaps);
    print_histogram("tick_lateness", &lateness);
    print_histogram("lag", &t->lag);
    printf(",\"cpu\":%.4f,\"inputs\":%llu", (double)(cpu_ns() - t->began_cpu_ns) / 1e9 / held_s,
           (unsigned long long)t->inputs);
    print_counts("closes", t->closes, CLOSE_CODES);
    print_counts("refusals", t->refusals, STATUSES);
    print_buckets("gap_buckets", &t->gaps);
    print_buckets("lag_buckets", &t->lag);
    printf(",\"failures\":%u}\n", t->failures);
    fflush(stdout);
    t->holding = false;
}
