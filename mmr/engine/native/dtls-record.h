// Records of DTLS 1.2 (RFC 6347 section 4.1): finding them in a datagram, and opening what the peer seals.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <span>

namespace zonecast {

inline constexpr size_t kRecordHeaderBytes = 13;
/// Explicit nonce and tag of AES-GCM (RFC 5288 section 3), the only ciphers that we agree to.
inline constexpr size_t kRecordNonceBytes = 8, kRecordTagBytes = 16;

/// The datagram's first record, header included; empty when it is not one that OpenSSL may see. OpenSSL 3.5 ends the
/// session over a sealed record that is too short to be one, instead of discarding it (RFC 6347 section 4.1.2.7), and
/// goes on right behind the header of a record of another version or length, where a short one may hide. Anybody who
/// forges a source address could end calls that way.
std::span<const uint8_t> first_record(std::span<const uint8_t> datagram, bool handshaking);

inline uint8_t record_type(std::span<const uint8_t> record) { return record[0]; }

/// The peer's key of epoch 1, the only one that a session without renegotiation seals with. No context is kept: after
/// the handshake there is hardly ever anything to open.
class RecordOpener {
 public:
  RecordOpener() = default;
  RecordOpener(const RecordOpener&) = delete;
  RecordOpener& operator=(const RecordOpener&) = delete;
  ~RecordOpener();

  /// Takes the key from a session whose handshake is over. False when OpenSSL refuses.
  bool init(SSL* session);
  /// Authenticates and decrypts a record of `first_record` to `out`. Empty when it is not the peer's, was opened before or
  /// is older than the latest one opened, or has no room.
  std::span<const uint8_t> open(std::span<const uint8_t> record, std::span<uint8_t> out);

 private:
  static constexpr size_t kMaxKeyBytes = 32;
  /// The part of the nonce that the key block gives (RFC 5288 section 3).
  static constexpr size_t kSaltBytes = 4;

  const EVP_CIPHER* cipher_ = nullptr;  // one of OpenSSL's constants
  std::array<uint8_t, kMaxKeyBytes> key_{};
  std::array<uint8_t, kSaltBytes> salt_{};
  uint64_t next_number_ = 0;  // epoch and sequence number of the oldest record that is not too old
};

}  // namespace zonecast
