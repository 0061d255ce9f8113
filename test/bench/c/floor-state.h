/* What the parts of a floor share: its participants, and what each of them has sent. */
#ifndef BENCH_FLOOR_STATE_H
#define BENCH_FLOOR_STATE_H

#include <stdint.h>
#include <sys/socket.h>

#include "net.h"
#include "srtp.h"

/* Of each encoding, to answer NACKs: half a second of the fastest publisher of a workload. A power of two. */
enum { KEPT_PACKETS = 128 };

/* Decrypted. */
struct packet {
  /* Roll-over counter * 65536 + sequence number. */
  uint32_t index;
  /* 0: none was here yet. */
  int size;
  uint8_t bytes[MAX_DATAGRAM];
};

/* One encoding of one publisher: what is kept of it, and the frame being collected. */
struct encoded {
  int publisher;
  int encoding;
  uint32_t highest;
  struct packet kept[KEPT_PACKETS];
  struct packet *frame[MAX_FRAME_PACKETS];
  int frame_packets;
};

struct peer {
  struct sockaddr_storage address;
  socklen_t address_size;
  struct srtp in;
  struct srtp out;
  struct encoded encodings[MAX_ENCODINGS];
  /* Next transport-wide number to this peer. */
  uint16_t transport_number;
};

struct floor {
  struct peer *peers;
  int peer_count;
  int encoding_count;
  int fd;
  /* Whether subscribers send feedback: packets are numbered for each of them and kept. */
  int has_feedback;
};

extern struct floor state;

/* The publisher in a receiver's slot, and back: everybody but oneself, in order. */
static inline int slot_of(int publisher, int receiver) { return publisher < receiver ? publisher : publisher - 1; }
static inline int publisher_of(int slot, int receiver) { return slot < receiver ? slot : slot + 1; }

/* Which of a publisher's encodings a slot gets. */
static inline int encoding_of(int slot) { return slot % state.encoding_count; }

/* Seals a packet as `ssrc` for `receiver` into `out` (16 bytes more than the packet); returns its size. */
int floor_seal(uint8_t *out, struct packet *packet, uint32_t ssrc, int receiver);
void floor_send(const uint8_t *bytes, int size, int receiver);

#endif
