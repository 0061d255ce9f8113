#define _GNU_SOURCE
#include "reports.h"

#include "source.h"

enum { SENDER_REPORT = 200, RECEIVER_REPORT = 201, MAX_BLOCKS = 31, BLOCK_BYTES = 24, MAX_COMPOUND = 1200 };

static const uint64_t interval_ns = 1000000000;
/* Seconds from 1900 to 1970. */
static const uint64_t ntp_epoch = 2208988800u;

/* 64-bit NTP time. */
static uint64_t ntp_of(uint64_t realtime) {
  uint64_t fraction = ((realtime % 1000000000u) << 32) / 1000000000u;
  return (realtime / 1000000000u + ntp_epoch) << 32 | fraction;
}

static void write_head(uint8_t *packet, int count, int type, int size, uint32_t ssrc) {
  packet[0] = (uint8_t)(0x80 | count);
  packet[1] = (uint8_t)type;
  write16(packet + 2, (uint16_t)(size / 4 - 1));
  write32(packet + 4, ssrc);
}

static int write_sender_report(const struct participant *participant, int encoding, uint8_t *packet, uint64_t now_ns) {
  uint64_t ntp = ntp_of(realtime_ns());
  write_head(packet, 0, SENDER_REPORT, 28, encoding_ssrc(participant->index, encoding));
  write32(packet + 8, (uint32_t)(ntp >> 32));
  write32(packet + 12, (uint32_t)ntp);
  write32(packet + 16, source_timestamp(participant, now_ns));
  write32(packet + 20, participant->encodings[encoding].sent_packets);
  write32(packet + 24, participant->encodings[encoding].sent_bytes);
  return 28;
}

static void write_block(struct stream *stream, uint32_t ssrc, uint8_t *block, uint64_t now_ns) {
  uint64_t expected = stream->highest - stream->reported_highest;
  uint32_t missed = stream->missed - stream->reported_missed;
  uint64_t since = stream->sender_report == 0 ? 0 : ((now_ns - stream->sender_report_ns) << 16) / 1000000000u;
  write32(block, ssrc);
  write32(block + 4, stream->missed & 0x7fffff);
  block[4] = expected == 0 ? 0 : (uint8_t)(missed * 256 / expected);
  write32(block + 8, (uint32_t)stream->highest);
  write32(block + 12, 0);
  write32(block + 16, stream->sender_report);
  write32(block + 20, (uint32_t)since);
  stream->reported_highest = stream->highest;
  stream->reported_missed = stream->missed;
}

static void send_compound(struct participant *participant, uint8_t *packet, int size) {
  if (size > 0) feedback_send_rtcp(participant->feedback, &participant->out, participant->fd, packet, size);
}

/* One block for each slot that has carried a packet. */
static void send_receiver_report(struct participant *participant, uint64_t now_ns) {
  uint8_t packet[MAX_COMPOUND];
  int blocks = 0;
  for (int i = 0; i < participant->slots && blocks < MAX_BLOCKS; i++) {
    if (!participant->streams[i].started) continue;
    uint8_t *block = packet + 8 + BLOCK_BYTES * blocks++;
    write_block(&participant->streams[i], slot_ssrc(participant->index, i), block, now_ns);
  }
  if (blocks == 0) return;
  write_head(packet, blocks, RECEIVER_REPORT, 8 + BLOCK_BYTES * blocks, 1);
  send_compound(participant, packet, 8 + BLOCK_BYTES * blocks);
}

void reports_handle_sender_report(struct participant *participant, const uint8_t *report, uint64_t arrival_ns) {
  uint32_t slot = read32(report + 4) - slot_ssrc(participant->index, 0);
  if (slot >= (uint32_t)participant->slots) return;
  participant->streams[slot].sender_report = read32(report + 10);
  participant->streams[slot].sender_report_ns = arrival_ns;
}

void reports_handle_timeout(struct participant *participant, int encodings, uint64_t now_ns) {
  uint8_t packet[MAX_COMPOUND];
  int size = 0;
  if (participant->feedback == NULL || participant->state != CONNECTED || now_ns < participant->next_report_ns) return;
  participant->next_report_ns = now_ns + interval_ns;
  for (int i = 0; i < encodings && participant->publishes; i++) {
    if (participant->encodings[i].sent_packets == 0) continue;
    size += write_sender_report(participant, i, packet + size, now_ns);
  }
  send_compound(participant, packet, size);
  send_receiver_report(participant, now_ns);
}
