/*
 * What a subscriber with congestion control says of each packet: transport-wide feedback, and NACKs for a share that is
 * taken for lost (nothing is lost on the way here, so losses are made up).
 */
#ifndef BENCH_FEEDBACK_H
#define BENCH_FEEDBACK_H

#include <stdint.h>

#include "srtp.h"

enum { FEEDBACK_WINDOW = 4096, MAX_NACKS = 64 };

struct feedback {
  /* Transport-wide numbers, widened: first to report, one more than the highest that came. */
  uint64_t first;
  uint64_t end;
  /* By number modulo the window, microseconds; 0: did not come. */
  uint64_t arrival_us[FEEDBACK_WINDOW];
  double phase;
  uint64_t next_ns;
  uint32_t srtcp_index;
  uint8_t count;
  int nacks;
  struct {
    uint32_t ssrc;
    uint16_t sequence;
  } nack[MAX_NACKS];
};

/* The extension id of transport-wide numbers, the same for all. */
enum { TRANSPORT_NUMBER_ID = 3 };

/* `phase` 0–1: where in the interval this one reports, so that not all do so at once. */
struct feedback *feedback_new(double phase);
/* Transport-wide number in a packet's extensions (one-byte form, RFC 8285); -1 when it has none. */
int transport_number(const uint8_t *packet, int header_size);
void feedback_arrived(struct feedback *feedback, int number, uint64_t arrival_ns);
void feedback_miss(struct feedback *feedback, uint32_t ssrc, uint16_t sequence);
/* Protects and sends one compound packet; `packet` has room for 20 bytes more. */
void feedback_send_rtcp(struct feedback *feedback, struct srtp *out, int fd, uint8_t *packet, int size);
/* Sends what is due over `fd`. Returns the number of packets asked for again. */
int feedback_send(struct feedback *feedback, struct srtp *out, int fd, uint32_t media_ssrc, uint64_t now_ns,
                  uint64_t interval_ns);

#endif
