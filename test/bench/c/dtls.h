/* The client's half of DTLS-SRTP (RFC 5764), DTLS 1.2 with SRTP_AEAD_AES_128_GCM, on a connected UDP socket. */
#ifndef BENCH_DTLS_H
#define BENCH_DTLS_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "srtp.h"

/* Context with a fresh self-signed P-256 certificate, shared by all participants. Writes its SHA-256 fingerprint. */
SSL_CTX *dtls_context(uint8_t fingerprint[32]);

/* Starts a handshake: sends the ClientHello. */
SSL *dtls_connect(SSL_CTX *context, int fd);
/* Takes one datagram and answers it. Returns 1 when the handshake is done, 0 while it goes on, -1 when it failed. */
int dtls_handle(SSL *ssl, const uint8_t *datagram, int size);
/* Sends the last flight again if its timer has run out. */
void dtls_handle_timeout(SSL *ssl);
/* Exports the SRTP keys (RFC 5764 section 4.2): `out` protects what we send, `in` unprotects what we get. */
void dtls_keys(SSL *ssl, struct srtp *out, struct srtp *in);

#endif
