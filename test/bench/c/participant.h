/* One participant of the load: a UDP socket, its association with the router, and what it sends and receives. */
#ifndef BENCH_PARTICIPANT_H
#define BENCH_PARTICIPANT_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "feedback.h"
#include "net.h"
#include "srtp.h"
#include "stun.h"

enum { MAX_PARTICIPANTS = 4096 };

enum state { IDLE, BINDING, HANDSHAKING, CONNECTED, FAILED };

/* One slot's SSRC as it arrives. */
struct stream {
  int started;
  /* Highest packet index (roll-over counter * 65536 + sequence number). */
  uint64_t highest;
  /* Packets of the key frame seen so far in order; -1 before its first. */
  int picture_packets;
  uint64_t picture_index;
  /* For reports: packets taken for lost, and how it stood at the last report. */
  uint32_t missed;
  uint64_t reported_highest;
  uint32_t reported_missed;
  /* Of the last sender report: the middle of its NTP time, and when it came. */
  uint32_t sender_report;
  uint64_t sender_report_ns;
};

/* One encoding of a publisher's camera. */
struct encoding {
  int sequence;
  uint32_t roc;
  int keyframe_wanted;
  /* Pictures so far, those of the lowest temporal layer, and the place in the pattern of four. */
  uint32_t pictures;
  uint32_t base_pictures;
  uint32_t pattern;
  /* For sender reports. */
  uint32_t sent_packets;
  uint32_t sent_bytes;
};

struct participant {
  int index;
  int fd;
  enum state state;
  int publishes;
  int slots;
  /* ICE. */
  char username[128];
  char password[64];
  uint8_t transaction[STUN_TRANSACTION_BYTES];
  uint64_t next_stun_ns;
  int stun_attempts;
  SSL *ssl;
  struct srtp out;
  struct srtp in;
  /* As a publisher. */
  struct encoding encodings[MAX_ENCODINGS];
  int transport_number;
  uint32_t timestamp_offset;
  uint32_t timestamp;
  uint64_t next_frame_ns;
  /* As a subscriber: the slots' own streams, then their RTX. */
  struct stream *streams;
  /* NULL: reports nothing. */
  struct feedback *feedback;
  uint64_t next_report_ns;
  int pictured;
};

/* A participant that reaches the router by ICE and DTLS. */
struct participant *participant_new(int index, const char *bind_address, int publishes, int slots);
void participant_credentials(struct participant *participant, const char *username, const char *password);
void participant_connect(struct participant *participant, uint64_t now_ns);
void participant_handle_stun(struct participant *participant, SSL_CTX *context, const uint8_t *bytes, int size);
/* Returns 1 when this datagram completed the handshake. */
int participant_handle_dtls(struct participant *participant, const uint8_t *bytes, int size);
/* Repeats what was not answered and keeps consent alive (RFC 7675). */
void participant_handle_timeout(struct participant *participant, uint64_t now_ns);
void participant_free(struct participant *participant);

/* A participant of a floor: preset keys, and a datagram that tells the floor its address. */
void participant_preset(struct participant *participant);

#endif
