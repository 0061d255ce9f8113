/*
 * What the generator and a floor agree on without a handshake: keys, how a participant makes itself known, and where in
 * a packet with header extensions its transport-wide number is.
 */
#ifndef BENCH_PRESET_H
#define BENCH_PRESET_H

#include <string.h>

#include "srtp.h"

enum { HELLO_BYTES = 8, TRANSPORT_NUMBER_AT = RTP_HEADER_BYTES + 7 };
#define HELLO_MAGIC {0, 0xff, 0xbe, 0x4c}

/* direction 0: participant to floor, 1: floor to participant. */
static inline void preset_srtp(struct srtp *srtp, int participant, int direction, int encrypt) {
  uint8_t key[SRTP_KEY_BYTES];
  uint8_t salt[SRTP_SALT_BYTES];
  memset(key, 0x5a + direction, sizeof key);
  memset(salt, 0xa5 - direction, sizeof salt);
  write32(key, (uint32_t)participant);
  srtp_init(srtp, key, salt, encrypt);
}

#endif
