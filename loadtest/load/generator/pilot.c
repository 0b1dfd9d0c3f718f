#include "pilot.h"

#include <math.h>

/* As loadtest/players/people.py, in seconds. */
#define TURN_S 0.05
#define REST_S 1.2
#define STROKE_MIN_S 0.15
#define STROKE_MAX_S 0.7
#define BURST_MIN_S 0.2
#define BURST_MAX_S 1.5
#define COAST_MIN_S 0.4
#define COAST_MAX_S 3.0
#define FULL_TURN 256.0

/* xorshift64* by Vigna: a few instructions, random enough for masks and controls. */
uint32_t pilot_random(struct pilot *p) {
    p->random ^= p->random >> 12;
    p->random ^= p->random << 25;
    p->random ^= p->random >> 27;
    return (uint32_t)((p->random * UINT64_C(2685821657736338717)) >> 32);
}

static double uniform(struct pilot *p, double low, double high) {
    return low + (high - low) * ((double)pilot_random(p) + 0.5) / 4294967296.0;
}

static double gauss(struct pilot *p, double deviation) {
    return deviation * sqrt(-2 * log(uniform(p, 0, 1))) * cos(2 * 3.14159265358979 * uniform(p, 0, 1));
}

static int turns(double seconds) {
    int n = (int)lround(seconds / TURN_S);
    return n > 1 ? n : 1;
}

void pilot_init(struct pilot *p, uint64_t seed) {
    *p = (struct pilot){.random = seed * UINT64_C(0x9E3779B97F4A7C15) | 1};
    pilot_random(p);
    p->heading = p->to = uniform(p, 0, FULL_TURN);
}

static void move_pointer(struct pilot *p) {
    if (p->rest_turns > 0) {
        p->rest_turns--;
    } else if (p->stroke_turns < p->stroke_length) {
        double part = (double)++p->stroke_turns / p->stroke_length;
        p->heading = p->from + (p->to - p->from) * part * part * (3 - 2 * part); /* eases in and out, as a hand does */
    } else {
        p->rest_turns = turns(-REST_S * log(uniform(p, 0, 1)));
        p->from = p->heading;
        p->to = p->heading + gauss(p, FULL_TURN / 5);
        p->stroke_length = turns(uniform(p, STROKE_MIN_S, STROKE_MAX_S));
        p->stroke_turns = 0;
    }
}

static void press_button(struct pilot *p) {
    if (p->thrust_turns-- > 0) return;
    p->thrusting = !p->thrusting;
    p->thrust_turns = turns(p->thrusting ? uniform(p, BURST_MIN_S, BURST_MAX_S) : uniform(p, COAST_MIN_S, COAST_MAX_S));
}

bool pilot_turn(struct pilot *p, enum manner manner) {
    if (manner == IDLE) return false;
    if (manner == STEADY) {
        p->held_heading = (uint8_t)(p->held_heading + 3);
        p->held_thrust = p->sequence & 16;
        p->sequence++;
        return true;
    }
    move_pointer(p);
    press_button(p);
    uint8_t heading = (uint8_t)(long)floor(p->heading);
    if (heading == p->held_heading && p->thrusting == p->held_thrust) return false;
    p->held_heading = heading;
    p->held_thrust = p->thrusting;
    p->sequence++;
    return true;
}
