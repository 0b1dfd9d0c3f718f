#include "histogram.h"

#include <string.h>

void histogram_reset(struct histogram *h) { memset(h, 0, sizeof *h); }

void histogram_add(struct histogram *h, int64_t ns) {
    int64_t bucket = ns < 0 ? 0 : ns / BUCKET_NS;
    h->bucket[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    h->count++;
    if (ns > h->max_ns) h->max_ns = ns;
}

double histogram_max_ms(const struct histogram *h) { return (double)h->max_ns / 1e6; }

double histogram_percentile(const struct histogram *h, double share) {
    uint64_t wanted = (uint64_t)(share * (double)h->count), seen = 0;
    if (!h->count) return 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen > wanted || seen == h->count) {
            double edge = (double)(i + 1) * BUCKET_NS / 1e6;
            return edge < histogram_max_ms(h) ? edge : histogram_max_ms(h);
        }
    }
    return histogram_max_ms(h);
}
