#include "stun.h"

#include <openssl/hmac.h>
#include <string.h>

#include "srtp.h"

enum { HEADER = 20, MAGIC = 0x2112a442, REQUEST = 0x0001, SUCCESS = 0x0101 };
enum { USERNAME = 0x0006, INTEGRITY = 0x0008, PRIORITY = 0x0024, USE_CANDIDATE = 0x0025 };
enum { FINGERPRINT = 0x8028, ICE_CONTROLLING = 0x802a, HMAC_BYTES = 20 };

static uint32_t crc32_of(const uint8_t *bytes, int size) {
  uint32_t crc = 0xffffffffu;
  for (int i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

/* Appends one attribute, padded to 4 bytes; returns the new size of the message. */
static int append(uint8_t *out, int size, int type, const void *value, int length) {
  write16(out + size, (uint16_t)type);
  write16(out + size + 2, (uint16_t)length);
  memset(out + size + 4, 0, (size_t)((length + 3) & ~3));
  memcpy(out + size + 4, value, (size_t)length);
  return size + 4 + ((length + 3) & ~3);
}

/* HMAC-SHA1 over the message up to `size`, its length field counting the integrity attribute (RFC 8489 section 14.5). */
static void integrity(const uint8_t *message, int size, const char *password, uint8_t *mac) {
  uint8_t copy[STUN_MAX_BYTES];
  unsigned int mac_size = HMAC_BYTES;
  memcpy(copy, message, (size_t)size);
  write16(copy + 2, (uint16_t)(size + 4 + HMAC_BYTES - HEADER));
  HMAC(EVP_sha1(), password, (int)strlen(password), copy, (size_t)size, mac, &mac_size);
}

int stun_request(uint8_t *out, const uint8_t *transaction, const char *username, const char *password) {
  static const uint8_t priority[4] = {0x6e, 0x7f, 0x1e, 0xff};
  uint8_t mac[HMAC_BYTES];
  uint8_t crc[4];
  int size = HEADER;
  write16(out, REQUEST);
  write32(out + 4, MAGIC);
  memcpy(out + 8, transaction, STUN_TRANSACTION_BYTES);
  size = append(out, size, USERNAME, username, (int)strlen(username));
  size = append(out, size, PRIORITY, priority, sizeof priority);
  size = append(out, size, ICE_CONTROLLING, "zonebnch", 8);
  size = append(out, size, USE_CANDIDATE, "", 0);
  integrity(out, size, password, mac);
  size = append(out, size, INTEGRITY, mac, sizeof mac);
  write16(out + 2, (uint16_t)(size + 8 - HEADER));
  write32(crc, crc32_of(out, size) ^ 0x5354554eu);
  return append(out, size, FINGERPRINT, crc, sizeof crc);
}

int stun_is_success(const uint8_t *bytes, int size, const uint8_t *transaction, const char *password) {
  uint8_t mac[HMAC_BYTES];
  if (size < HEADER || size > STUN_MAX_BYTES || read16(bytes) != SUCCESS || read32(bytes + 4) != MAGIC) return 0;
  if (read16(bytes + 2) != size - HEADER || memcmp(bytes + 8, transaction, STUN_TRANSACTION_BYTES) != 0) return 0;
  for (int at = HEADER; at + 4 <= size;) {
    int length = read16(bytes + at + 2);
    if (at + 4 + length > size) return 0;
    if (read16(bytes + at) == INTEGRITY && length == HMAC_BYTES) {
      integrity(bytes, at, password, mac);
      return memcmp(mac, bytes + at + 4, HMAC_BYTES) == 0;
    }
    at += 4 + ((length + 3) & ~3);
  }
  return 0;
}
