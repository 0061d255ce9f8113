/* What arrives: continuity of every slot's sequence numbers, counts and latencies of the measured packets. */
#ifndef BENCH_SINK_H
#define BENCH_SINK_H

#include <stdint.h>

#include "participant.h"

enum { LATENCY_BUCKETS = 500000 };

struct sink_totals {
  /* Packets that the generator marked as measured. */
  uint64_t received;
  /* Jumps in a slot's sequence numbers, and packets that filled one later. */
  int64_t gaps;
  uint64_t reordered;
  /* Tags that did not hold, SSRCs never negotiated, malformed headers. */
  uint64_t refused;
  uint64_t rtcp;
  /* With congestion control: packets that came on RTX streams with content and without, and those asked for again. */
  uint64_t repaired;
  uint64_t padding;
  uint64_t asked;
  /* Streams that have carried a packet since `sink_restart`. */
  uint64_t started;
  /* Buckets of one microsecond. */
  uint32_t latency[LATENCY_BUCKETS];
};

extern struct sink_totals sink;

void sink_restart(void);
/* One RTP packet; decrypts it in place. Returns 1 when it completed this participant's first whole key frame. */
int sink_rtp(struct participant *participant, uint8_t *packet, int size, uint64_t arrival_ns, int loss_per_mille);
/* Feedback and NACKs that are due. */
void sink_handle_timeout(struct participant *participant, uint64_t now_ns, uint64_t interval_ns);
/* One RTCP packet: sets `keyframe_wanted` on a picture loss indication or full intra request, keeps sender reports. */
void sink_rtcp(struct participant *participant, uint8_t *packet, int size, uint64_t now_ns);
/* Latency in microseconds below which `fraction` of the measured packets arrived. */
double sink_percentile(double fraction);

#endif
