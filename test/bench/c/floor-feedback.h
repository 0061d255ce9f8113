/* What a floor with feedback does beside forwarding: takes in its subscribers' RTCP and sends again what a NACK asks for. */
#ifndef BENCH_FLOOR_FEEDBACK_H
#define BENCH_FLOOR_FEEDBACK_H

#include <stdint.h>

/* Since the start. */
struct feedback_totals {
  /* SRTCP packets whose tag held; one whose tag does not ends the program. */
  uint64_t authenticated;
  /* Packets that NACKs asked for, and those of them that were still there. */
  uint64_t asked;
  uint64_t resent;
};

extern struct feedback_totals feedback_totals;

/* One SRTCP packet of participant `sender`; decrypts it in place. */
void floor_feedback(int sender, uint8_t *bytes, int size);

#endif
