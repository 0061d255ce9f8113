#include "dtls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/socket.h>

#include "fail.h"

static int accept_any(int preverified, X509_STORE_CTX *store) {
  /* The router's certificate is self-signed; who it is does not matter to a benchmark. */
  (void)preverified;
  (void)store;
  return 1;
}

static X509 *self_signed(EVP_PKEY *key) {
  X509 *certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const uint8_t *)"bench", -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_set_pubkey(certificate, key);
  if (X509_sign(certificate, key, EVP_sha256()) == 0) fail("cannot sign a certificate");
  return certificate;
}

SSL_CTX *dtls_context(uint8_t fingerprint[32]) {
  unsigned int size = 32;
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = self_signed(key);
  SSL_CTX *context = SSL_CTX_new(DTLS_client_method());
  X509_digest(certificate, EVP_sha256(), fingerprint, &size);
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
  if (SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1) {
    fail("cannot use the certificate");
  }
  /* Returns 0 on success, unlike its neighbours. */
  if (SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM") != 0) fail("no use_srtp");
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

SSL *dtls_connect(SSL_CTX *context, int fd) {
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  SSL *ssl = SSL_new(context);
  BIO *in = BIO_new(BIO_s_mem());
  BIO *out = BIO_new_dgram(fd, BIO_NOCLOSE);
  if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0) fail("the socket is not connected");
  BIO_ctrl(out, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl, in, out);
  SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
  SSL_set_mtu(ssl, 1200);
  SSL_set_connect_state(ssl);
  SSL_do_handshake(ssl);
  return ssl;
}

int dtls_handle(SSL *ssl, const uint8_t *datagram, int size) {
  uint8_t scratch[256];
  BIO_write(SSL_get_rbio(ssl), datagram, size);
  ERR_clear_error();
  if (SSL_is_init_finished(ssl)) {
    /* A repeated flight or an alert: let OpenSSL answer it. */
    SSL_read(ssl, scratch, sizeof scratch);
    return 1;
  }
  int result = SSL_do_handshake(ssl);
  if (result == 1) return 1;
  return SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ ? 0 : -1;
}

void dtls_handle_timeout(SSL *ssl) {
  if (!SSL_is_init_finished(ssl)) DTLSv1_handle_timeout(ssl);
}

void dtls_keys(SSL *ssl, struct srtp *out, struct srtp *in) {
  static const char label[] = "EXTRACTOR-dtls_srtp";
  uint8_t keys[2 * (SRTP_KEY_BYTES + SRTP_SALT_BYTES)];
  const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(ssl);
  if (profile == NULL || profile->id != SRTP_AEAD_AES_128_GCM) fail("the router chose another SRTP profile");
  if (SSL_export_keying_material(ssl, keys, sizeof keys, label, sizeof label - 1, NULL, 0, 0) != 1) fail("no keys");
  /* client key, server key, client salt, server salt */
  srtp_init(out, keys, keys + 2 * SRTP_KEY_BYTES, 1);
  srtp_init(in, keys + SRTP_KEY_BYTES, keys + 2 * SRTP_KEY_BYTES + SRTP_SALT_BYTES, 0);
}
