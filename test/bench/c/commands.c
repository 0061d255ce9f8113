/*
 * What the harness asks of the load generator, one line each:
 *
 *   features ENCODINGS LOSS FEEDBACK   what participants do beside (struct features); before they are added
 *   target ADDRESS PORT BIND            where the router or floor is, and our own address
 *   join INDEX PUBLISHES SLOTS USERNAME PASSWORD   a participant by ICE and DTLS
 *   preset INDEX PUBLISHES SLOTS        a participant of a floor
 *   traffic FPS PACKETS MIN MAX STREAMS SEED   publishers start; `flowing` when STREAMS slots carry packets
 *   measure SECONDS PROCESS THREAD RECEIVERS   `result` follows; THREAD 0: no CPU time
 *   pause                               publishers stop
 *   leave INDEX
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "load-state.h"
#include "stamp.h"

enum { SETTLE_NS = 100000000 };

static struct participant *participant_of(int index) {
  if (index < 0 || index >= MAX_PARTICIPANTS) fail("no participant %d", index);
  return load.participants[index];
}

static void add(int index, int publishes, int slots, const char *username, const char *password) {
  struct sockaddr_storage target;
  if (participant_of(index) != NULL || slots > SLOTS_PER_PARTICIPANT) fail("participant %d cannot be added", index);
  struct participant *participant = participant_new(index, load.bind_address, publishes, slots);
  socklen_t size = parse_address(load.target_address, load.target_port, &target);
  if (connect(participant->fd, (struct sockaddr *)&target, size) != 0) fail("connect: %s", strerror(errno));
  if (load.features.feedback_ms > 0) participant->feedback = feedback_new(index % 16 / 16.0);
  participant->next_report_ns = monotonic_ns() + (uint64_t)(index % 100) * 10000000;
  load.participants[index] = participant;
  if (index >= load.count) load.count = index + 1;
  load_watch(participant, 1);
  if (username == NULL) {
    participant_preset(participant);
  } else {
    participant_credentials(participant, username, password);
    participant_connect(participant, monotonic_ns());
  }
}

static void leave(int index) {
  if (participant_of(index) == NULL) return;
  participant_free(load.participants[index]);
  load.participants[index] = NULL;
}

static void start_traffic(struct traffic traffic, unsigned long long streams) {
  if (traffic.packets > MAX_FRAME_PACKETS || traffic.max_size > MAX_DATAGRAM - SRTP_TAG_BYTES ||
      traffic.min_size < RTP_HEADER_BYTES + 1 + STAMP_BYTES || traffic.min_size > traffic.max_size || traffic.random == 0 ||
      traffic.frames_per_second < 1) {
    fail("traffic out of range");
  }
  load.traffic = traffic;
  load.streams_wanted = streams;
  load_start_sending(monotonic_ns());
}

static void measure(double seconds, int process, int thread, int receivers) {
  load.measure_ns = (uint64_t)(seconds * 1e9);
  load.process = process;
  load.thread = thread;
  load.receivers = (uint64_t)receivers;
  load.sending = 0;
  load.phase = SETTLING;
  load.phase_ends_ns = monotonic_ns() + SETTLE_NS;
  load_watch_all(0);
}

static void command(const char *line) {
  char text[3][128];
  int n[6];
  double seconds;
  unsigned long long streams, seed;
  if (sscanf(line, "target %63s %d %63s", load.target_address, &n[0], load.bind_address) == 3) {
    load.target_port = n[0];
  } else if (sscanf(line, "join %d %d %d %127s %63s", &n[0], &n[1], &n[2], text[0], text[1]) == 5) {
    add(n[0], n[1], n[2], text[0], text[1]);
  } else if (sscanf(line, "preset %d %d %d", &n[0], &n[1], &n[2]) == 3) {
    add(n[0], n[1], n[2], NULL, NULL);
  } else if (sscanf(line, "traffic %d %d %d %d %llu %llu", &n[0], &n[1], &n[2], &n[3], &streams, &seed) == 6) {
    struct traffic traffic = {
        .frames_per_second = n[0], .packets = n[1], .min_size = n[2], .max_size = n[3], .random = seed};
    start_traffic(traffic, streams);
  } else if (sscanf(line, "measure %lf %d %d %d", &seconds, &n[0], &n[1], &n[2]) == 4) {
    measure(seconds, n[0], n[1], n[2]);
  } else if (sscanf(line, "features %d %d %d", &n[0], &n[1], &n[2]) == 3) {
    if (n[0] > MAX_ENCODINGS) fail("features out of range");
    load.features = (struct features){.encodings = n[0], .loss_per_mille = n[1], .feedback_ms = n[2]};
  } else if (sscanf(line, "leave %d", &n[0]) == 1) {
    leave(n[0]);
  } else if (strncmp(line, "pause", 5) == 0) {
    load.sending = 0;
  } else {
    fail("unknown command: %s", line);
  }
}

int commands_read(void) {
  static char buffer[65536];
  static size_t used;
  ssize_t size = read(0, buffer + used, sizeof buffer - used - 1);
  if (size <= 0) return 0;
  used += (size_t)size;
  buffer[used] = 0;
  char *line = buffer;
  for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = 0;
    command(line);
  }
  used -= (size_t)(line - buffer);
  memmove(buffer, line, used);
  return 1;
}
