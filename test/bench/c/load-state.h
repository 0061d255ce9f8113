/* What the parts of the load generator share: its participants, the traffic and the phase of a measurement. */
#ifndef BENCH_LOAD_STATE_H
#define BENCH_LOAD_STATE_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "participant.h"
#include "source.h"

enum phase { FREE, SETTLING, MEASURING, DRAINING };

struct load {
  SSL_CTX *context;
  int epoll;
  char bind_address[64];
  char target_address[64];
  int target_port;
  struct participant *participants[MAX_PARTICIPANTS];
  /* One more than the highest index in use. */
  int count;
  struct traffic traffic;
  struct features features;
  int sending;
  /* Streams that must have carried a packet for the event `flowing`; 0 when nobody asked. */
  uint64_t streams_wanted;
  enum phase phase;
  uint64_t phase_ends_ns;
  uint64_t measure_ns;
  /* How long to wait for stragglers: packets to arrive for each one sent, and packets at the last look. */
  uint64_t receivers;
  uint64_t drained;
  uint64_t drain_ends_ns;
  uint64_t wall_ns;
  /* The thread whose CPU time is measured; 0: none. */
  int process;
  int thread;
  uint64_t cpu_ns;
  uint64_t own_cpu_ns;
};

extern struct load load;

/* Adds a participant's socket to the epoll set, or takes it out. */
void load_watch(struct participant *participant, int on);
void load_watch_all(int on);
/* Publishers start now, spread over one frame interval. */
void load_start_sending(uint64_t now_ns);

/* Reads and carries out the commands on stdin. Returns 0 at its end: the harness has gone. */
int commands_read(void);

#endif
