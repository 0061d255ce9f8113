// One worker thread's engine: socket, store ring, transports and egress, driven by the thread's libuv loop.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "egress.h"
#include "layout.h"
#include "reply-addresses.h"
#include "transport-table.h"
#include "udp-socket.h"

namespace zonecast {

/// Shared with TypeScript; whoever opens the engine keeps it alive until the engine is closed.
struct EngineMemory {
  std::span<uint8_t> store;          // slots * kSlotBytes
  std::span<uint32_t> generations;   // slots
  std::span<IngressRecord> ingress;  // kIngressCapacity
  std::span<const EgressRecord> plan_records;
  std::span<const uint8_t> plan_side;
  std::span<double> drops;
};

struct EngineOptions {
  std::string address;
  uint16_t port = 0;
  int receive_buffer = 0, send_buffer = 0;
  /// Called with 1 to kIngressCapacity records in `ingress`.
  std::function<void(uint32_t count, double now_us)> on_batch;
};

class Engine {
 public:
  Engine(EngineMemory memory, EngineOptions options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Returns 0, or an errno; `failed` then names the call. To be closed in either case.
  int open(uv_loop_t* loop, const char*& failed);
  /// Closes the socket at once. `done` is called from the loop when the engine may be deleted.
  void close(std::function<void()> done);
  bool closed() const { return closed_; }

  uint16_t port() const { return socket_.port(); }
  void unprotect(uint32_t count);
  /// Packets sent; Egress::kInvalidPlan when the plan is invalid. A closed engine does nothing.
  int64_t flush(uint32_t count);

  /// Where the transport's packets go. False when the socket's family cannot reach the address.
  bool set_destination(Transport& transport, const Address& remote);

  TransportTable& transports() { return transports_; }
  const Algorithms& algorithms() const { return algorithms_; }

 private:
  /// Batches per wake-up before timers and other handles get their turn.
  static constexpr int kMaxBatches = 4;

  static void on_poll(uv_poll_t* handle, int status, int events);
  void receive();
  bool receive_batch(uint32_t& count);
  void record(IngressRecord& to, const Datagram& datagram, uint32_t slot);
  SrtpSession::Unprotected unprotect(const IngressRecord& record, Unprotect request);
  void drop(Drop reason) { memory_.drops[static_cast<size_t>(reason)]++; }

  EngineMemory memory_;
  EngineOptions options_;
  Algorithms algorithms_;
  UdpSocket socket_;
  TransportTable transports_;
  ReplyAddresses replies_;
  Egress egress_;
  ReceiveBatch batch_;
  uint32_t next_slot_ = 0;  // its generation has moved on already: the kernel may write to it at any time
  bool closed_ = true;
  uv_poll_t poll_{};
  bool poll_initialized_ = false;
  std::function<void()> on_closed_;
};

}  // namespace zonecast
