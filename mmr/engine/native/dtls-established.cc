#include "dtls-established.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include <array>
#include <optional>
#include <utility>

namespace zonecast {
namespace {

/// An alert has 2 bytes, a Finished 24: whatever is longer is not for us.
constexpr size_t kMaxOpenedBytes = 64;

std::optional<SrtpProfile> agreed_profile(SSL* session) {
  const SRTP_PROTECTION_PROFILE* const agreed = SSL_get_selected_srtp_profile(session);
  if (agreed == nullptr) return std::nullopt;
  switch (agreed->id) {
    case SRTP_AEAD_AES_128_GCM:
      return SrtpProfile::aead_aes_128_gcm;
    case SRTP_AEAD_AES_256_GCM:
      return SrtpProfile::aead_aes_256_gcm;
    case SRTP_AES128_CM_SHA1_80:
      return SrtpProfile::aes_128_cm_sha1_80;
    default:
      return std::nullopt;
  }
}

/// RFC 5764 section 4.2. Empty when OpenSSL refuses.
Bytes export_srtp_keys(SSL* session, SrtpProfile profile) {
  constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";
  const ProfileSizes sizes = profile_sizes(profile);
  Bytes material(2 * (sizes.key + sizes.salt));
  if (SSL_export_keying_material(session, material.data(), material.size(), kLabel, sizeof kLabel - 1, nullptr, 0, 0) !=
      1) {
    return {};
  }
  return material;
}

Bytes certificate_of_peer(SSL* session) {
  X509* const certificate = SSL_get0_peer_certificate(session);
  const int size = certificate == nullptr ? 0 : i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<size_t>(size));
  uint8_t* at = der.data();
  i2d_X509(certificate, &at);
  return der;
}

}  // namespace

std::unique_ptr<DtlsEstablished> DtlsEstablished::create(SSL* session, Bytes last_flight, Bytes farewell) {
  const auto profile = agreed_profile(session);
  if (!profile.has_value()) return nullptr;
  std::unique_ptr<DtlsEstablished> made(new DtlsEstablished());
  made->srtp_profile_ = *profile;
  made->srtp_key_material_ = export_srtp_keys(session, *profile);
  made->peer_certificate_ = certificate_of_peer(session);
  made->last_flight_ = std::move(last_flight);
  made->farewell_ = std::move(farewell);
  const bool complete = !made->srtp_key_material_.empty() && !made->peer_certificate_.empty();
  return complete && made->opener_.init(session) ? std::move(made) : nullptr;
}

DtlsEstablished::~DtlsEstablished() { OPENSSL_cleanse(srtp_key_material_.data(), srtp_key_material_.size()); }

DtlsEstablished::Heard DtlsEstablished::handle(std::span<const uint8_t> record) {
  const uint8_t type = record_type(record);
  if (type != SSL3_RT_ALERT && type != SSL3_RT_HANDSHAKE) return Heard::nothing;  // no data channels
  std::array<uint8_t, kMaxOpenedBytes> room;
  const auto content = opener_.open(record, room);
  if (type == SSL3_RT_ALERT) {
    const bool ends = content.size() == 2 && (content[0] == SSL3_AL_FATAL || content[1] == SSL_AD_CLOSE_NOTIFY);
    return ends ? Heard::end : Heard::nothing;
  }
  return !content.empty() && content[0] == SSL3_MT_FINISHED ? Heard::repeated_finished : Heard::nothing;
}

}  // namespace zonecast
