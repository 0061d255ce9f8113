#include "dtls.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "dtls-record.h"

namespace zonecast {
namespace {

/// Leaves room for IPv6 and UDP headers, and for tunnels, below the MTU of 1280 that IPv6 promises.
constexpr long kMtu = 1200;
constexpr unsigned kFirstTimeoutUs = 200'000;
constexpr unsigned kLastTimeoutUs = 3'000'000;
/// A chain of one leaf is what browsers send; the default of 100 KB is what a hostile peer would make us buffer.
constexpr long kMaxCertificateListBytes = 16 << 10;

// AES-GCM only: every WebRTC stack has it, and dtls-record.h knows no other.
constexpr char kCiphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384";
// The server's order counts (RFC 5764 section 4.1.2); that of SRTP_PROFILES in mmr/engine/srtp-keys.ts.
constexpr char kProfiles[] = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";

/// OpenSSL's error queue belongs to the thread, which Node's own crypto uses too: leave it as it was found, empty.
struct ErrorQueueGuard {
  ErrorQueueGuard() { ERR_clear_error(); }
  ~ErrorQueueGuard() { ERR_clear_error(); }
};

std::string latest_error(const char* what) {
  char text[256];
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof text);
  return std::string(what) + ": " + text;
}

// Whether the certificate is the right one is decided above us, by its fingerprint.
int accept_any_certificate(X509_STORE_CTX*, void*) { return 1; }
int accept_any_verification(int, X509_STORE_CTX*) { return 1; }

/// Without use_srtp there is nothing to talk about: refused before any key exchange (RFC 5764 section 4.1).
int require_srtp(SSL* ssl, int* alert, void*) {
  const unsigned char* extension = nullptr;
  size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_use_srtp, &extension, &size) == 1) return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_HANDSHAKE_FAILURE;
  return SSL_CLIENT_HELLO_ERROR;
}

unsigned next_timeout(SSL*, unsigned previous_us) {
  return previous_us == 0 ? kFirstTimeoutUs : std::min(2 * previous_us, kLastTimeoutUs);
}

/// Datagrams as one, which may hold several records (RFC 6347 section 4.1.1).
Bytes joined(const std::vector<Bytes>& datagrams) {
  Bytes all;
  for (const Bytes& datagram : datagrams) all.insert(all.end(), datagram.begin(), datagram.end());
  return all;
}

/// What we repeat when the peer repeats its Finished: a server's own ChangeCipherSpec and Finished, which fit a datagram.
/// OpenSSL looks at its timer before it reads, so the flight before may have been written again in front of them. The
/// last flight is never the client's: sessions are not resumed.
Bytes last_flight(SSL* session, const std::vector<Bytes>& written) {
  if (SSL_is_server(session) != 1) return {};
  const auto change = std::find_if(written.begin(), written.end(), [](const Bytes& datagram) {
    return record_type(datagram) == SSL3_RT_CHANGE_CIPHER_SPEC;
  });
  return joined({change, written.end()});
}

std::unique_ptr<BIO, FreeSsl> memory_of(const std::string& text) {
  return std::unique_ptr<BIO, FreeSsl>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool use_certificate(SSL_CTX* ssl, const std::string& certificate_pem, const std::string& key_pem) {
  // An encrypted key must fail, not ask for a passphrase on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const auto certificate_bio = memory_of(certificate_pem);
  const auto key_bio = memory_of(key_pem);
  if (!certificate_bio || !key_bio) return false;
  X509* const certificate = PEM_read_bio_X509(certificate_bio.get(), nullptr, no_passphrase, nullptr);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr);
  const bool used = certificate != nullptr && key != nullptr && SSL_CTX_use_certificate(ssl, certificate) == 1 &&
                    SSL_CTX_use_PrivateKey(ssl, key) == 1 && SSL_CTX_check_private_key(ssl) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  return used;
}

}  // namespace

std::unique_ptr<DtlsContext> DtlsContext::create(const std::string& certificate_pem, const std::string& key_pem,
                                                 std::string& failed) {
  const ErrorQueueGuard guard;
  auto context = std::make_unique<DtlsContext>();
  context->ssl_.reset(SSL_CTX_new(DTLS_method()));
  SSL_CTX* const ssl = context->ssl_.get();
  if (ssl == nullptr || SSL_CTX_set_min_proto_version(ssl, DTLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(ssl, DTLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(ssl, kCiphers) != 1 ||
      SSL_CTX_set_tlsext_use_srtp(ssl, kProfiles) != 0) {  // 0 is success here
    failed = latest_error("DTLS settings");
    return nullptr;
  }
  SSL_CTX_set_options(ssl, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  // The write buffers have this size, 16 KB otherwise; handshake messages are cut to the MTU anyway.
  SSL_CTX_set_max_send_fragment(ssl, kMtu);
  SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(ssl, kMaxCertificateListBytes);
  SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any_verification);
  SSL_CTX_set_cert_verify_callback(ssl, accept_any_certificate, nullptr);
  SSL_CTX_set_client_hello_cb(ssl, require_srtp, nullptr);
  if (!use_certificate(ssl, certificate_pem, key_pem)) {
    failed = latest_error("certificate or private key");
    return nullptr;
  }
  return context;
}

// A BIO of our own rather than BIO_s_mem, which would run datagrams together, or BIO_s_dgram_mem, whose buffers cost
// 27 KB a session.
const BIO_METHOD* DtlsEndpoint::bio_method() {
  static const BIO_METHOD* const method = [] {  // immutable once made, shared by all threads
    // No index of its own: Node unloads the addon with its last thread, and the process has few indices to give.
    BIO_METHOD* const made = BIO_meth_new(BIO_TYPE_NONE | BIO_TYPE_SOURCE_SINK, "zonecast datagrams");
    if (made != nullptr) {
      BIO_meth_set_read(made, bio_read);
      BIO_meth_set_write(made, bio_write);
      BIO_meth_set_ctrl(made, bio_control);
    }
    return made;
  }();
  return method;
}

int DtlsEndpoint::bio_read(BIO* bio, char* out, int size) {
  DtlsEndpoint* const endpoint = static_cast<DtlsEndpoint*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto record = std::exchange(endpoint->incoming_, {});
  if (record.empty() || size <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t copied = std::min(record.size(), static_cast<size_t>(size));
  std::memcpy(out, record.data(), copied);
  return static_cast<int>(copied);
}

int DtlsEndpoint::bio_write(BIO* bio, const char* bytes, int size) {
  DtlsEndpoint* const endpoint = static_cast<DtlsEndpoint*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (size <= 0) return 0;
  if (endpoint->written_.size() < kMaxOutgoing) endpoint->written_.emplace_back(bytes, bytes + size);
  return size;
}

long DtlsEndpoint::bio_control(BIO*, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return kMtu;
    default:
      return 0;
  }
}

std::unique_ptr<DtlsEndpoint> DtlsEndpoint::create(const DtlsContext& context, bool server) {
  const ErrorQueueGuard guard;
  std::unique_ptr<DtlsEndpoint> endpoint(new DtlsEndpoint());
  if (!endpoint->init(context, server)) return nullptr;
  if (!server) endpoint->handshake();
  return endpoint;
}

bool DtlsEndpoint::init(const DtlsContext& context, bool server) {
  ssl_.reset(SSL_new(context.ssl()));
  const BIO_METHOD* const method = bio_method();
  BIO* const bio = ssl_ != nullptr && method != nullptr ? BIO_new(method) : nullptr;
  if (bio == nullptr) return false;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);  // takes the one reference
  SSL_set_mtu(ssl_.get(), kMtu);
  DTLS_set_timer_cb(ssl_.get(), next_timeout);
  if (server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
  return true;
}

void DtlsEndpoint::handle(std::span<const uint8_t> datagram) {
  const ErrorQueueGuard guard;
  while (state_ == State::handshaking || state_ == State::connected) {
    const auto record = first_record(datagram, state_ == State::handshaking);
    if (record.empty()) return;
    datagram = datagram.subspan(record.size());
    if (state_ == State::connected) {
      hear(record);
    } else {
      incoming_ = record;
      handshake();
      incoming_ = {};
    }
  }
}

void DtlsEndpoint::handshake() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return establish();
  queue_written();
  const int error = SSL_get_error(ssl_.get(), result);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) state_ = State::failed;
}

void DtlsEndpoint::establish() {
  Bytes flight = last_flight(ssl_.get(), written_);
  queue_written();
  SSL_shutdown(ssl_.get());
  Bytes farewell = joined(std::exchange(written_, {}));
  established_ = DtlsEstablished::create(ssl_.get(), std::move(flight), farewell);
  // OpenSSL goes on without SRTP when the peer's profiles are all unknown to it, or when a server ignored ours.
  state_ = established_ != nullptr ? State::connected : State::failed;
  if (state_ == State::failed) queue(std::move(farewell));
  ssl_.reset();
}

void DtlsEndpoint::hear(std::span<const uint8_t> record) {
  switch (established_->handle(record)) {
    case DtlsEstablished::Heard::nothing:
      return;
    case DtlsEstablished::Heard::repeated_finished:
      return queue(established_->last_flight());
    case DtlsEstablished::Heard::end:
      state_ = State::closed;
      established_.reset();
  }
}

void DtlsEndpoint::queue(Bytes datagram) {
  // At the maximum the newest is lost, as on a full network; the peer's or our timer repairs it.
  if (!datagram.empty() && outgoing_.size() < kMaxOutgoing) outgoing_.push_back(std::move(datagram));
}

void DtlsEndpoint::queue_written() {
  for (Bytes& datagram : std::exchange(written_, {})) queue(std::move(datagram));
}

std::optional<Bytes> DtlsEndpoint::take_outgoing() {
  if (outgoing_.empty()) return std::nullopt;
  Bytes first = std::move(outgoing_.front());
  outgoing_.erase(outgoing_.begin());
  if (outgoing_.empty()) outgoing_.shrink_to_fit();  // seldom used from now on
  return first;
}

void DtlsEndpoint::handle_timeout() {
  if (state_ != State::handshaking) return;
  const ErrorQueueGuard guard;
  // 0: not due yet, 1: sent again, -1: given up.
  if (DTLSv1_handle_timeout(ssl_.get()) < 0) state_ = State::failed;
  queue_written();
}

double DtlsEndpoint::timeout_us() const {
  if (state_ != State::handshaking) return -1;
  timeval left{};
  if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return -1;
  return static_cast<double>(left.tv_sec) * 1e6 + static_cast<double>(left.tv_usec);
}

void DtlsEndpoint::close() {
  const ErrorQueueGuard guard;
  if (state_ == State::connected) queue(established_->farewell());
  state_ = State::closed;
  established_.reset();
  ssl_.reset();
}

}  // namespace zonecast
