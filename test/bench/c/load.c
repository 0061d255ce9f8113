/*
 * Load generator and sinks of the benchmark, one thread on one core. Commands come as lines on stdin, events leave as
 * JSON lines on stdout (see commands.c and, the other side, test/bench/load.ts).
 *
 * Packets are stamped with the wall clock when they are encrypted and carry the kernel's timestamp when they arrive,
 * so when this program gets round to reading them does not matter: while measuring it sleeps between frames and
 * polls its sockets, which costs the router's thread no wake-ups on its behalf.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>

#include "dtls.h"
#include "fail.h"
#include "load-state.h"
#include "reports.h"
#include "sink.h"

enum { BATCH = 64, CORE = 1 };
/* Marks stdin among the participants of the epoll set. */
static const uint32_t STDIN_MARK = UINT32_MAX;
static const uint64_t ms = 1000000;
/* Feedback is due at times of this grain. */
static const uint64_t CHECK_NS = 5000000;
/* A packet that has not come by then is lost. */
static const uint64_t DRAIN_NS = 3000000000;

struct load load;

static double wall_ms(uint64_t ns) { return (double)ns / 1e6; }

void load_watch(struct participant *participant, int on) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = (uint32_t)participant->index}};
  if (epoll_ctl(load.epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, participant->fd, &event) != 0) {
    fail("epoll_ctl: %s", strerror(errno));
  }
}

void load_watch_all(int on) {
  for (int i = 0; i < load.count; i++) {
    if (load.participants[i] != NULL) load_watch(load.participants[i], on);
  }
}

/* ---- receiving ---- */

static uint64_t arrival_of(struct msghdr *message) {
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec time;
      memcpy(&time, CMSG_DATA(part), sizeof time);
      return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    }
  }
  return realtime_ns();
}

static void handle(struct participant *participant, uint8_t *bytes, int size, uint64_t arrival_ns) {
  if (size < 2) return;
  if (bytes[0] < 4) {
    participant_handle_stun(participant, load.context, bytes, size);
  } else if (bytes[0] >= 20 && bytes[0] < 64) {
    enum state before = participant->state;
    if (participant_handle_dtls(participant, bytes, size)) {
      printf("{\"event\":\"connected\",\"participant\":%d,\"atMs\":%.3f}\n", participant->index, wall_ms(arrival_ns));
    } else if (participant->state == FAILED && before != FAILED) {
      printf("{\"event\":\"failed\",\"participant\":%d}\n", participant->index);
    }
  } else if (bytes[0] >> 6 == 2) {
    if (bytes[1] >= 192 && bytes[1] < 224) {
      sink_rtcp(participant, bytes, size, monotonic_ns());
    } else if (sink_rtp(participant, bytes, size, arrival_ns, load.features.loss_per_mille)) {
      printf("{\"event\":\"picture\",\"participant\":%d,\"atMs\":%.3f}\n", participant->index, wall_ms(arrival_ns));
    }
  }
}

static void receive(struct participant *participant) {
  static uint8_t buffers[BATCH][MAX_DATAGRAM];
  static uint8_t controls[BATCH][64];
  static struct iovec parts[BATCH];
  static struct mmsghdr messages[BATCH];
  int count;
  do {
    for (int i = 0; i < BATCH; i++) {
      parts[i].iov_base = buffers[i];
      parts[i].iov_len = MAX_DATAGRAM;
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = controls[i];
      messages[i].msg_hdr.msg_controllen = sizeof controls[i];
    }
    count = recvmmsg(participant->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
      handle(participant, buffers[i], (int)messages[i].msg_len, arrival_of(&messages[i].msg_hdr));
    }
  } while (count == BATCH);
}

/* ---- sending and timers ---- */

void load_start_sending(uint64_t now_ns) {
  uint64_t interval = 1000000000u / (uint64_t)load.traffic.frames_per_second;
  int publishers = 0;
  for (int i = 0; i < load.count; i++) publishers += load.participants[i] != NULL && load.participants[i]->publishes;
  for (int i = 0, nth = 0; i < load.count; i++) {
    struct participant *participant = load.participants[i];
    if (participant == NULL || !participant->publishes) continue;
    participant->next_frame_ns = now_ns + interval * (uint64_t)nth++ / (uint64_t)publishers;
  }
  load.sending = 1;
}

/* Sends the frames that are due and returns when the next one is. */
static uint64_t send_due(uint64_t now_ns) {
  uint64_t interval = 1000000000u / (uint64_t)load.traffic.frames_per_second;
  uint64_t next = UINT64_MAX;
  for (int i = 0; i < load.count; i++) {
    struct participant *participant = load.participants[i];
    if (participant == NULL || !participant->publishes || participant->state != CONNECTED) continue;
    if (participant->next_frame_ns <= now_ns) {
      source_frame(&load.traffic, load.features.encodings, participant, load.phase == MEASURING);
      /* After a stall of this process the schedule goes on from now: no burst to catch up. */
      participant->next_frame_ns += interval;
      if (participant->next_frame_ns <= now_ns) participant->next_frame_ns = now_ns + interval;
    }
    if (participant->next_frame_ns < next) next = participant->next_frame_ns;
  }
  return next;
}

static uint64_t own_cpu(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Losses that are this program's own fault: it did not read its sockets in time. */
static uint64_t sink_overflows(void) {
  uint64_t drops = 0;
  for (int i = 0; i < load.count; i++) {
    if (load.participants[i] != NULL) drops += socket_drops(load.participants[i]->fd);
  }
  return drops;
}

/* Reports, feedback and NACKs since the participants were added. */
static uint64_t rtcp_sent(void) {
  uint64_t packets = 0;
  for (int i = 0; i < load.count; i++) {
    const struct participant *participant = load.participants[i];
    if (participant != NULL && participant->feedback != NULL) packets += participant->feedback->srtcp_index;
  }
  return packets;
}

static void report(void) {
  uint64_t cpu_ns = load.thread == 0 ? 0 : thread_cpu_ns(load.process, load.thread) - load.cpu_ns;
  printf(
      "{\"event\":\"result\",\"cpuUs\":%.1f,\"sent\":%llu,\"notSent\":%llu,\"received\":%llu,\"gaps\":%lld,"
      "\"reordered\":%llu,\"sinkOverflows\":%llu,\"refused\":%llu,\"rtcp\":%llu,\"rtcpSent\":%llu,"
      "\"asked\":%llu,\"repaired\":%llu,\"padding\":%llu,"
      "\"wallMs\":%.1f,\"loadCpuMs\":%.1f,"
      "\"latencyUs\":{\"p50\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%.0f}}\n",
      (double)cpu_ns / 1e3, (unsigned long long)load.traffic.sent, (unsigned long long)load.traffic.refused,
      (unsigned long long)sink.received, (long long)sink.gaps, (unsigned long long)sink.reordered,
      (unsigned long long)sink_overflows(), (unsigned long long)sink.refused, (unsigned long long)sink.rtcp,
      (unsigned long long)rtcp_sent(), (unsigned long long)sink.asked, (unsigned long long)sink.repaired,
      (unsigned long long)sink.padding, wall_ms(load.wall_ns), wall_ms(own_cpu() - load.own_cpu_ns),
      sink_percentile(0.5), sink_percentile(0.99), sink_percentile(0.999), sink_percentile(1 - 1e-12));
}

/* Quiet before (the CPU clock of a sleeping thread is exact), measured traffic, quiet again until all has arrived. */
static void next_phase(uint64_t now_ns) {
  if (load.phase == SETTLING) {
    sink_restart();
    load.traffic.sent = load.traffic.refused = 0;
    load.cpu_ns = load.thread == 0 ? 0 : thread_cpu_ns(load.process, load.thread);
    load.own_cpu_ns = own_cpu();
    load.wall_ns = now_ns;
    load.phase = MEASURING;
    load.phase_ends_ns = now_ns + load.measure_ns;
    load_start_sending(now_ns);
  } else if (load.phase == MEASURING) {
    load.sending = 0;
    load.wall_ns = now_ns - load.wall_ns;
    load.phase = DRAINING;
    load.phase_ends_ns = now_ns + 200 * ms;
    load.drained = 0;
    load.drain_ends_ns = now_ns + DRAIN_NS;
  } else if ((sink.received < load.traffic.sent * load.receivers || sink.received > load.drained) &&
             now_ns < load.drain_ends_ns) {
    load.drained = sink.received;
    load.phase_ends_ns = now_ns + 50 * ms;
  } else {
    report();
    load.phase = FREE;
    load_watch_all(1);
  }
}

/* Runs what is due and returns when to wake up next. */
static uint64_t run_timers(uint64_t now_ns) {
  static uint64_t next_check_ns;
  uint64_t next = now_ns + 100 * ms;
  if (load.phase != FREE) {
    if (now_ns >= load.phase_ends_ns) next_phase(now_ns);
    next = now_ns + 2 * ms;
  }
  if (load.sending) {
    uint64_t frame = send_due(now_ns);
    if (frame < next) next = frame;
  }
  if (now_ns >= next_check_ns) {
    for (int i = 0; i < load.count; i++) {
      if (load.participants[i] == NULL) continue;
      participant_handle_timeout(load.participants[i], now_ns);
      sink_handle_timeout(load.participants[i], now_ns, (uint64_t)load.features.feedback_ms * ms);
      reports_handle_timeout(load.participants[i], load.features.encodings, now_ns);
    }
    next_check_ns = now_ns + CHECK_NS;
  }
  if (load.streams_wanted > 0 && sink.started >= load.streams_wanted) {
    load.streams_wanted = 0;
    printf("{\"event\":\"flowing\"}\n");
  }
  return next;
}

/* Waits until `next_ns` or an event, and handles what came. Returns 0 at the end of stdin. */
static int wait_and_receive(uint64_t next_ns) {
  struct epoll_event events[256];
  uint64_t now_ns = monotonic_ns();
  uint64_t left = next_ns > now_ns ? next_ns - now_ns : 0;
  struct timespec timeout = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
  int count = epoll_pwait2(load.epoll, events, 256, &timeout, NULL);
  int commands = 0;
  for (int i = 0; i < count; i++) {
    if (events[i].data.u32 == STDIN_MARK) {
      commands = 1;
    } else if (load.participants[events[i].data.u32] != NULL) {
      receive(load.participants[events[i].data.u32]);
    }
  }
  if (load.phase != FREE) {
    for (int i = 0; i < load.count; i++) {
      if (load.participants[i] != NULL) receive(load.participants[i]);
    }
  }
  return commands ? commands_read() : 1;
}

int main(void) {
  uint8_t fingerprint[32];
  struct epoll_event input = {.events = EPOLLIN, .data = {.u32 = STDIN_MARK}};
  pin_to_core(CORE);
  prctl(PR_SET_TIMERSLACK, 1000);
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, NULL, _IOLBF, 0);
  load.context = dtls_context(fingerprint);
  load.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, 0, &input) != 0) fail("stdin: %s", strerror(errno));
  printf("{\"event\":\"ready\",\"fingerprint\":\"");
  for (int i = 0; i < 32; i++) printf("%02x", fingerprint[i]);
  printf("\"}\n");
  while (wait_and_receive(run_timers(monotonic_ns()))) {
  }
  return 0;
}
