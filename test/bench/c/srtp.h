/* SRTP with AEAD_AES_128_GCM (RFC 3711, RFC 7714) for the load generator and the floors: one kept context per key. */
#ifndef BENCH_SRTP_H
#define BENCH_SRTP_H

#include <openssl/evp.h>
#include <stdint.h>

enum { SRTP_KEY_BYTES = 16, SRTP_SALT_BYTES = 12, SRTP_TAG_BYTES = 16, RTP_HEADER_BYTES = 12 };

/* One direction of one association. */
struct srtp {
  EVP_CIPHER_CTX *rtp;
  EVP_CIPHER_CTX *rtcp;
  uint8_t rtp_salt[SRTP_SALT_BYTES];
  uint8_t rtcp_salt[SRTP_SALT_BYTES];
};

/* Derives the session keys (RFC 3711 section 4.3, key derivation rate 0). `encrypt`: 1 to protect, 0 to unprotect. */
void srtp_init(struct srtp *srtp, const uint8_t *master_key, const uint8_t *master_salt, int encrypt);
void srtp_free(struct srtp *srtp);

/* Writes the protected packet to `out` (size + 16 bytes; may be `packet` itself) and returns its size. */
int srtp_protect(struct srtp *srtp, uint8_t *out, const uint8_t *packet, int size, int header_size, uint32_t roc);
/* Decrypts into `out` (may be `packet` itself). Returns the plain size, or -1 when the tag does not hold. */
int srtp_unprotect(struct srtp *srtp, uint8_t *out, const uint8_t *packet, int size, int header_size, uint32_t roc);
/* Encrypts a compound RTCP packet in place (size + 20 bytes) under `index` and returns its size. */
int srtcp_protect(struct srtp *srtp, uint8_t *packet, int size, uint32_t index);
/* Decrypts a compound RTCP packet in place. Returns the plain size, or -1. */
int srtcp_unprotect(struct srtp *srtp, uint8_t *packet, int size);

/* Size of the RTP header with CSRCs and extension block, or -1. */
int rtp_header_size(const uint8_t *packet, int size);

static inline uint16_t read16(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }
static inline uint32_t read32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}
static inline void write16(uint8_t *bytes, uint16_t value) {
  bytes[0] = (uint8_t)(value >> 8);
  bytes[1] = (uint8_t)value;
}
static inline void write32(uint8_t *bytes, uint32_t value) {
  write16(bytes, (uint16_t)(value >> 16));
  write16(bytes + 2, (uint16_t)value);
}

#endif
