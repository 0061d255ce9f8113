/*
 * What the generator writes at the start of every RTP payload, behind the VP8 payload descriptor (RFC 7741), and the
 * sinks read back: a frame header, so that the router sees key frames and delta frames, then when and by whom it was
 * sent.
 *
 * | bytes | content |
 * |---|---|
 * | 0–9 | VP8 frame header (RFC 6386 section 9.1) on a frame's first packet, else filler |
 * | 10 | flags: 1 measured, 2 key frame |
 * | 11–12 | publisher |
 * | 13, 14 | packet within the frame, packets of the frame |
 * | 15–22 | send time, CLOCK_REALTIME ns |
 */
#ifndef BENCH_STAMP_H
#define BENCH_STAMP_H

#include <stdint.h>
#include <string.h>

#include "srtp.h"

enum { STAMP_BYTES = 23, STAMP_MEASURED = 1, STAMP_KEYFRAME = 2, MAX_DESCRIPTOR_BYTES = 6 };

struct stamp {
  int flags;
  int publisher;
  int index;
  int count;
  uint64_t sent_ns;
};

/* `bytes` follow the descriptor; `height` of the picture, whose width is 16:9. */
static inline void stamp_write(uint8_t *bytes, const struct stamp *stamp, int height) {
  static const uint8_t keyframe[6] = {0x10, 0, 0, 0x9d, 0x01, 0x2a};
  int width = height * 16 / 9;
  memset(bytes, 0, 10);
  if (stamp->flags & STAMP_KEYFRAME) {
    memcpy(bytes, keyframe, sizeof keyframe);
    bytes[6] = (uint8_t)width;
    bytes[7] = (uint8_t)(width >> 8);
    bytes[8] = (uint8_t)height;
    bytes[9] = (uint8_t)(height >> 8);
  } else {
    bytes[0] = 0x11;
  }
  bytes[10] = (uint8_t)stamp->flags;
  write16(bytes + 11, (uint16_t)stamp->publisher);
  bytes[13] = (uint8_t)stamp->index;
  bytes[14] = (uint8_t)stamp->count;
  memcpy(bytes + 15, &stamp->sent_ns, sizeof stamp->sent_ns);
}

static inline void stamp_read(const uint8_t *bytes, struct stamp *stamp) {
  stamp->flags = bytes[10];
  stamp->publisher = read16(bytes + 11);
  stamp->index = bytes[13];
  stamp->count = bytes[14];
  memcpy(&stamp->sent_ns, bytes + 15, sizeof stamp->sent_ns);
}

/* Size of the VP8 payload descriptor at `payload`; at most MAX_DESCRIPTOR_BYTES. */
static inline int descriptor_size(const uint8_t *payload) {
  if ((payload[0] & 0x80) == 0) return 1;
  int size = 2;
  if (payload[1] & 0x80) size += payload[2] & 0x80 ? 2 : 1;
  if (payload[1] & 0x40) size++;
  if (payload[1] & 0x30) size++;
  return size;
}

#endif
