#define _GNU_SOURCE
#include "source.h"

#include <string.h>
#include <sys/socket.h>

#include "stamp.h"

/* xorshift64*: the same sizes in every run with the same seed. */
static uint32_t next_random(struct traffic *traffic) {
  traffic->random ^= traffic->random >> 12;
  traffic->random ^= traffic->random << 25;
  traffic->random ^= traffic->random >> 27;
  return (uint32_t)(traffic->random * 0x2545f4914f6cdd1dull >> 32);
}

static void write_header(struct participant *participant, uint8_t *packet, int last) {
  packet[0] = 0x80;
  packet[1] = (uint8_t)(SOURCE_PAYLOAD_TYPE | (last ? 0x80 : 0));
  write16(packet + 2, (uint16_t)participant->sequence);
  write32(packet + 4, participant->timestamp);
  write32(packet + 8, source_ssrc(participant->index));
}

void source_frame(struct traffic *traffic, struct participant *participant, int measured) {
  static uint8_t packets[MAX_FRAME_PACKETS][MAX_DATAGRAM];
  struct iovec parts[MAX_FRAME_PACKETS];
  struct mmsghdr messages[MAX_FRAME_PACKETS];
  int size = traffic->min_size + (int)(next_random(traffic) % (uint32_t)(traffic->max_size - traffic->min_size + 1));
  int flags = (measured ? STAMP_MEASURED : 0) | (participant->keyframe_wanted ? STAMP_KEYFRAME : 0);
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < traffic->packets; i++) {
    struct stamp stamp = {flags, participant->index, i, traffic->packets, realtime_ns()};
    write_header(participant, packets[i], i == traffic->packets - 1);
    stamp_write(packets[i] + RTP_HEADER_BYTES, &stamp);
    int sealed = srtp_protect(&participant->out, packets[i], packets[i], size, RTP_HEADER_BYTES, participant->roc);
    parts[i].iov_base = packets[i];
    parts[i].iov_len = (size_t)sealed;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    participant->sequence = (participant->sequence + 1) & 0xffff;
    if (participant->sequence == 0) participant->roc++;
  }
  participant->keyframe_wanted = 0;
  participant->timestamp += 90000u / (uint32_t)traffic->frames_per_second;
  int taken = sendmmsg(participant->fd, messages, (unsigned int)traffic->packets, 0);
  if (taken != traffic->packets) traffic->refused++;
  if (measured) traffic->sent += (uint64_t)traffic->packets;
}
