/* The client's half of ICE with an ICE-lite peer (RFC 8445, RFC 8489): binding requests that nominate at once. */
#ifndef BENCH_STUN_H
#define BENCH_STUN_H

#include <stdint.h>

enum { STUN_TRANSACTION_BYTES = 12, STUN_MAX_BYTES = 512 };

/* Writes a binding request with USE-CANDIDATE, MESSAGE-INTEGRITY and FINGERPRINT; returns its size. */
int stun_request(uint8_t *out, const uint8_t *transaction, const char *username, const char *password);
/* 1: a success response to `transaction` whose integrity holds under `password`; 0: anything else. */
int stun_is_success(const uint8_t *bytes, int size, const uint8_t *transaction, const char *password);

#endif
