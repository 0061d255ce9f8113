#define _GNU_SOURCE
#include "source.h"

#include <string.h>
#include <sys/socket.h>

#include "preset.h"
#include "stamp.h"

enum { MID_ID = 4, RID_ID = 10, EXTENDED_HEADER_BYTES = RTP_HEADER_BYTES + 12, PLAIN_HEIGHT = 360 };

/* From the smallest encoding up, of the largest one's packets and size, in quarters; and the height of its pictures. */
static const int packet_quarters[MAX_ENCODINGS] = {1, 2, 4};
static const int size_quarters[MAX_ENCODINGS] = {2, 2, 4};
static const int heights[MAX_ENCODINGS] = {180, 360, 720};

/* One picture of one encoding. */
struct picture {
  struct encoding *encoding;
  uint32_t ssrc;
  /* 0: a bare RTP header and the shortest payload descriptor. */
  int extended;
  /* 0: without simulcast. */
  char rid;
  int height;
  int packets;
  int size;
};

/* xorshift64*: the same sizes in every run with the same seed. */
static uint32_t next_random(struct traffic *traffic) {
  traffic->random ^= traffic->random >> 12;
  traffic->random ^= traffic->random << 25;
  traffic->random ^= traffic->random >> 27;
  return (uint32_t)(traffic->random * 0x2545f4914f6cdd1dull >> 32);
}

/* Mid, rid and transport-wide number as RFC 8285 one-byte elements; zeros are padding. */
static void write_extensions(struct participant *participant, char rid, uint8_t *packet) {
  uint8_t *block = packet + RTP_HEADER_BYTES;
  write32(block, 0xbede0002);
  block[4] = MID_ID << 4;
  block[5] = 'c';
  block[6] = TRANSPORT_NUMBER_ID << 4 | 1;
  write16(packet + TRANSPORT_NUMBER_AT, (uint16_t)participant->transport_number++);
  block[9] = rid == 0 ? 0 : RID_ID << 4;
  block[10] = (uint8_t)rid;
  block[11] = 0;
}

/* Returns the header's size. */
static int write_header(struct participant *participant, const struct picture *picture, uint8_t *packet, int last) {
  packet[0] = picture->extended ? 0x90 : 0x80;
  packet[1] = (uint8_t)(SOURCE_PAYLOAD_TYPE | (last ? 0x80 : 0));
  write16(packet + 2, (uint16_t)picture->encoding->sequence);
  write32(packet + 4, participant->timestamp);
  write32(packet + 8, picture->ssrc);
  if (!picture->extended) return RTP_HEADER_BYTES;
  write_extensions(participant, picture->rid, packet);
  return EXTENDED_HEADER_BYTES;
}

/* RFC 7741 section 4.2: S bit on a picture's first packet; extended: picture id, TL0PICIDX and three temporal layers. */
static int write_descriptor(const struct encoding *encoding, int extended, uint8_t *payload, int first) {
  static const int layers[4] = {0, 2, 1, 2};
  int layer = layers[encoding->pattern % 4];
  payload[0] = first ? 0x10 : 0;
  if (!extended) return 1;
  payload[0] |= 0x80;
  payload[1] = 0xe0;
  write16(payload + 2, (uint16_t)(0x8000 | (encoding->pictures & 0x7fff)));
  payload[4] = (uint8_t)encoding->base_pictures;
  payload[5] = (uint8_t)(layer << 6 | (layer > 0 ? 0x20 : 0));
  return MAX_DESCRIPTOR_BYTES;
}

/* Writes and seals packet `i` of the picture; returns its size. */
static int write_packet(struct participant *participant, const struct picture *picture, int flags, int i,
                        uint8_t *packet) {
  struct encoding *encoding = picture->encoding;
  struct stamp stamp = {flags, participant->index, i, picture->packets, realtime_ns()};
  int header = write_header(participant, picture, packet, i == picture->packets - 1);
  int descriptor = write_descriptor(encoding, picture->extended, packet + header, i == 0);
  stamp_write(packet + header + descriptor, &stamp, picture->height);
  int sealed = srtp_protect(&participant->out, packet, packet, picture->size, header, encoding->roc);
  encoding->sequence = (encoding->sequence + 1) & 0xffff;
  if (encoding->sequence == 0) encoding->roc++;
  encoding->sent_packets++;
  encoding->sent_bytes += (uint32_t)(picture->size - header);
  return sealed;
}

static void send_picture(struct traffic *traffic, struct participant *participant, const struct picture *picture,
                         int measured) {
  static uint8_t packets[MAX_FRAME_PACKETS][MAX_DATAGRAM];
  struct encoding *encoding = picture->encoding;
  struct iovec parts[MAX_FRAME_PACKETS];
  struct mmsghdr messages[MAX_FRAME_PACKETS];
  if (encoding->keyframe_wanted) encoding->pattern = 0; /* a key frame is of the lowest temporal layer */
  int flags = (measured ? STAMP_MEASURED : 0) | (encoding->keyframe_wanted ? STAMP_KEYFRAME : 0);
  if (encoding->pattern % 4 == 0) encoding->base_pictures++;
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < picture->packets; i++) {
    parts[i].iov_base = packets[i];
    parts[i].iov_len = (size_t)write_packet(participant, picture, flags, i, packets[i]);
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  encoding->keyframe_wanted = 0;
  encoding->pictures++;
  encoding->pattern++;
  int taken = sendmmsg(participant->fd, messages, (unsigned int)picture->packets, 0);
  if (taken != picture->packets) traffic->refused++;
  if (measured) traffic->sent += (uint64_t)picture->packets;
}

uint32_t source_timestamp(const struct participant *participant, uint64_t now_ns) {
  return participant->timestamp_offset + (uint32_t)(now_ns * 9 / 100000);
}

void source_frame(struct traffic *traffic, int encodings, struct participant *participant, int measured) {
  int size = traffic->min_size + (int)(next_random(traffic) % (uint32_t)(traffic->max_size - traffic->min_size + 1));
  participant->timestamp = source_timestamp(participant, monotonic_ns());
  if (encodings == 0) {
    struct picture picture = {&participant->encodings[0], source_ssrc(participant->index), 0, 0, PLAIN_HEIGHT,
                              traffic->packets, size};
    send_picture(traffic, participant, &picture, measured);
  }
  for (int i = 0; i < encodings; i++) {
    int scale = MAX_ENCODINGS - encodings + i; /* a single one is the largest */
    int scaled = size * size_quarters[scale] / 4;
    int least = EXTENDED_HEADER_BYTES + MAX_DESCRIPTOR_BYTES + STAMP_BYTES;
    struct picture picture = {&participant->encodings[i], encoding_ssrc(participant->index, i), 1,
                              encodings > 1 ? "lmh"[scale] : 0, heights[scale],
                              (traffic->packets * packet_quarters[scale] + 3) / 4, scaled < least ? least : scaled};
    send_picture(traffic, participant, &picture, measured);
  }
}
