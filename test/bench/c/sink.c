#include "sink.h"

#include <string.h>

#include "stamp.h"

struct sink_totals sink;

void sink_restart(void) { memset(&sink, 0, sizeof sink); }

/* RFC 3711 section 3.3.1: the index nearest to the highest seen. */
static uint64_t widen(const struct stream *stream, uint16_t sequence) {
  if (!stream->started) return sequence;
  int16_t delta = (int16_t)(uint16_t)(sequence - (uint16_t)stream->highest);
  return delta < 0 && stream->highest < (uint64_t)-delta ? sequence : stream->highest + (uint64_t)(int64_t)delta;
}

static void track(struct stream *stream, uint64_t index) {
  if (!stream->started) {
    stream->started = 1;
    stream->highest = index;
    stream->picture_packets = -1;
    sink.started++;
    return;
  }
  if (index <= stream->highest) {
    sink.reordered++;
    sink.gaps--;
    return;
  }
  sink.gaps += (int64_t)(index - stream->highest - 1);
  stream->highest = index;
}

/* Whether this packet completes a key frame whose packets all came in order. */
static int completes_picture(struct stream *stream, uint64_t index, const struct stamp *stamp) {
  int first = (stamp->flags & STAMP_KEYFRAME) && stamp->index == 0;
  int follows = stream->picture_packets == stamp->index && stream->picture_index + 1 == index;
  stream->picture_packets = first ? 1 : follows ? stream->picture_packets + 1 : -1;
  stream->picture_index = index;
  return stream->picture_packets == stamp->count;
}

static void count_latency(uint64_t arrival_ns, uint64_t sent_ns) {
  uint64_t us = arrival_ns > sent_ns ? (arrival_ns - sent_ns) / 1000 : 0;
  sink.latency[us < LATENCY_BUCKETS ? us : LATENCY_BUCKETS - 1]++;
  sink.received++;
}

int sink_rtp(struct participant *participant, uint8_t *packet, int size, uint64_t arrival_ns) {
  struct stamp stamp;
  int header = rtp_header_size(packet, size);
  uint32_t slot = header < 0 ? UINT32_MAX : read32(packet + 8) - slot_ssrc(participant->index, 0);
  if (slot >= (uint32_t)participant->slots || participant->in.rtp == NULL) {
    sink.refused++;
    return 0;
  }
  struct stream *stream = &participant->streams[slot];
  uint64_t index = widen(stream, read16(packet + 2));
  int plain = srtp_unprotect(&participant->in, packet, packet, size, header, (uint32_t)(index >> 16));
  if (plain < header + STAMP_BYTES) {
    sink.refused++;
    return 0;
  }
  track(stream, index);
  stamp_read(packet + header, &stamp);
  if (stamp.flags & STAMP_MEASURED) count_latency(arrival_ns, stamp.sent_ns);
  if (participant->pictured || !completes_picture(stream, index, &stamp)) return 0;
  participant->pictured = 1;
  return 1;
}

void sink_rtcp(struct participant *participant, uint8_t *packet, int size) {
  int plain = participant->in.rtp == NULL ? -1 : srtcp_unprotect(&participant->in, packet, size);
  if (plain < 0) {
    sink.refused++;
    return;
  }
  sink.rtcp++;
  for (int at = 0; at + 4 <= plain;) {
    int format = packet[at] & 31;
    if (packet[at + 1] == 206 && (format == 1 || format == 4)) participant->keyframe_wanted = 1;
    at += 4 + 4 * read16(packet + at + 2);
  }
}

double sink_percentile(double fraction) {
  uint64_t wanted = (uint64_t)(fraction * (double)sink.received);
  uint64_t seen = 0;
  for (int us = 0; us < LATENCY_BUCKETS; us++) {
    seen += sink.latency[us];
    if (seen > wanted) return us + 1;
  }
  return sink.received == 0 ? 0 : LATENCY_BUCKETS;
}
