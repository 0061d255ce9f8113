/*
 * The C floor: the least that any router must do for the same traffic, on one thread. Receives, decrypts AES-128-GCM,
 * and for every other participant patches SSRC, encrypts under that participant's key and sends:
 *   sendto: packet by packet;
 *   gso:    a frame of a publisher is collected up to its marker bit, and each receiver gets it in one sendmsg with
 *           UDP_SEGMENT.
 * With simulcast, each receiver gets one of a publisher's encodings, a slot's number deciding which.
 * No RTCP, no loss repair, no statistics, no lookups beyond an array index: not a router, a lower bound.
 *
 * usage: floor sendto|gso ADDRESS PARTICIPANTS ENCODINGS
 * Prints {"port","thread"}; learns each participant's address from its hello datagram.
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
#include "net.h"
#include "preset.h"
#include "srtp.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { BATCH = 64, CORE = 0 };

/* A frame being collected, decrypted, of one encoding of one publisher. */
struct frame {
  int publisher;
  int encoding;
  uint8_t bytes[MAX_FRAME_PACKETS][MAX_DATAGRAM];
  int sizes[MAX_FRAME_PACKETS];
  int packets;
  uint32_t highest;
};

struct peer {
  struct sockaddr_storage address;
  socklen_t address_size;
  struct srtp in;
  struct srtp out;
  struct frame frames[MAX_ENCODINGS];
};

static struct peer *peers;
static int peer_count;
static int encoding_count;
static int fd;

static int slot_of(const struct frame *from, int receiver) {
  return from->publisher < receiver ? from->publisher : from->publisher - 1;
}

static int is_for(const struct frame *from, int receiver) {
  if (receiver == from->publisher || peers[receiver].address_size == 0) return 0;
  return slot_of(from, receiver) % encoding_count == from->encoding;
}

/* Seals packet `k` of the frame for `receiver` into `out`; returns its size. */
static int seal(uint8_t *out, struct frame *from, int k, int receiver) {
  uint8_t *packet = from->bytes[k];
  write32(packet + 8, slot_ssrc(receiver, slot_of(from, receiver)));
  int header = rtp_header_size(packet, from->sizes[k]);
  return srtp_protect(&peers[receiver].out, out, packet, from->sizes[k], header, from->highest >> 16);
}

static void forward_packet(struct frame *from) {
  uint8_t out[MAX_DATAGRAM];
  for (int i = 0; i < peer_count; i++) {
    if (!is_for(from, i)) continue;
    int size = seal(out, from, 0, i);
    ssize_t sent = sendto(fd, out, (size_t)size, 0, (struct sockaddr *)&peers[i].address, peers[i].address_size);
    if (sent != size) fail("sendto: %s", strerror(errno));
  }
  from->packets = 0;
}

static void forward_frame(struct frame *from) {
  uint8_t out[MAX_FRAME_PACKETS * MAX_DATAGRAM];
  uint8_t control[CMSG_SPACE(sizeof(uint16_t))] __attribute__((aligned(8)));
  uint16_t segment = (uint16_t)(from->sizes[0] + SRTP_TAG_BYTES);
  for (int i = 0; i < peer_count; i++) {
    if (!is_for(from, i)) continue;
    int size = 0;
    for (int k = 0; k < from->packets; k++) size += seal(out + size, from, k, i);
    struct iovec part = {out, (size_t)size};
    struct msghdr message = {.msg_name = &peers[i].address,
                             .msg_namelen = peers[i].address_size,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *option = CMSG_FIRSTHDR(&message);
    option->cmsg_level = SOL_UDP;
    option->cmsg_type = UDP_SEGMENT;
    option->cmsg_len = CMSG_LEN(sizeof segment);
    memcpy(CMSG_DATA(option), &segment, sizeof segment);
    if (sendmsg(fd, &message, 0) != size) fail("sendmsg with UDP_SEGMENT: %s", strerror(errno));
  }
  from->packets = 0;
}

static void hello(const uint8_t *bytes, const struct msghdr *message) {
  static const uint8_t magic[4] = HELLO_MAGIC;
  uint32_t index = read32(bytes + 4);
  if (memcmp(bytes, magic, sizeof magic) != 0 || index >= (uint32_t)peer_count) return;
  memcpy(&peers[index].address, message->msg_name, message->msg_namelen);
  peers[index].address_size = message->msg_namelen;
}

static void handle(const uint8_t *bytes, int size, const struct msghdr *message, int gso) {
  if (size == HELLO_BYTES) {
    hello(bytes, message);
    return;
  }
  int header = rtp_header_size(bytes, size);
  uint32_t source = read32(bytes + 8) - source_ssrc(0);
  uint32_t publisher = source & 0xffff;
  uint32_t encoding = source >> 16;
  if (header < 0 || publisher >= (uint32_t)peer_count || encoding >= (uint32_t)encoding_count) return;
  struct frame *from = &peers[publisher].frames[encoding];
  uint16_t sequence = read16(bytes + 2);
  uint32_t index = from->highest + (uint32_t)(int32_t)(int16_t)(uint16_t)(sequence - (uint16_t)from->highest);
  if (from->highest == 0) index = sequence;
  int plain = srtp_unprotect(&peers[publisher].in, from->bytes[from->packets], bytes, size, header, index >> 16);
  if (plain < 0) return;
  from->publisher = (int)publisher;
  from->encoding = (int)encoding;
  from->highest = index;
  from->sizes[from->packets++] = plain;
  int last = (bytes[1] & 0x80) != 0 || from->packets == MAX_FRAME_PACKETS;
  if (!gso) forward_packet(from);
  else if (last) forward_frame(from);
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
  int count = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++) handle(buffers[i], (int)messages[i].msg_len, &messages[i].msg_hdr, gso);
}

int main(int argc, char **argv) {
  struct sockaddr_storage local;
  socklen_t size = sizeof local;
  if (argc != 5) fail("usage: floor sendto|gso ADDRESS PARTICIPANTS ENCODINGS");
  int gso = strcmp(argv[1], "gso") == 0;
  peer_count = atoi(argv[3]);
  encoding_count = atoi(argv[4]);
  if (encoding_count < 1 || encoding_count > MAX_ENCODINGS) fail("ENCODINGS is 1 to %d", MAX_ENCODINGS);
  peers = calloc((size_t)peer_count, sizeof *peers);
  if (peers == NULL) fail("out of memory");
  for (int i = 0; i < peer_count; i++) {
    preset_srtp(&peers[i].in, i, 0, 0);
    preset_srtp(&peers[i].out, i, 1, 1);
  }
  pin_to_core(CORE);
  fd = open_udp(argv[2], 0, 0);
  getsockname(fd, (struct sockaddr *)&local, &size);
  int port = ntohs(local.ss_family == AF_INET ? ((struct sockaddr_in *)&local)->sin_port
                                              : ((struct sockaddr_in6 *)&local)->sin6_port);
  printf("{\"port\":%d,\"thread\":%ld}\n", port, syscall(SYS_gettid));
  fflush(stdout);
  struct pollfd polled[2] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  /* The harness ends the floor by closing its stdin. */
  while (poll(polled, 2, -1) > 0 && polled[1].revents == 0) receive(gso);
  return 0;
}
