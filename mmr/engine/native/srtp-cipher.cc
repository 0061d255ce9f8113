#include "srtp-cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <cstring>

#include "layout.h"

namespace zonecast {
namespace {

constexpr size_t kRtcpHeaderBytes = 8;
constexpr size_t kGcmTagBytes = 16;
constexpr size_t kHmacTagBytes = 10;
constexpr uint32_t kEncryptedFlag = 0x80000000;

constexpr const char* kCipherNames[kSrtpProfileCount] = {"AES-128-GCM", "AES-256-GCM", "AES-128-CTR"};

// EVP lengths are int; every length here is at most a few kilobytes.
int length(std::span<const uint8_t> bytes) { return static_cast<int>(bytes.size()); }

bool update(EVP_CIPHER_CTX* cipher, uint8_t* out, std::span<const uint8_t> in) {
  int written = 0;
  return EVP_CipherUpdate(cipher, out, &written, in.data(), length(in)) == 1;
}

bool finish(EVP_CIPHER_CTX* cipher) {
  int written = 0;
  uint8_t nothing[16];
  return EVP_CipherFinal_ex(cipher, nothing, &written) == 1;
}

}  // namespace

ProfileSizes profile_sizes(SrtpProfile profile) {
  switch (profile) {
    case SrtpProfile::aead_aes_128_gcm:
      return {16, 12, 0, kGcmTagBytes};
    case SrtpProfile::aead_aes_256_gcm:
      return {32, 12, 0, kGcmTagBytes};
    case SrtpProfile::aes_128_cm_sha1_80:
      break;
  }
  return {16, 14, 20, kHmacTagBytes};
}

Algorithms::Algorithms() : hmac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
  for (size_t i = 0; i < kSrtpProfileCount; i++) ciphers_[i].reset(EVP_CIPHER_fetch(nullptr, kCipherNames[i], nullptr));
}

bool derive_session_key(std::span<const uint8_t> master_key, std::span<const uint8_t> master_salt, uint8_t label,
                        std::span<uint8_t> out) {
  // The key stream of AES-CM with IV = (salt XOR label << 48) << 16 (RFC 3711 sections 4.3.1 and 4.3.3).
  if (master_salt.size() > 14 || out.size() > 256) return false;
  std::array<uint8_t, 16> iv{};
  std::memcpy(iv.data(), master_salt.data(), master_salt.size());
  iv[7] ^= label;
  const EVP_CIPHER* aes = master_key.size() == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
  if (master_key.size() != static_cast<size_t>(EVP_CIPHER_get_key_length(aes))) return false;
  CipherContext context(EVP_CIPHER_CTX_new());
  if (!context || EVP_EncryptInit_ex(context.get(), aes, nullptr, master_key.data(), iv.data()) != 1) return false;
  std::memset(out.data(), 0, out.size());
  return update(context.get(), out.data(), out);
}

bool SrtpCipher::init(const Algorithms& algorithms, SrtpProfile profile, const SessionKeys& keys,
                      Direction direction) {
  profile_ = profile;
  direction_ = direction;
  tag_size_ = profile_sizes(profile).tag;
  salt_ = keys.salt;
  EVP_CIPHER* algorithm = algorithms.cipher(profile);
  CipherContext cipher(EVP_CIPHER_CTX_new());
  // Counter mode decrypts by encrypting.
  const int encrypt = direction == Direction::protect || !gcm();
  if (algorithm == nullptr || !cipher ||
      EVP_CipherInit_ex2(cipher.get(), algorithm, keys.key.data(), nullptr, encrypt, nullptr) != 1) {
    return false;
  }
  if (!gcm()) {
    if (algorithms.hmac() == nullptr) return false;
    MacContext mac(EVP_MAC_CTX_new(algorithms.hmac()));
    char digest[] = "SHA1";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    if (!mac || EVP_MAC_init(mac.get(), keys.authentication_key.data(), keys.authentication_key.size(), parameters) != 1)
      return false;
    mac_ = std::move(mac);
  }
  cipher_ = std::move(cipher);
  return true;
}

/// RFC 7714 sections 8.1 (RTP: high is the roll-over counter, low the sequence number) and 9.1 (RTCP: the index).
void SrtpCipher::gcm_iv(uint8_t* iv, uint32_t ssrc, uint32_t high, uint32_t low, bool rtcp) const {
  store16(iv, 0);
  store32(iv + 2, ssrc);
  if (rtcp) {
    store16(iv + 6, 0);
    store32(iv + 8, low);
  } else {
    store32(iv + 6, high);
    store16(iv + 10, low);
  }
  for (size_t i = 0; i < 12; i++) iv[i] ^= salt_[i];
}

/// RFC 3711 section 4.1.1: (salt << 16) XOR (SSRC << 64) XOR (index << 16).
void SrtpCipher::counter_iv(uint8_t* iv, uint32_t ssrc, uint64_t index) const {
  store32(iv, 0);
  store32(iv + 4, ssrc);
  store32(iv + 8, static_cast<uint32_t>(index >> 16));
  store16(iv + 12, static_cast<uint32_t>(index & 0xffff));
  store16(iv + 14, 0);
  for (size_t i = 0; i < 14; i++) iv[i] ^= salt_[i];
}

bool SrtpCipher::set_iv(const uint8_t* iv) {
  // Direction −1 keeps it; key and cipher stay as they are, which is what makes this cheap.
  return EVP_CipherInit_ex2(cipher_.get(), nullptr, nullptr, iv, -1, nullptr) == 1;
}

/// HMAC-SHA1-80 over the packet and 32 bits more: the roll-over counter, or the SRTCP index word.
bool SrtpCipher::authenticate(std::span<const uint8_t> packet, uint32_t suffix, uint8_t* tag) {
  uint8_t word[4];
  uint8_t digest[20];
  size_t size = 0;
  store32(word, suffix);
  if (EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(mac_.get(), packet.data(), packet.size()) != 1 ||
      EVP_MAC_update(mac_.get(), word, sizeof word) != 1 ||
      EVP_MAC_final(mac_.get(), digest, &size, sizeof digest) != 1) {
    return false;
  }
  std::memcpy(tag, digest, kHmacTagBytes);
  return true;
}

bool SrtpCipher::tag_holds(std::span<const uint8_t> packet, uint32_t suffix, const uint8_t* tag) {
  uint8_t expected[kHmacTagBytes];
  return authenticate(packet, suffix, expected) && CRYPTO_memcmp(expected, tag, kHmacTagBytes) == 0;
}

size_t SrtpCipher::protect_rtp(uint8_t* packet, size_t header_size, std::span<const uint8_t> prefix,
                               std::span<const uint8_t> payload, std::span<const uint8_t> padding,
                               uint32_t rollover_counter) {
  const uint32_t sequence = load16(packet + 2);
  const uint32_t ssrc = load32(packet + 8);
  uint8_t iv[16];
  uint8_t* const body = packet + header_size;
  const size_t content_size = header_size + prefix.size() + payload.size();
  const size_t size = content_size + padding.size();
  EVP_CIPHER_CTX* const cipher = cipher_.get();
  if (gcm()) {
    gcm_iv(iv, ssrc, rollover_counter, sequence, false);
    if (!set_iv(iv) || !update(cipher, nullptr, {packet, header_size})) return 0;
  } else {
    counter_iv(iv, ssrc, (static_cast<uint64_t>(rollover_counter) << 16) | sequence);
    if (!set_iv(iv)) return 0;
  }
  if (!prefix.empty() && !update(cipher, body, prefix)) return 0;
  if (!payload.empty() && !update(cipher, body + prefix.size(), payload)) return 0;
  if (!padding.empty() && !update(cipher, packet + content_size, padding)) return 0;
  if (gcm()) {
    if (!finish(cipher) || EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, packet + size) != 1)
      return 0;
  } else if (!authenticate({packet, size}, rollover_counter, packet + size)) {
    return 0;
  }
  return size + tag_size_;
}

size_t SrtpCipher::unprotect_rtp(uint8_t* packet, size_t size, size_t header_size, uint32_t rollover_counter) {
  const uint32_t sequence = load16(packet + 2);
  const uint32_t ssrc = load32(packet + 8);
  const size_t plain_size = size - tag_size_;
  const std::span<uint8_t> body(packet + header_size, plain_size - header_size);
  uint8_t iv[16];
  EVP_CIPHER_CTX* const cipher = cipher_.get();
  if (gcm()) {
    gcm_iv(iv, ssrc, rollover_counter, sequence, false);
    const bool held =
        set_iv(iv) && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, packet + plain_size) == 1 &&
        update(cipher, nullptr, {packet, header_size}) && (body.empty() || update(cipher, body.data(), body)) &&
        finish(cipher);
    return held ? plain_size : 0;
  }
  if (!tag_holds({packet, plain_size}, rollover_counter, packet + plain_size)) return 0;
  counter_iv(iv, ssrc, (static_cast<uint64_t>(rollover_counter) << 16) | sequence);
  return set_iv(iv) && (body.empty() || update(cipher, body.data(), body)) ? plain_size : 0;
}

size_t SrtpCipher::protect_rtcp(uint8_t* packet, size_t size, uint32_t index) {
  const uint32_t ssrc = load32(packet + 4);
  const uint32_t index_word = index | kEncryptedFlag;
  const std::span<uint8_t> body(packet + kRtcpHeaderBytes, size - kRtcpHeaderBytes);
  uint8_t iv[16];
  EVP_CIPHER_CTX* const cipher = cipher_.get();
  if (gcm()) {
    // RFC 7714 section 9: header and index word authenticated, then cipher text, tag, index word.
    uint8_t word[4];
    store32(word, index_word);
    gcm_iv(iv, ssrc, 0, index, true);
    if (!set_iv(iv) || !update(cipher, nullptr, {packet, kRtcpHeaderBytes}) || !update(cipher, nullptr, word) ||
        (!body.empty() && !update(cipher, body.data(), body)) || !finish(cipher) ||
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, packet + size) != 1) {
      return 0;
    }
    std::memcpy(packet + size + kGcmTagBytes, word, sizeof word);
  } else {
    // RFC 3711 section 3.4: cipher text, index word, tag.
    counter_iv(iv, ssrc, index);
    if (!set_iv(iv) || (!body.empty() && !update(cipher, body.data(), body))) return 0;
    store32(packet + size, index_word);
    if (!authenticate({packet, size}, index_word, packet + size + 4)) return 0;
  }
  return size + tag_size_ + 4;
}

uint32_t SrtpCipher::srtcp_index_word(const uint8_t* packet, size_t size) const {
  return load32(packet + size - 4 - (gcm() ? 0 : kHmacTagBytes));
}

size_t SrtpCipher::unprotect_rtcp(uint8_t* packet, size_t size) {
  const uint32_t ssrc = load32(packet + 4);
  const uint32_t index_word = srtcp_index_word(packet, size);
  const bool encrypted = (index_word & kEncryptedFlag) != 0;
  const uint32_t index = index_word & kMaxSrtcpIndex;
  const size_t plain_size = size - tag_size_ - 4;
  const std::span<uint8_t> body(packet + kRtcpHeaderBytes, plain_size - kRtcpHeaderBytes);
  uint8_t iv[16];
  EVP_CIPHER_CTX* const cipher = cipher_.get();
  if (gcm()) {
    // Without the E flag the body is authenticated as it is (RFC 7714 section 9.3).
    gcm_iv(iv, ssrc, 0, index, true);
    const bool held =
        set_iv(iv) && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, packet + plain_size) == 1 &&
        update(cipher, nullptr, {packet, encrypted ? kRtcpHeaderBytes : plain_size}) &&
        update(cipher, nullptr, {packet + size - 4, 4}) &&
        (!encrypted || body.empty() || update(cipher, body.data(), body)) && finish(cipher);
    return held ? plain_size : 0;
  }
  if (!tag_holds({packet, plain_size}, index_word, packet + size - kHmacTagBytes)) return 0;
  if (!encrypted || body.empty()) return plain_size;
  counter_iv(iv, ssrc, index);
  return set_iv(iv) && update(cipher, body.data(), body) ? plain_size : 0;
}

bool SrtpDirection::init(const Algorithms& algorithms, SrtpProfile profile, std::span<const uint8_t> master_key,
                         std::span<const uint8_t> master_salt, Direction direction) {
  // Labels of RFC 3711 sections 4.3.2: 0–2 for RTP, 3–5 for RTCP.
  const ProfileSizes sizes = profile_sizes(profile);
  if (master_key.size() != sizes.key || master_salt.size() != sizes.salt) return false;
  for (const uint8_t first_label : {uint8_t{0}, uint8_t{3}}) {
    SessionKeys keys{};
    const auto derive = [&](uint8_t label, std::span<uint8_t> out) {
      return derive_session_key(master_key, master_salt, static_cast<uint8_t>(first_label + label), out);
    };
    const bool derived = derive(0, std::span(keys.key).first(sizes.key)) &&
                         derive(1, std::span(keys.authentication_key).first(sizes.authentication_key)) &&
                         derive(2, std::span(keys.salt).first(sizes.salt));
    const bool done =
        derived && (first_label == 0 ? rtp : rtcp).init(algorithms, profile, keys, direction);
    OPENSSL_cleanse(&keys, sizeof keys);
    if (!done) return false;
  }
  return true;
}

}  // namespace zonecast
