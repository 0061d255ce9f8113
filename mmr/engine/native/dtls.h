// DTLS 1.2 endpoint without I/O (RFC 6347) that negotiates SRTP keys (RFC 5764). OpenSSL does the handshake and is freed
// after it. The one input besides datagrams is the wall clock, which OpenSSL reads for its retransmission timer: a clock
// step delays a retransmission at most.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dtls-established.h"
#include "srtp-cipher.h"

namespace zonecast {

struct FreeSsl {
  void operator()(SSL_CTX* it) const { SSL_CTX_free(it); }
  void operator()(SSL* it) const { SSL_free(it); }
  void operator()(BIO* it) const { BIO_free(it); }
};

class DtlsContext {
 public:
  /// Null when the certificate or key cannot be used; `failed` says why.
  static std::unique_ptr<DtlsContext> create(const std::string& certificate_pem, const std::string& key_pem,
                                             std::string& failed);
  SSL_CTX* ssl() const { return ssl_.get(); }

 private:
  std::unique_ptr<SSL_CTX, FreeSsl> ssl_;
};

class DtlsEndpoint {
 public:
  // The order is that of STATES in mmr/engine/dtls-endpoint.ts.
  enum class State : uint32_t { handshaking = 0, connected = 1, failed = 2, closed = 3 };

  /// Null when OpenSSL is out of memory. Takes a reference to the context.
  static std::unique_ptr<DtlsEndpoint> create(const DtlsContext& context, bool server);
  DtlsEndpoint(const DtlsEndpoint&) = delete;
  DtlsEndpoint& operator=(const DtlsEndpoint&) = delete;

  void handle(std::span<const uint8_t> datagram);
  std::optional<Bytes> take_outgoing();
  void handle_timeout();
  /// -1 when none is due.
  double timeout_us() const;
  State state() const { return state_; }
  /// What the handshake gave; null unless `connected`.
  const DtlsEstablished* established() const { return established_.get(); }
  void close();

 private:
  /// Datagrams that may wait to be taken; a flight of ours is about three.
  static constexpr size_t kMaxOutgoing = 64;

  DtlsEndpoint() = default;
  bool init(const DtlsContext& context, bool server);
  void handshake();
  void establish();
  void hear(std::span<const uint8_t> record);
  void queue(Bytes datagram);
  void queue_written();

  static const BIO_METHOD* bio_method();
  static int bio_read(BIO* bio, char* out, int size);
  static int bio_write(BIO* bio, const char* bytes, int size);
  static long bio_control(BIO* bio, int command, long number, void* pointer);

  // One of the two: OpenSSL's session while handshaking (and when that failed), then what is left of it.
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::unique_ptr<DtlsEstablished> established_;
  std::span<const uint8_t> incoming_;  // a record that OpenSSL has not read yet
  std::vector<Bytes> written_;         // datagrams of OpenSSL's that are not queued yet
  std::vector<Bytes> outgoing_;
  State state_ = State::handshaking;
};

}  // namespace zonecast
