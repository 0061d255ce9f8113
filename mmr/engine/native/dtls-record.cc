#include "dtls-record.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "layout.h"
#include "srtp-cipher.h"

namespace zonecast {
namespace {

struct FreeKdf {
  void operator()(EVP_KDF* it) const { EVP_KDF_free(it); }
  void operator()(EVP_KDF_CTX* it) const { EVP_KDF_CTX_free(it); }
};

/// Where the fields of a record's header are.
constexpr size_t kVersionAt = 1, kEpochAt = 3, kLengthAt = 11;

/// PRF(master_secret, "key expansion", server_random + client_random) (RFC 5246 section 6.3).
bool expand_keys(SSL* session, const SSL_CIPHER* suite, std::span<uint8_t> out) {
  constexpr char kLabel[] = "key expansion";
  constexpr size_t kLabelBytes = sizeof kLabel - 1;
  std::array<uint8_t, kLabelBytes + 2 * SSL3_RANDOM_SIZE> seed;
  std::memcpy(seed.data(), kLabel, kLabelBytes);
  std::array<uint8_t, SSL_MAX_MASTER_KEY_LENGTH> secret;
  const size_t secret_size = SSL_SESSION_get_master_key(SSL_get_session(session), secret.data(), secret.size());
  const EVP_MD* const digest = SSL_CIPHER_get_handshake_digest(suite);
  const std::unique_ptr<EVP_KDF, FreeKdf> prf(EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(prf == nullptr ? nullptr : EVP_KDF_CTX_new(prf.get()));
  bool expanded = false;
  if (digest != nullptr && context != nullptr && secret_size != 0 &&
      SSL_get_server_random(session, seed.data() + kLabelBytes, SSL3_RANDOM_SIZE) == SSL3_RANDOM_SIZE &&
      SSL_get_client_random(session, seed.data() + kLabelBytes + SSL3_RANDOM_SIZE, SSL3_RANDOM_SIZE) ==
          SSL3_RANDOM_SIZE) {
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(EVP_MD_get0_name(digest)), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret.data(), secret_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()), OSSL_PARAM_construct_end()};
    expanded = EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1;
  }
  OPENSSL_cleanse(secret.data(), secret.size());
  return expanded;
}

}  // namespace

std::span<const uint8_t> first_record(std::span<const uint8_t> datagram, bool handshaking) {
  if (datagram.size() < kRecordHeaderBytes) return {};
  const uint16_t version = load16(datagram.data() + kVersionAt);
  const uint16_t epoch = load16(datagram.data() + kEpochAt);
  const size_t length = load16(datagram.data() + kLengthAt);
  // A ClientHello may be in a record of DTLS 1.0 (RFC 6347 section 4.2.1).
  const bool known = version == DTLS1_2_VERSION || (version == DTLS1_VERSION && handshaking && epoch == 0);
  if (!known || length > SSL3_RT_MAX_PLAIN_LENGTH || length > datagram.size() - kRecordHeaderBytes ||
      (epoch != 0 && length < kRecordNonceBytes + kRecordTagBytes)) {
    return {};
  }
  return datagram.first(kRecordHeaderBytes + length);
}

RecordOpener::~RecordOpener() { OPENSSL_cleanse(key_.data(), key_.size()); }

bool RecordOpener::init(SSL* session) {
  const SSL_CIPHER* const suite = SSL_get_current_cipher(session);
  cipher_ = suite == nullptr ? nullptr : EVP_get_cipherbynid(SSL_CIPHER_get_cipher_nid(suite));
  if (cipher_ == nullptr || EVP_CIPHER_get_mode(cipher_) != EVP_CIPH_GCM_MODE) return false;
  const auto key_size = static_cast<size_t>(EVP_CIPHER_get_key_length(cipher_));
  if (key_size > key_.size()) return false;
  // Client's key, server's key, client's salt, server's salt: AEAD has no MAC keys.
  std::array<uint8_t, 2 * (kMaxKeyBytes + kSaltBytes)> block{};
  const bool expanded = expand_keys(session, suite, std::span(block).first(2 * (key_size + kSaltBytes)));
  const size_t peer = SSL_is_server(session) == 1 ? 0 : 1;
  std::copy_n(block.data() + peer * key_size, key_size, key_.begin());
  std::copy_n(block.data() + 2 * key_size + peer * kSaltBytes, kSaltBytes, salt_.begin());
  OPENSSL_cleanse(block.data(), block.size());
  next_number_ = uint64_t{1} << 48;  // epoch 1
  return expanded;
}

std::span<const uint8_t> RecordOpener::open(std::span<const uint8_t> record, std::span<uint8_t> out) {
  constexpr size_t kContentAt = kRecordHeaderBytes + kRecordNonceBytes;
  const uint64_t number = load64(record.data() + kEpochAt);
  if (number < next_number_ || number >> 48 != 1) return {};
  const std::span<const uint8_t> sealed = record.subspan(kContentAt, record.size() - kContentAt - kRecordTagBytes);
  if (sealed.size() > out.size()) return {};
  std::array<uint8_t, kSaltBytes + kRecordNonceBytes> nonce;
  std::copy(salt_.begin(), salt_.end(), nonce.begin());
  std::copy_n(record.data() + kRecordHeaderBytes, kRecordNonceBytes, nonce.begin() + kSaltBytes);
  // Epoch and sequence number, type, version, length of the content (RFC 5246 section 6.2.3.3).
  std::array<uint8_t, kRecordHeaderBytes> authenticated;
  std::copy_n(record.data() + kEpochAt, 8, authenticated.begin());
  std::copy_n(record.data(), 3, authenticated.begin() + 8);
  store16(authenticated.data() + 11, static_cast<uint32_t>(sealed.size()));
  std::array<uint8_t, kRecordTagBytes> tag;
  std::copy_n(record.end() - kRecordTagBytes, kRecordTagBytes, tag.begin());

  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  if (!context || EVP_DecryptInit_ex2(context.get(), cipher_, key_.data(), nonce.data(), nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kRecordTagBytes, tag.data()) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &size, authenticated.data(), kRecordHeaderBytes) != 1 ||
      EVP_DecryptUpdate(context.get(), out.data(), &size, sealed.data(), static_cast<int>(sealed.size())) != 1 ||
      EVP_DecryptFinal_ex(context.get(), nonce.data(), &size) != 1) {  // gives no bytes, but wants an address
    return {};
  }
  next_number_ = number + 1;
  return out.first(sealed.size());
}

}  // namespace zonecast
