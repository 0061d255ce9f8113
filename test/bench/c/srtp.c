#include "srtp.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"

/* RFC 3711 section 4.3.3: AES-CM with the master key over (label || 0) XOR salt; 96-bit salts are padded (RFC 7714 section 11). */
static void derive(const uint8_t *key, const uint8_t *salt, uint8_t label, uint8_t *out, int size) {
  uint8_t iv[16] = {0};
  uint8_t zeros[16] = {0};
  int written = 0;
  memcpy(iv, salt, SRTP_SALT_BYTES);
  iv[7] ^= label;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  if (context == NULL || EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, key, iv) != 1 ||
      EVP_EncryptUpdate(context, out, &written, zeros, size) != 1) {
    fail("key derivation failed");
  }
  EVP_CIPHER_CTX_free(context);
}

static EVP_CIPHER_CTX *gcm(const uint8_t *key, int encrypt) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  if (context == NULL || EVP_CipherInit_ex(context, EVP_aes_128_gcm(), NULL, key, NULL, encrypt) != 1) {
    fail("no AES-128-GCM");
  }
  return context;
}

void srtp_init(struct srtp *srtp, const uint8_t *master_key, const uint8_t *master_salt, int encrypt) {
  uint8_t key[SRTP_KEY_BYTES];
  derive(master_key, master_salt, 0, key, sizeof key);
  srtp->rtp = gcm(key, encrypt);
  derive(master_key, master_salt, 2, srtp->rtp_salt, sizeof srtp->rtp_salt);
  derive(master_key, master_salt, 3, key, sizeof key);
  srtp->rtcp = gcm(key, encrypt);
  derive(master_key, master_salt, 5, srtp->rtcp_salt, sizeof srtp->rtcp_salt);
}

void srtp_free(struct srtp *srtp) {
  EVP_CIPHER_CTX_free(srtp->rtp);
  EVP_CIPHER_CTX_free(srtp->rtcp);
  srtp->rtp = srtp->rtcp = NULL;
}

/* RFC 7714 section 8.1: 00 00 || SSRC || ROC || SEQ, XOR salt. */
static void rtp_iv(const struct srtp *srtp, const uint8_t *packet, uint32_t roc, uint8_t *iv) {
  uint8_t roc_bytes[4];
  write32(roc_bytes, roc);
  memcpy(iv, srtp->rtp_salt, SRTP_SALT_BYTES);
  for (int i = 0; i < 4; i++) iv[2 + i] ^= packet[8 + i];
  for (int i = 0; i < 4; i++) iv[6 + i] ^= roc_bytes[i];
  iv[10] ^= packet[2];
  iv[11] ^= packet[3];
}

int srtp_protect(struct srtp *srtp, uint8_t *out, const uint8_t *packet, int size, int header_size, uint32_t roc) {
  uint8_t iv[SRTP_SALT_BYTES];
  int written = 0;
  rtp_iv(srtp, packet, roc, iv);
  if (out != packet) memcpy(out, packet, (size_t)header_size);
  if (EVP_EncryptInit_ex(srtp->rtp, NULL, NULL, NULL, iv) != 1 ||
      EVP_EncryptUpdate(srtp->rtp, NULL, &written, packet, header_size) != 1 ||
      EVP_EncryptUpdate(srtp->rtp, out + header_size, &written, packet + header_size, size - header_size) != 1 ||
      EVP_EncryptFinal_ex(srtp->rtp, out + size, &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(srtp->rtp, EVP_CTRL_AEAD_GET_TAG, SRTP_TAG_BYTES, out + size) != 1) {
    fail("encryption failed");
  }
  return size + SRTP_TAG_BYTES;
}

int srtp_unprotect(struct srtp *srtp, uint8_t *out, const uint8_t *packet, int size, int header_size, uint32_t roc) {
  uint8_t iv[SRTP_SALT_BYTES];
  int written = 0;
  int plain = size - SRTP_TAG_BYTES;
  if (plain < header_size) return -1;
  rtp_iv(srtp, packet, roc, iv);
  if (out != packet) memcpy(out, packet, (size_t)header_size);
  if (EVP_DecryptInit_ex(srtp->rtp, NULL, NULL, NULL, iv) != 1 ||
      EVP_CIPHER_CTX_ctrl(srtp->rtp, EVP_CTRL_AEAD_SET_TAG, SRTP_TAG_BYTES, (void *)(packet + plain)) != 1 ||
      EVP_DecryptUpdate(srtp->rtp, NULL, &written, packet, header_size) != 1 ||
      EVP_DecryptUpdate(srtp->rtp, out + header_size, &written, packet + header_size, plain - header_size) != 1 ||
      EVP_DecryptFinal_ex(srtp->rtp, out + plain, &written) != 1) {
    return -1;
  }
  return plain;
}

/* RFC 7714 section 9.1: 00 00 || SSRC || 00 00 || 0 + 31-bit index, XOR salt; `word` is E flag and index. */
static void rtcp_iv(const struct srtp *srtp, const uint8_t *packet, const uint8_t *word, uint8_t *iv) {
  memcpy(iv, srtp->rtcp_salt, SRTP_SALT_BYTES);
  for (int i = 0; i < 4; i++) iv[2 + i] ^= packet[4 + i];
  iv[8] ^= word[0] & 0x7f;
  for (int i = 1; i < 4; i++) iv[8 + i] ^= word[i];
}

int srtcp_protect(struct srtp *srtp, uint8_t *packet, int size, uint32_t index) {
  uint8_t iv[SRTP_SALT_BYTES];
  uint8_t associated[12];
  int written = 0;
  memcpy(associated, packet, 8);
  write32(associated + 8, 0x80000000u | index);
  rtcp_iv(srtp, packet, associated + 8, iv);
  if (EVP_EncryptInit_ex(srtp->rtcp, NULL, NULL, NULL, iv) != 1 ||
      EVP_EncryptUpdate(srtp->rtcp, NULL, &written, associated, sizeof associated) != 1 ||
      EVP_EncryptUpdate(srtp->rtcp, packet + 8, &written, packet + 8, size - 8) != 1 ||
      EVP_EncryptFinal_ex(srtp->rtcp, packet + size, &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(srtp->rtcp, EVP_CTRL_AEAD_GET_TAG, SRTP_TAG_BYTES, packet + size) != 1) {
    fail("encryption failed");
  }
  memcpy(packet + size + SRTP_TAG_BYTES, associated + 8, 4);
  return size + SRTP_TAG_BYTES + 4;
}

int srtcp_unprotect(struct srtp *srtp, uint8_t *packet, int size) {
  uint8_t iv[SRTP_SALT_BYTES];
  uint8_t associated[12];
  int written = 0;
  int plain = size - SRTP_TAG_BYTES - 4;
  if (plain < 8 || (packet[size - 4] & 0x80) == 0) return -1;
  memcpy(associated, packet, 8);
  memcpy(associated + 8, packet + size - 4, 4);
  rtcp_iv(srtp, packet, associated + 8, iv);
  if (EVP_DecryptInit_ex(srtp->rtcp, NULL, NULL, NULL, iv) != 1 ||
      EVP_CIPHER_CTX_ctrl(srtp->rtcp, EVP_CTRL_AEAD_SET_TAG, SRTP_TAG_BYTES, packet + plain) != 1 ||
      EVP_DecryptUpdate(srtp->rtcp, NULL, &written, associated, sizeof associated) != 1 ||
      EVP_DecryptUpdate(srtp->rtcp, packet + 8, &written, packet + 8, plain - 8) != 1 ||
      EVP_DecryptFinal_ex(srtp->rtcp, packet + plain, &written) != 1) {
    return -1;
  }
  return plain;
}

int rtp_header_size(const uint8_t *packet, int size) {
  if (size < RTP_HEADER_BYTES || packet[0] >> 6 != 2) return -1;
  int header = RTP_HEADER_BYTES + 4 * (packet[0] & 15);
  if (packet[0] & 0x10) {
    if (size < header + 4) return -1;
    header += 4 + 4 * read16(packet + header + 2);
  }
  return header <= size ? header : -1;
}
