// What is left of a DTLS session when its handshake is over: half a kilobyte instead of the 70 that OpenSSL would keep.
// SRTP has its keys, so three things may still be to do: to repeat our last flight when the peer repeats its own
// (RFC 6347 section 4.2.4), to hear the peer's end of the session, and to say ours (RFC 5246 section 7.2.1). What we may
// have to say is known already, and OpenSSL has sealed it. A wish to renegotiate gets no answer.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dtls-record.h"
#include "srtp-cipher.h"

namespace zonecast {

using Bytes = std::vector<uint8_t>;

class DtlsEstablished {
 public:
  /// What a record says, to be asked for only when it is authentic and no replay.
  enum class Heard { nothing, repeated_finished, end };

  /// Null when no SRTP profile was agreed, or when OpenSSL refuses. The session can go afterwards.
  static std::unique_ptr<DtlsEstablished> create(SSL* session, Bytes last_flight, Bytes farewell);
  DtlsEstablished(const DtlsEstablished&) = delete;
  DtlsEstablished& operator=(const DtlsEstablished&) = delete;
  ~DtlsEstablished();

  /// A record of `first_record`; hostile ones say nothing.
  Heard handle(std::span<const uint8_t> record);

  /// One datagram, byte for byte what the peer should have: to it the repetition is a duplicate by the network. Empty
  /// when the last flight was the peer's.
  const Bytes& last_flight() const { return last_flight_; }
  /// close_notify, sealed; to be sent at most once.
  const Bytes& farewell() const { return farewell_; }
  SrtpProfile srtp_profile() const { return srtp_profile_; }
  /// Client key, server key, client salt, server salt.
  const Bytes& srtp_key_material() const { return srtp_key_material_; }
  /// DER.
  const Bytes& peer_certificate() const { return peer_certificate_; }

 private:
  DtlsEstablished() = default;

  RecordOpener opener_;
  SrtpProfile srtp_profile_ = SrtpProfile::aead_aes_128_gcm;
  Bytes srtp_key_material_, peer_certificate_, last_flight_, farewell_;
};

}  // namespace zonecast
