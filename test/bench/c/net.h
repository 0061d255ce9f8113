/* Sockets, clocks and the topology that the load generator and the floors share. */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <stdint.h>
#include <sys/socket.h>

enum { MAX_DATAGRAM = 1600, MAX_FRAME_PACKETS = 16, SLOTS_PER_PARTICIPANT = 64, MAX_ENCODINGS = 3 };

/* SSRCs say who and where, so that neither side needs tables: the harness negotiates exactly these. */
static inline uint32_t source_ssrc(int participant) { return 0x20000000u + (uint32_t)participant; }
static inline uint32_t encoding_ssrc(int participant, int encoding) {
  return source_ssrc(participant) + ((uint32_t)encoding << 16);
}
static inline uint32_t slot_ssrc(int participant, int slot) {
  return 0x40000000u + (uint32_t)(participant * SLOTS_PER_PARTICIPANT + slot);
}

/* RTX beside a slot's own stream. */
static inline uint32_t repair_ssrc(int participant, int slot) { return slot_ssrc(participant, slot) + 0x20000000u; }

/* An "any port" UDP socket on `address` with large buffers, non-blocking; with kernel receive timestamps on request. */
int open_udp(const char *address, int port, int timestamps);
/* Fills an address; IPv4 or IPv6 text. Returns its length. */
socklen_t parse_address(const char *text, int port, struct sockaddr_storage *out);
/* Datagrams that the kernel threw away because this socket's buffer was full. */
uint32_t socket_drops(int fd);
/* Runs this thread on one core; a machine without that core is left alone. */
void pin_to_core(int core);

uint64_t monotonic_ns(void);
/* The clock of kernel receive timestamps. */
uint64_t realtime_ns(void);
/* CPU time of a thread of any process, nanoseconds, from /proc (exact while that thread sleeps). */
uint64_t thread_cpu_ns(int process, int thread);

#endif
