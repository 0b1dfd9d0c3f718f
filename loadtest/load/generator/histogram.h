/* Durations in buckets of 0.1 ms up to 10 s: a percentile is exact to one bucket, the maximum exact.
 *
 * Equal buckets, not logarithmic ones: the deciding limit (60 ms) has the same resolution as the rest,
 * and adding a value is one division and one increment. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

#define BUCKET_NS INT64_C(100000)
#define BUCKETS 100001 /* the last one has all durations over 10 s */

struct histogram {
    uint64_t count;
    int64_t max_ns;
    uint64_t bucket[BUCKETS];
};

void histogram_reset(struct histogram *h);
void histogram_add(struct histogram *h, int64_t ns);

/* The upper edge in ms of the bucket that holds the given share of all values; 0 if there are none. */
double histogram_percentile(const struct histogram *h, double share);
double histogram_max_ms(const struct histogram *h);

#endif
