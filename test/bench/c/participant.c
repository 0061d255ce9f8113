#define _GNU_SOURCE
#include "participant.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dtls.h"
#include "fail.h"
#include "preset.h"

enum { CONNECT_ATTEMPTS = 40 };
static const uint64_t retransmit_ns = 250000000;
/* RFC 7675 section 5.1: a check every 5 s, varied by 20 %, here by the participant's index. */
static const uint64_t consent_ns = 4000000000;

struct participant *participant_new(int index, const char *bind_address, int publishes, int slots) {
  struct participant *participant = calloc(1, sizeof *participant);
  struct stream *streams = calloc(2 * (size_t)slots + 1, sizeof *streams);
  uint8_t random[8];
  if (participant == NULL || streams == NULL) fail("out of memory");
  RAND_bytes(random, sizeof random);
  participant->index = index;
  participant->fd = open_udp(bind_address, 0, 1);
  participant->publishes = publishes;
  participant->slots = slots;
  participant->streams = streams;
  participant->timestamp_offset = read32(random + 4);
  for (int i = 0; i < MAX_ENCODINGS; i++) {
    participant->encodings[i].sequence = (read16(random) + i * 77) & 0x7fff;
    participant->encodings[i].keyframe_wanted = 1;
  }
  return participant;
}

void participant_credentials(struct participant *participant, const char *username, const char *password) {
  snprintf(participant->username, sizeof participant->username, "%s", username);
  snprintf(participant->password, sizeof participant->password, "%s", password);
}

static void send_binding_request(struct participant *participant) {
  uint8_t request[STUN_MAX_BYTES];
  RAND_bytes(participant->transaction, sizeof participant->transaction);
  int size = stun_request(request, participant->transaction, participant->username, participant->password);
  if (send(participant->fd, request, (size_t)size, 0) < 0 && participant->state == CONNECTED) {
    fprintf(stderr, "participant %d: a consent check could not be sent\n", participant->index);
  }
}

void participant_connect(struct participant *participant, uint64_t now_ns) {
  participant->state = BINDING;
  participant->next_stun_ns = now_ns + retransmit_ns;
  send_binding_request(participant);
}

void participant_handle_stun(struct participant *participant, SSL_CTX *context, const uint8_t *bytes, int size) {
  if (!stun_is_success(bytes, size, participant->transaction, participant->password)) return;
  if (participant->state == BINDING) {
    participant->state = HANDSHAKING;
    participant->ssl = dtls_connect(context, participant->fd);
  }
}

int participant_handle_dtls(struct participant *participant, const uint8_t *bytes, int size) {
  if (participant->ssl == NULL) return 0;
  int result = dtls_handle(participant->ssl, bytes, size);
  if (participant->state != HANDSHAKING) return 0;
  if (result < 0) participant->state = FAILED;
  if (result <= 0) return 0;
  dtls_keys(participant->ssl, &participant->out, &participant->in);
  participant->state = CONNECTED;
  participant->next_stun_ns = monotonic_ns() + consent_ns + (uint64_t)(participant->index % 64) * 15000000;
  return 1;
}

void participant_handle_timeout(struct participant *participant, uint64_t now_ns) {
  if (participant->username[0] == 0 || participant->state == IDLE || now_ns < participant->next_stun_ns) return;
  if (participant->state == CONNECTED) {
    participant->next_stun_ns = now_ns + consent_ns;
    send_binding_request(participant);
    return;
  }
  participant->next_stun_ns = now_ns + retransmit_ns;
  if (++participant->stun_attempts > CONNECT_ATTEMPTS) participant->state = FAILED;
  if (participant->state == BINDING) send_binding_request(participant);
  if (participant->state == HANDSHAKING) dtls_handle_timeout(participant->ssl);
}

void participant_preset(struct participant *participant) {
  uint8_t hello[HELLO_BYTES] = HELLO_MAGIC;
  preset_srtp(&participant->out, participant->index, 0, 1);
  preset_srtp(&participant->in, participant->index, 1, 0);
  write32(hello + 4, (uint32_t)participant->index);
  participant->state = CONNECTED;
  if (send(participant->fd, hello, sizeof hello, 0) != sizeof hello) fail("cannot reach the floor");
}

void participant_free(struct participant *participant) {
  if (participant->ssl != NULL) {
    SSL_shutdown(participant->ssl);
    SSL_free(participant->ssl);
  }
  if (participant->in.rtp != NULL) {
    srtp_free(&participant->in);
    srtp_free(&participant->out);
  }
  close(participant->fd);
  free(participant->feedback);
  free(participant->streams);
  free(participant);
}
