#define _GNU_SOURCE
#include "feedback.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fail.h"
#include "net.h"

/* Statuses in one packet: with seven in two bytes and two bytes for each, it stays below an MTU. */
enum { MAX_STATUSES = 448, DELTA_US = 250, REFERENCE_US = 64000, MAX_RTCP = 1500 };

struct feedback *feedback_new(double phase) {
  struct feedback *feedback = calloc(1, sizeof *feedback);
  if (feedback == NULL) fail("out of memory");
  feedback->phase = phase;
  return feedback;
}

int transport_number(const uint8_t *packet, int header_size) {
  int at = RTP_HEADER_BYTES + 4 * (packet[0] & 15);
  if ((packet[0] & 0x10) == 0 || read16(packet + at) != 0xbede) return -1;
  for (at += 4; at < header_size;) {
    if (packet[at] == 0) {
      at++;
      continue;
    }
    int length = (packet[at] & 15) + 1;
    if (packet[at] >> 4 == TRANSPORT_NUMBER_ID && length == 2 && at + 2 < header_size) return read16(packet + at + 1);
    at += 1 + length;
  }
  return -1;
}

void feedback_arrived(struct feedback *feedback, int number, uint64_t arrival_ns) {
  if (feedback->end == 0) feedback->first = feedback->end = 0x10000u + (uint64_t)number;
  uint64_t wide = feedback->end + (uint64_t)(int64_t)(int16_t)(uint16_t)((uint16_t)number - (uint16_t)feedback->end);
  if (wide < feedback->first || wide >= feedback->first + FEEDBACK_WINDOW) return;
  for (; feedback->end <= wide; feedback->end++) feedback->arrival_us[feedback->end % FEEDBACK_WINDOW] = 0;
  feedback->arrival_us[wide % FEEDBACK_WINDOW] = arrival_ns / 1000;
}

void feedback_miss(struct feedback *feedback, uint32_t ssrc, uint16_t sequence) {
  if (feedback->nacks == MAX_NACKS) return;
  feedback->nack[feedback->nacks].ssrc = ssrc;
  feedback->nack[feedback->nacks++].sequence = sequence;
}

static void write_head(uint8_t *packet, int format, int size, uint32_t media_ssrc) {
  packet[0] = (uint8_t)(0x80 | format);
  packet[1] = 205;
  write16(packet + 2, (uint16_t)(size / 4 - 1));
  write32(packet + 4, 1);
  write32(packet + 8, media_ssrc);
}

/* draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1, all chunks of two bits a status. Returns its size. */
static int write_feedback(struct feedback *feedback, uint8_t *packet, uint32_t media_ssrc) {
  int count = (int)(feedback->end - feedback->first);
  uint64_t reference = 0;
  if (count > MAX_STATUSES) count = MAX_STATUSES;
  for (int i = 0; i < count && reference == 0; i++) {
    reference = feedback->arrival_us[(feedback->first + (uint64_t)i) % FEEDBACK_WINDOW] / REFERENCE_US;
  }
  int chunks = (count + 6) / 7;
  int at = 20 + 2 * chunks;
  memset(packet + 20, 0, (size_t)(2 * chunks));
  uint64_t previous = reference * (REFERENCE_US / DELTA_US);
  for (int i = 0; i < count; i++) {
    uint64_t us = feedback->arrival_us[(feedback->first + (uint64_t)i) % FEEDBACK_WINDOW];
    if (us == 0) continue;
    int64_t delta = (int64_t)(us / DELTA_US - previous);
    int symbol = delta >= 0 && delta < 256 ? 1 : 2;
    uint8_t *chunk = packet + 20 + 2 * (i / 7);
    write16(chunk, (uint16_t)(read16(chunk) | 0xc000 | symbol << (12 - 2 * (i % 7))));
    if (symbol == 2) packet[at++] = (uint8_t)(delta >> 8);
    packet[at++] = (uint8_t)delta;
    previous = us / DELTA_US;
  }
  /* A chunk of losses alone is a run of seven. */
  for (int i = 0; i < chunks; i++) {
    if (read16(packet + 20 + 2 * i) == 0) write16(packet + 20 + 2 * i, 7);
  }
  while (at % 4 != 0) packet[at++] = 0;
  write_head(packet, 15, at, media_ssrc);
  write16(packet + 12, (uint16_t)feedback->first);
  write16(packet + 14, (uint16_t)count);
  write32(packet + 16, (uint32_t)(reference << 8) | feedback->count++);
  feedback->first += (uint64_t)count;
  return at;
}

static int write_nacks(struct feedback *feedback, uint8_t *packet) {
  int at = 0;
  for (int i = 0; i < feedback->nacks; i++) {
    write_head(packet + at, 1, 16, feedback->nack[i].ssrc);
    write16(packet + at + 12, feedback->nack[i].sequence);
    write16(packet + at + 14, 0);
    at += 16;
  }
  feedback->nacks = 0;
  return at;
}

void feedback_send_rtcp(struct feedback *feedback, struct srtp *out, int fd, uint8_t *packet, int size) {
  size = srtcp_protect(out, packet, size, ++feedback->srtcp_index);
  (void)!send(fd, packet, (size_t)size, 0);
}

int feedback_send(struct feedback *feedback, struct srtp *out, int fd, uint32_t media_ssrc, uint64_t now_ns,
                  uint64_t interval_ns) {
  uint8_t packet[MAX_RTCP + 64];
  int asked = feedback->nacks;
  if (now_ns < feedback->next_ns) return 0;
  /* After a stall the schedule goes on from now. */
  uint64_t begin = feedback->next_ns == 0 ? now_ns + (uint64_t)(feedback->phase * (double)interval_ns) : feedback->next_ns;
  feedback->next_ns = begin + interval_ns > now_ns ? begin + interval_ns : now_ns + interval_ns;
  while (feedback->first < feedback->end) {
    feedback_send_rtcp(feedback, out, fd, packet, write_feedback(feedback, packet, media_ssrc));
  }
  if (asked > 0) feedback_send_rtcp(feedback, out, fd, packet, write_nacks(feedback, packet));
  return asked;
}
