/* What is sent: frames of equal packets, back to back, one publisher after the other over the frame interval. */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include <stdint.h>

#include "participant.h"

enum { SOURCE_PAYLOAD_TYPE = 96 };

/* What participants do beside sending and receiving; all 0 for the plain workloads. */
struct features {
  /* Simulcast: encodings of each publisher, 0 for a single one without rid and extensions. */
  int encodings;
  /* Share of the received packets that a subscriber asks for again. */
  int nack_per_mille;
  /* Interval of transport-wide feedback. */
  int feedback_ms;
};

struct traffic {
  int frames_per_second;
  int packets;
  /* RTP packet before protection, header included; drawn per frame. */
  int min_size;
  int max_size;
  uint64_t random;
  /* Measured packets sent, and frames the socket did not take whole. */
  uint64_t sent;
  uint64_t refused;
};

/* Sends one frame of `participant`. */
void source_frame(struct traffic *traffic, const struct features *features, struct participant *participant,
                  int measured);

#endif
