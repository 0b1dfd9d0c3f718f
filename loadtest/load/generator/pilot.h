/* How one player steers: its controls at each turn (20 a second), and whether they are sent.
 *
 * steady  sends at every turn, another heading each time: the hardest case
 * people  turns in strokes with rests between and thrusts in bursts, and sends on change (as loadtest/players/people.py)
 * idle    sends nothing */
#ifndef PILOT_H
#define PILOT_H

#include <stdbool.h>
#include <stdint.h>

enum manner { STEADY, PEOPLE, IDLE };

struct pilot {
    uint64_t random; /* state of its random generator, never 0 */
    double heading, from, to;
    int rest_turns, stroke_turns, stroke_length, thrust_turns;
    uint8_t held_heading, sequence;
    bool thrusting, held_thrust;
};

void pilot_init(struct pilot *p, uint64_t seed);

/* Take one turn; returns true if held_heading, held_thrust and the new sequence must be sent. */
bool pilot_turn(struct pilot *p, enum manner manner);

/* 32 random bits, for masks. */
uint32_t pilot_random(struct pilot *p);

#endif
