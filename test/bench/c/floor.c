/*
 * The C floor: the least that any router must do for the same traffic, on one thread. Receives, decrypts AES-128-GCM,
 * and for every other participant patches SSRC, encrypts under that participant's key and sends:
 *   sendto:       packet by packet;
 *   gso:          a frame of a publisher is collected up to its marker bit, and each receiver gets it in one sendmsg
 *                 with UDP_SEGMENT;
 *   gso-feedback: the same, and what subscribers send is taken in: authenticated, decrypted, NACKs answered. So that they
 *                 have something to report on, each receiver's packets get transport-wide numbers of their own.
 * With simulcast, each receiver gets one of a publisher's encodings, a slot's number deciding which.
 * No estimation, no pacing, no reports of its own, no statistics, no lookups beyond an array index: not a router, a lower
 * bound.
 *
 * usage: floor sendto|gso|gso-feedback ADDRESS PARTICIPANTS ENCODINGS
 * Prints {"port","thread"}, and {"authenticated","asked","resent"} (struct feedback_totals) when its stdin ends; learns
 * each participant's address from its hello datagram.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"
#include "floor-feedback.h"
#include "floor-state.h"
#include "preset.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { BATCH = 64, CORE = 0 };

struct floor state;

/* The participant behind each port of the generator, plus one; 0: none. */
static uint16_t peer_at_port[65536];

static int is_for(const struct encoded *from, int receiver) {
  if (receiver == from->publisher || state.peers[receiver].address_size == 0) return 0;
  return encoding_of(slot_of(from->publisher, receiver)) == from->encoding;
}

int floor_seal(uint8_t *out, struct packet *packet, uint32_t ssrc, int receiver) {
  struct peer *peer = &state.peers[receiver];
  write32(packet->bytes + 8, ssrc);
  if (state.has_feedback) write16(packet->bytes + TRANSPORT_NUMBER_AT, peer->transport_number++);
  int header = rtp_header_size(packet->bytes, packet->size);
  return srtp_protect(&peer->out, out, packet->bytes, packet->size, header, packet->index >> 16);
}

void floor_send(const uint8_t *bytes, int size, int receiver) {
  struct peer *peer = &state.peers[receiver];
  ssize_t sent = sendto(state.fd, bytes, (size_t)size, 0, (struct sockaddr *)&peer->address, peer->address_size);
  if (sent != size) fail("sendto: %s", strerror(errno));
}

/* Seals packet `k` of the frame for `receiver` into `out`; returns its size. */
static int seal(uint8_t *out, struct encoded *from, int k, int receiver) {
  return floor_seal(out, from->frame[k], slot_ssrc(receiver, slot_of(from->publisher, receiver)), receiver);
}

static void forward_packet(struct encoded *from) {
  uint8_t out[MAX_DATAGRAM];
  for (int i = 0; i < state.peer_count; i++) {
    if (is_for(from, i)) floor_send(out, seal(out, from, 0, i), i);
  }
}

static void forward_frame(struct encoded *from) {
  uint8_t out[MAX_FRAME_PACKETS * MAX_DATAGRAM];
  uint8_t control[CMSG_SPACE(sizeof(uint16_t))] __attribute__((aligned(8)));
  uint16_t segment = (uint16_t)(from->frame[0]->size + SRTP_TAG_BYTES);
  for (int i = 0; i < state.peer_count; i++) {
    if (!is_for(from, i)) continue;
    int size = 0;
    for (int k = 0; k < from->frame_packets; k++) size += seal(out + size, from, k, i);
    struct iovec part = {out, (size_t)size};
    struct msghdr message = {.msg_name = &state.peers[i].address,
                             .msg_namelen = state.peers[i].address_size,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *option = CMSG_FIRSTHDR(&message);
    option->cmsg_level = SOL_UDP;
    option->cmsg_type = UDP_SEGMENT;
    option->cmsg_len = CMSG_LEN(sizeof segment);
    memcpy(CMSG_DATA(option), &segment, sizeof segment);
    if (sendmsg(state.fd, &message, 0) != size) fail("sendmsg with UDP_SEGMENT: %s", strerror(errno));
  }
}

static uint16_t *peer_at(const struct msghdr *message) {
  const struct sockaddr *address = message->msg_name;
  return &peer_at_port[address->sa_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port
                                                     : ((const struct sockaddr_in6 *)address)->sin6_port];
}

static void hello(const uint8_t *bytes, const struct msghdr *message) {
  static const uint8_t magic[4] = HELLO_MAGIC;
  uint32_t index = read32(bytes + 4);
  if (memcmp(bytes, magic, sizeof magic) != 0 || index >= (uint32_t)state.peer_count) return;
  memcpy(&state.peers[index].address, message->msg_name, message->msg_namelen);
  state.peers[index].address_size = message->msg_namelen;
  *peer_at(message) = (uint16_t)(index + 1);
}

static void handle_rtp(const uint8_t *bytes, int size, int gso) {
  int header = rtp_header_size(bytes, size);
  uint32_t source = read32(bytes + 8) - source_ssrc(0);
  uint32_t publisher = source & 0xffff;
  uint32_t encoding = source >> 16;
  if (header < 0 || publisher >= (uint32_t)state.peer_count || encoding >= (uint32_t)state.encoding_count) return;
  struct encoded *from = &state.peers[publisher].encodings[encoding];
  uint16_t sequence = read16(bytes + 2);
  uint32_t index = from->highest + (uint32_t)(int32_t)(int16_t)(uint16_t)(sequence - (uint16_t)from->highest);
  if (from->highest == 0) index = sequence;
  /* Nothing is kept without feedback: a frame's packets are where those of the one before were. */
  struct packet *packet = &from->kept[state.has_feedback ? sequence % KEPT_PACKETS : from->frame_packets];
  int plain = srtp_unprotect(&state.peers[publisher].in, packet->bytes, bytes, size, header, index >> 16);
  if (plain < 0) return;
  packet->index = index;
  packet->size = plain;
  from->publisher = (int)publisher;
  from->encoding = (int)encoding;
  from->highest = index;
  from->frame[from->frame_packets++] = packet;
  if (gso && (bytes[1] & 0x80) == 0 && from->frame_packets < MAX_FRAME_PACKETS) return;
  if (gso) forward_frame(from);
  else forward_packet(from);
  from->frame_packets = 0;
}

static void handle(uint8_t *bytes, int size, const struct msghdr *message, int gso) {
  if (size == HELLO_BYTES) {
    hello(bytes, message);
  } else if (bytes[1] < 192 || bytes[1] >= 224) { /* RFC 5761 section 4 */
    handle_rtp(bytes, size, gso);
  } else {
    int sender = *peer_at(message) - 1;
    if (!state.has_feedback || sender < 0) fail("feedback that nobody expects");
    floor_feedback(sender, bytes, size);
  }
}

static void receive(int gso) {
  static uint8_t buffers[BATCH][MAX_DATAGRAM];
  static struct sockaddr_storage addresses[BATCH];
  static struct iovec parts[BATCH];
  static struct mmsghdr messages[BATCH];
  for (int i = 0; i < BATCH; i++) {
    parts[i].iov_base = buffers[i];
    parts[i].iov_len = MAX_DATAGRAM;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &addresses[i];
    messages[i].msg_hdr.msg_namelen = sizeof addresses[i];
  }
  int count = recvmmsg(state.fd, messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++) handle(buffers[i], (int)messages[i].msg_len, &messages[i].msg_hdr, gso);
}

static void start(const char *kind, const char *address, int participants, int encodings) {
  struct sockaddr_storage local;
  socklen_t size = sizeof local;
  if (encodings < 1 || encodings > MAX_ENCODINGS) fail("ENCODINGS is 1 to %d", MAX_ENCODINGS);
  state.peer_count = participants;
  state.encoding_count = encodings;
  state.has_feedback = strcmp(kind, "gso-feedback") == 0;
  state.peers = calloc((size_t)participants, sizeof *state.peers);
  if (state.peers == NULL) fail("out of memory");
  for (int i = 0; i < participants; i++) {
    preset_srtp(&state.peers[i].in, i, 0, 0);
    preset_srtp(&state.peers[i].out, i, 1, 1);
  }
  pin_to_core(CORE);
  state.fd = open_udp(address, 0, 0);
  getsockname(state.fd, (struct sockaddr *)&local, &size);
  int port = ntohs(local.ss_family == AF_INET ? ((struct sockaddr_in *)&local)->sin_port
                                              : ((struct sockaddr_in6 *)&local)->sin6_port);
  printf("{\"port\":%d,\"thread\":%ld}\n", port, syscall(SYS_gettid));
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 5) fail("usage: floor sendto|gso|gso-feedback ADDRESS PARTICIPANTS ENCODINGS");
  int gso = strcmp(argv[1], "sendto") != 0;
  start(argv[1], argv[2], atoi(argv[3]), atoi(argv[4]));
  struct pollfd polled[2] = {{.fd = state.fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  /* The harness ends the floor by closing its stdin; what has come until then counts. */
  while (poll(polled, 2, -1) > 0 && (polled[0].revents != 0 || polled[1].revents == 0)) receive(gso);
  printf("{\"authenticated\":%llu,\"asked\":%llu,\"resent\":%llu}\n",
         (unsigned long long)feedback_totals.authenticated, (unsigned long long)feedback_totals.asked,
         (unsigned long long)feedback_totals.resent);
  return 0;
}
