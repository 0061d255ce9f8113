#include "sink.h"

#include <string.h>

#include "reports.h"
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
    stream->highest = stream->reported_highest = index;
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

/* Number of the stream of a participant: a slot's own, or behind them its RTX; -1 when it is none of his. */
static int stream_of(const struct participant *participant, uint32_t ssrc) {
  uint32_t slot = ssrc - slot_ssrc(participant->index, 0);
  uint32_t repair = ssrc - repair_ssrc(participant->index, 0);
  if (slot < (uint32_t)participant->slots) return (int)slot;
  return repair < (uint32_t)participant->slots ? participant->slots + (int)repair : -1;
}

/* RFC 4588: padding alone, or the original's sequence number before its payload. */
static void count_repair(const uint8_t *packet, int header, int plain) {
  int content = plain - header - (packet[0] & 0x20 ? packet[plain - 1] : 0);
  if (content > 2) sink.repaired++;
  else sink.padding++;
}

/*
 * Whether this packet is taken for lost: the same share in each run, spread evenly over packets, and over participants that
 * get it under the same number.
 */
static int is_missed(const struct participant *participant, uint64_t index, int loss_per_mille) {
  uint64_t place = index + 37 * (uint64_t)participant->index;
  return loss_per_mille > 0 && place * 2654435761u % 1000 < (uint64_t)loss_per_mille;
}

/* Whether what is left of a packet of a slot has room for what the generator writes. */
static int has_stamp(const uint8_t *packet, int header, int plain) {
  return plain > header + MAX_DESCRIPTOR_BYTES && plain >= header + descriptor_size(packet + header) + STAMP_BYTES;
}

static void report_on(struct participant *participant, const uint8_t *packet, int header, uint64_t arrival_ns) {
  int number = transport_number(packet, header);
  if (number >= 0) feedback_arrived(participant->feedback, number, arrival_ns);
}

/* A packet of a slot: what is said of it is that it came, or that it is wanted again. */
static void judge(struct participant *participant, struct stream *stream, const uint8_t *packet, int header,
                  uint64_t index, uint64_t arrival_ns, int loss_per_mille) {
  if (!is_missed(participant, index, loss_per_mille)) {
    report_on(participant, packet, header, arrival_ns);
    return;
  }
  stream->missed++;
  feedback_miss(participant->feedback, read32(packet + 8), (uint16_t)index);
}

int sink_rtp(struct participant *participant, uint8_t *packet, int size, uint64_t arrival_ns, int loss_per_mille) {
  struct stamp stamp;
  int header = rtp_header_size(packet, size);
  int number = header < 0 || participant->in.rtp == NULL ? -1 : stream_of(participant, read32(packet + 8));
  if (number < 0) {
    sink.refused++;
    return 0;
  }
  struct stream *stream = &participant->streams[number];
  int is_repair = number >= participant->slots;
  uint64_t index = widen(stream, read16(packet + 2));
  int plain = srtp_unprotect(&participant->in, packet, packet, size, header, (uint32_t)(index >> 16));
  if (plain < 0 || (!is_repair && !has_stamp(packet, header, plain))) {
    sink.refused++;
    return 0;
  }
  if (is_repair) {
    if (participant->feedback != NULL) report_on(participant, packet, header, arrival_ns);
    if (!stream->started || index > stream->highest) stream->highest = index;
    stream->started = 1;
    count_repair(packet, header, plain);
    return 0;
  }
  track(stream, index);
  if (participant->feedback != NULL) {
    judge(participant, stream, packet, header, index, arrival_ns, loss_per_mille);
  }
  stamp_read(packet + header + descriptor_size(packet + header), &stamp);
  if (stamp.flags & STAMP_MEASURED) count_latency(arrival_ns, stamp.sent_ns);
  if (participant->pictured || !completes_picture(stream, index, &stamp)) return 0;
  participant->pictured = 1;
  return 1;
}

void sink_rtcp(struct participant *participant, uint8_t *packet, int size, uint64_t now_ns) {
  int plain = participant->in.rtp == NULL ? -1 : srtcp_unprotect(&participant->in, packet, size);
  if (plain < 0) {
    sink.refused++;
    return;
  }
  sink.rtcp++;
  for (int at = 0; at + 4 <= plain;) {
    int format = packet[at] & 31;
    if (packet[at + 1] == 206 && (format == 1 || format == 4)) {
      uint32_t wanted = read32(packet + at + (format == 4 ? 12 : 8));
      uint32_t encoding = (wanted - encoding_ssrc(participant->index, 0)) >> 16;
      if (encoding < MAX_ENCODINGS) participant->encodings[encoding].keyframe_wanted = 1;
    }
    if (packet[at + 1] == 200 && at + 28 <= plain) reports_handle_sender_report(participant, packet + at, now_ns);
    at += 4 + 4 * read16(packet + at + 2);
  }
}

void sink_handle_timeout(struct participant *participant, uint64_t now_ns, uint64_t interval_ns) {
  if (participant->feedback == NULL || participant->state != CONNECTED) return;
  sink.asked += (uint64_t)feedback_send(participant->feedback, &participant->out, participant->fd,
                                        slot_ssrc(participant->index, 0), now_ns, interval_ns);
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
