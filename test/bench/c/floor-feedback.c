#include "floor-feedback.h"

#include "fail.h"
#include "floor-state.h"

/* RFC 4585 section 6.2. */
enum { RTPFB = 205, GENERIC_NACK = 1, NACK_HEADER_BYTES = 12, NACK_ENTRY_BYTES = 4 };

struct feedback_totals feedback_totals;

/* A packet of a slot once more: on the slot's other SSRC, where the sinks expect repairs, otherwise as it was. */
static void resend(int receiver, uint32_t slot, uint16_t sequence) {
  uint8_t out[MAX_DATAGRAM + SRTP_TAG_BYTES];
  if (slot >= (uint32_t)state.peer_count - 1) fail("participant %d asks for what it does not get", receiver);
  struct peer *publisher = &state.peers[publisher_of((int)slot, receiver)];
  struct packet *packet = &publisher->encodings[encoding_of((int)slot)].kept[sequence % KEPT_PACKETS];
  feedback_totals.asked++;
  if (packet->size == 0 || (uint16_t)packet->index != sequence) return;
  floor_send(out, floor_seal(out, packet, repair_ssrc(receiver, (int)slot), receiver), receiver);
  feedback_totals.resent++;
}

static void answer(int receiver, const uint8_t *nack, int size) {
  for (int at = NACK_HEADER_BYTES; at + NACK_ENTRY_BYTES <= size; at += NACK_ENTRY_BYTES) {
    uint16_t sequence = read16(nack + at);
    uint32_t wanted = 1u | (uint32_t)read16(nack + at + 2) << 1;
    for (; wanted != 0; wanted >>= 1, sequence++) {
      if (wanted & 1) resend(receiver, read32(nack + 8) - slot_ssrc(receiver, 0), sequence);
    }
  }
}

void floor_feedback(int sender, uint8_t *bytes, int size) {
  int plain = srtcp_unprotect(&state.peers[sender].in, bytes, size);
  if (plain < 0) fail("feedback of participant %d does not authenticate", sender);
  feedback_totals.authenticated++;
  for (int at = 0, length; at + 4 <= plain; at += length) {
    length = 4 + 4 * read16(bytes + at + 2);
    if (at + length > plain) fail("feedback of participant %d is cut off", sender);
    if (bytes[at + 1] == RTPFB && (bytes[at] & 31) == GENERIC_NACK) answer(sender, bytes + at, length);
  }
}
