/*
 * What the generator writes at the start of every RTP payload and the sinks read back: a VP8 payload descriptor and
 * frame header (so that the router sees key frames and delta frames), then when and by whom it was sent.
 *
 * | bytes | content |
 * |---|---|
 * | 0 | VP8 payload descriptor (RFC 7741): S bit on a frame's first packet |
 * | 1–10 | VP8 frame header (RFC 6386 section 9.1) on a frame's first packet, else filler |
 * | 11 | flags: 1 measured, 2 key frame |
 * | 12–13 | publisher |
 * | 14, 15 | packet within the frame, packets of the frame |
 * | 16–23 | send time, CLOCK_REALTIME ns |
 */
#ifndef BENCH_STAMP_H
#define BENCH_STAMP_H

#include <stdint.h>
#include <string.h>

#include "srtp.h"

enum { STAMP_BYTES = 24, STAMP_MEASURED = 1, STAMP_KEYFRAME = 2 };

struct stamp {
  int flags;
  int publisher;
  int index;
  int count;
  uint64_t sent_ns;
};

static inline void stamp_write(uint8_t *payload, const struct stamp *stamp) {
  static const uint8_t keyframe[10] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01};
  static const uint8_t delta[10] = {0x11};
  payload[0] = stamp->index == 0 ? 0x10 : 0;
  memcpy(payload + 1, stamp->flags & STAMP_KEYFRAME ? keyframe : delta, sizeof delta);
  payload[11] = (uint8_t)stamp->flags;
  write16(payload + 12, (uint16_t)stamp->publisher);
  payload[14] = (uint8_t)stamp->index;
  payload[15] = (uint8_t)stamp->count;
  memcpy(payload + 16, &stamp->sent_ns, sizeof stamp->sent_ns);
}

static inline void stamp_read(const uint8_t *payload, struct stamp *stamp) {
  stamp->flags = payload[11];
  stamp->publisher = read16(payload + 12);
  stamp->index = payload[14];
  stamp->count = payload[15];
  memcpy(&stamp->sent_ns, payload + 16, sizeof stamp->sent_ns);
}

#endif
