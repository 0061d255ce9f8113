// SRTP and SRTCP for one direction of one transport: session keys and kept OpenSSL contexts, no per-stream state.
// AEAD_AES_128_GCM and AEAD_AES_256_GCM: RFC 7714. AES128_CM_HMAC_SHA1_80: RFC 3711.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace zonecast {

// The order is that of SRTP_PROFILES in mmr/engine/srtp-keys.ts.
enum class SrtpProfile : uint32_t { aead_aes_128_gcm = 0, aead_aes_256_gcm = 1, aes_128_cm_sha1_80 = 2 };
inline constexpr uint32_t kSrtpProfileCount = 3;

struct ProfileSizes {
  size_t key, salt, authentication_key, tag;
};
ProfileSizes profile_sizes(SrtpProfile profile);

/// The tag, plus the index word of SRTCP: the most that protecting adds.
inline constexpr size_t kMaxProtectionBytes = 16 + 4;
inline constexpr uint32_t kMaxSrtcpIndex = 0x7fffffff;

struct Free {
  void operator()(EVP_CIPHER* it) const { EVP_CIPHER_free(it); }
  void operator()(EVP_CIPHER_CTX* it) const { EVP_CIPHER_CTX_free(it); }
  void operator()(EVP_MAC* it) const { EVP_MAC_free(it); }
  void operator()(EVP_MAC_CTX* it) const { EVP_MAC_CTX_free(it); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Free>;

/// Algorithms are fetched once per engine: EVP_CIPHER_fetch takes locks and microseconds.
class Algorithms {
 public:
  Algorithms();
  EVP_CIPHER* cipher(SrtpProfile profile) const { return ciphers_[static_cast<size_t>(profile)].get(); }
  EVP_MAC* hmac() const { return hmac_.get(); }

 private:
  std::array<std::unique_ptr<EVP_CIPHER, Free>, kSrtpProfileCount> ciphers_;
  std::unique_ptr<EVP_MAC, Free> hmac_;
};

/// Session key of RFC 3711 section 4.3.1 with key derivation rate 0. A salt of 96 bits is padded to 112 with zeros
/// (RFC 7714 section 11), a key of 256 bits means AES-256 (RFC 6188). False when OpenSSL refuses.
bool derive_session_key(std::span<const uint8_t> master_key, std::span<const uint8_t> master_salt, uint8_t label,
                        std::span<uint8_t> out);

struct SessionKeys {
  std::array<uint8_t, 32> key;
  std::array<uint8_t, 14> salt;
  std::array<uint8_t, 20> authentication_key;
};

enum class Direction { protect, unprotect };

/// One kept cipher context (and MAC) for RTP or for RTCP.
class SrtpCipher {
 public:
  bool init(const Algorithms& algorithms, SrtpProfile profile, const SessionKeys& keys, Direction direction);
  bool ready() const { return cipher_ != nullptr; }
  size_t tag_size() const { return tag_size_; }

  /// Encrypts `prefix`, `payload` and `padding` to `packet + header_size`, whose header is already in place, and
  /// appends the tag. `payload` may be where its cipher text goes. The caller guarantees room for kMaxProtectionBytes
  /// more. Returns the size of the packet, 0 when OpenSSL refuses.
  size_t protect_rtp(uint8_t* packet, size_t header_size, std::span<const uint8_t> prefix,
                     std::span<const uint8_t> payload, std::span<const uint8_t> padding, uint32_t rollover_counter);
  /// Authenticates and decrypts in place. Returns the size without the tag, 0 when the tag does not hold.
  /// Precondition: header_size + tag_size() <= size.
  size_t unprotect_rtp(uint8_t* packet, size_t size, size_t header_size, uint32_t rollover_counter);

  /// In place; the caller guarantees at least 8 bytes and room for kMaxProtectionBytes more.
  size_t protect_rtcp(uint8_t* packet, size_t size, uint32_t index);
  /// In place. Precondition: size >= 8 + tag_size() + 4.
  size_t unprotect_rtcp(uint8_t* packet, size_t size);
  /// The index word (E flag and index) of an SRTCP packet. Same precondition.
  uint32_t srtcp_index_word(const uint8_t* packet, size_t size) const;

 private:
  bool gcm() const { return profile_ != SrtpProfile::aes_128_cm_sha1_80; }
  void gcm_iv(uint8_t* iv, uint32_t ssrc, uint32_t high, uint32_t low, bool rtcp) const;
  void counter_iv(uint8_t* iv, uint32_t ssrc, uint64_t index) const;
  bool set_iv(const uint8_t* iv);
  bool authenticate(std::span<const uint8_t> packet, uint32_t suffix, uint8_t* tag);
  bool tag_holds(std::span<const uint8_t> packet, uint32_t suffix, const uint8_t* tag);

  SrtpProfile profile_ = SrtpProfile::aead_aes_128_gcm;
  Direction direction_ = Direction::protect;
  size_t tag_size_ = 0;
  std::array<uint8_t, 14> salt_{};
  CipherContext cipher_;
  MacContext mac_;
};

/// Both ciphers of one direction, derived from its master key.
struct SrtpDirection {
  SrtpCipher rtp, rtcp;
  bool init(const Algorithms& algorithms, SrtpProfile profile, std::span<const uint8_t> master_key,
            std::span<const uint8_t> master_salt, Direction direction);
};

}  // namespace zonecast
