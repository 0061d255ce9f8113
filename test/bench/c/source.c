#define _GNU_SOURCE
#include "source.h"

#include <string.h>
#include <sys/socket.h>

#include "stamp.h"

enum { MID_ID = 4, RID_ID = 10, SIMULCAST_HEADER_BYTES = RTP_HEADER_BYTES + 12 };

/* By encoding, of the largest one's packets and size, in quarters; and the height of its pictures. */
static const int packet_quarters[MAX_ENCODINGS] = {1, 2, 4};
static const int size_quarters[MAX_ENCODINGS] = {2, 3, 4};
static const int heights[MAX_ENCODINGS] = {180, 360, 720};

/* xorshift64*: the same sizes in every run with the same seed. */
static uint32_t next_random(struct traffic *traffic) {
  traffic->random ^= traffic->random >> 12;
  traffic->random ^= traffic->random << 25;
  traffic->random ^= traffic->random >> 27;
  return (uint32_t)(traffic->random * 0x2545f4914f6cdd1dull >> 32);
}

/* Mid, rid and transport-wide number as RFC 8285 one-byte elements; the rids are l, m and h. */
static void write_extensions(struct participant *participant, int encoding, uint8_t *block) {
  write32(block, 0xbede0002);
  block[4] = MID_ID << 4;
  block[5] = 'c';
  block[6] = RID_ID << 4;
  block[7] = (uint8_t)"lmh"[encoding];
  block[8] = TRANSPORT_NUMBER_ID << 4 | 1;
  write16(block + 9, (uint16_t)participant->transport_number++);
  block[11] = 0;
}

/* Returns the header's size. */
static int write_header(struct participant *participant, int encoding, int simulcast, uint8_t *packet, int last) {
  packet[0] = simulcast ? 0x90 : 0x80;
  packet[1] = (uint8_t)(SOURCE_PAYLOAD_TYPE | (last ? 0x80 : 0));
  write16(packet + 2, (uint16_t)participant->encodings[encoding].sequence);
  write32(packet + 4, participant->timestamp);
  write32(packet + 8, encoding_ssrc(participant->index, encoding));
  if (!simulcast) return RTP_HEADER_BYTES;
  write_extensions(participant, encoding, packet + RTP_HEADER_BYTES);
  return SIMULCAST_HEADER_BYTES;
}

/* RFC 7741 section 4.2: S bit on a frame's first packet; with simulcast picture id, TL0PICIDX and three temporal layers. */
static int write_descriptor(const struct encoding *encoding, int simulcast, uint8_t *payload, int first) {
  static const int layers[4] = {0, 2, 1, 2};
  int layer = layers[encoding->pattern % 4];
  payload[0] = first ? 0x10 : 0;
  if (!simulcast) return 1;
  payload[0] |= 0x80;
  payload[1] = 0xe0;
  write16(payload + 2, (uint16_t)(0x8000 | (encoding->pictures & 0x7fff)));
  payload[4] = (uint8_t)encoding->base_pictures;
  payload[5] = (uint8_t)(layer << 6 | (layer > 0 ? 0x20 : 0));
  return MAX_DESCRIPTOR_BYTES;
}

static void send_encoding(struct traffic *traffic, struct participant *participant, int index, int simulcast,
                          int count, int size, int measured) {
  static uint8_t packets[MAX_FRAME_PACKETS][MAX_DATAGRAM];
  struct encoding *encoding = &participant->encodings[index];
  struct iovec parts[MAX_FRAME_PACKETS];
  struct mmsghdr messages[MAX_FRAME_PACKETS];
  if (encoding->keyframe_wanted) encoding->pattern = 0; /* a key frame is of the lowest temporal layer */
  int flags = (measured ? STAMP_MEASURED : 0) | (encoding->keyframe_wanted ? STAMP_KEYFRAME : 0);
  if (encoding->pattern % 4 == 0) encoding->base_pictures++;
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < count; i++) {
    struct stamp stamp = {flags, participant->index, i, count, realtime_ns()};
    int header = write_header(participant, index, simulcast, packets[i], i == count - 1);
    int descriptor = write_descriptor(encoding, simulcast, packets[i] + header, i == 0);
    stamp_write(packets[i] + header + descriptor, &stamp, heights[simulcast ? index : 1]);
    int sealed = srtp_protect(&participant->out, packets[i], packets[i], size, header, encoding->roc);
    parts[i].iov_base = packets[i];
    parts[i].iov_len = (size_t)sealed;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    encoding->sequence = (encoding->sequence + 1) & 0xffff;
    if (encoding->sequence == 0) encoding->roc++;
  }
  encoding->keyframe_wanted = 0;
  encoding->pictures++;
  encoding->pattern++;
  int taken = sendmmsg(participant->fd, messages, (unsigned int)count, 0);
  if (taken != count) traffic->refused++;
  if (measured) traffic->sent += (uint64_t)count;
}

void source_frame(struct traffic *traffic, const struct features *features, struct participant *participant,
                  int measured) {
  int size = traffic->min_size + (int)(next_random(traffic) % (uint32_t)(traffic->max_size - traffic->min_size + 1));
  int encodings = features->encodings;
  if (encodings == 0) send_encoding(traffic, participant, 0, 0, traffic->packets, size, measured);
  for (int i = 0; i < encodings; i++) {
    int count = (traffic->packets * packet_quarters[i] + 3) / 4;
    int scaled = size * size_quarters[i] / 4;
    int least = SIMULCAST_HEADER_BYTES + MAX_DESCRIPTOR_BYTES + STAMP_BYTES;
    send_encoding(traffic, participant, i, 1, count, scaled < least ? least : scaled, measured);
  }
  participant->timestamp += 90000u / (uint32_t)traffic->frames_per_second;
}
