/* What is sent: frames of equal packets, back to back, one publisher after the other over the frame interval. */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include <stdint.h>

#include "participant.h"

enum { SOURCE_PAYLOAD_TYPE = 96 };

/* What participants do beside sending and receiving; all 0 without features. */
struct features {
  /* Encodings of each publisher; 0: one with bare headers, 1: one with extensions, more: simulcast. */
  int encodings;
  /* Share of the received packets that a subscriber takes for lost. */
  int loss_per_mille;
  /* Interval of transport-wide feedback; 0: none, and no reports either. */
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

/* Sends one frame of `participant`, in each of its encodings (see struct features). */
void source_frame(struct traffic *traffic, int encodings, struct participant *participant, int measured);
/* RTP time of its camera at `now_ns` of the monotonic clock, which goes on while nothing is sent. */
uint32_t source_timestamp(const struct participant *participant, uint64_t now_ns);

#endif
