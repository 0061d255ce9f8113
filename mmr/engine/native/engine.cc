#include "engine.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace zonecast {

Engine::Engine(EngineMemory memory, EngineOptions options)
    : memory_(memory),
      options_(std::move(options)),
      replies_(memory.ingress),
      egress_({memory.plan_records.data(), memory.plan_side.data(), memory.store.data(), memory.generations.data(),
               static_cast<uint32_t>(memory.generations.size()), memory.drops.data()},
              transports_, replies_) {
  memory_.generations[next_slot_]++;
}

int Engine::open(uv_loop_t* loop, const char*& failed) {
  const int error =
      socket_.open(options_.address, options_.port, options_.receive_buffer, options_.send_buffer, failed);
  if (error != 0) return error;
  failed = "uv_poll";
  int status = uv_poll_init(loop, &poll_, socket_.descriptor());
  if (status == 0) {
    poll_initialized_ = true;
    poll_.data = this;
    status = uv_poll_start(&poll_, UV_READABLE, on_poll);
  }
  closed_ = status != 0;
  return -status;
}

void Engine::close(std::function<void()> done) {
  closed_ = true;
  if (!poll_initialized_) {
    socket_.close();
    done();
    return;
  }
  poll_initialized_ = false;
  on_closed_ = std::move(done);
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), [](uv_handle_t* handle) {
    // `done` may delete the engine, and with it the function object itself.
    const auto call = std::move(static_cast<Engine*>(handle->data)->on_closed_);
    call();
  });
  socket_.close();  // allowed once uv_close was called (libuv, uv_poll_t)
}

void Engine::on_poll(uv_poll_t* handle, int status, int) {
  Engine* const engine = static_cast<Engine*>(handle->data);
  if (status < 0) {
    // An error queued on the socket. libuv has stopped the handle; reading the error clears it.
    int error = 0;
    socklen_t size = sizeof error;
    (void)getsockopt(engine->socket_.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
    (void)uv_poll_start(handle, UV_READABLE, on_poll);
  }
  engine->receive();
}

void Engine::receive() {
  bool more = true;
  for (int batches = 0; more && batches < kMaxBatches && !closed_; batches++) {
    uint32_t count = 0;
    more = receive_batch(count);
    if (count == 0) continue;
    replies_.begin_batch(count);
    options_.on_batch(count, now_us());
    replies_.begin_batch(0);
  }
}

/// Fills the ingress records. Returns whether more datagrams may be waiting in the socket.
bool Engine::receive_batch(uint32_t& count) {
  const auto slots = static_cast<uint32_t>(memory_.generations.size());
  // Small calls keep a lone packet cheap; one that comes back full says that more may be waiting.
  for (uint32_t calls = 0; calls < kIngressCapacity / ReceiveBatch::kCapacity; calls++) {
    uint32_t free_slot = next_slot_;
    for (uint32_t i = 0; i < ReceiveBatch::kCapacity; i++) {
      batch_.set_buffer(i, memory_.store.data() + static_cast<size_t>(free_slot) * kSlotBytes);
      if (++free_slot == slots) free_slot = 0;
    }
    const int received = batch_.receive(socket_.descriptor(), ReceiveBatch::kCapacity);
    if (received <= 0) return false;
    const double now = now_us();
    for (uint32_t i = 0; i < static_cast<uint32_t>(received); i++) {
      const uint32_t slot = next_slot_;
      if (++next_slot_ == slots) next_slot_ = 0;
      // Ahead of time: the kernel also writes datagrams that it then finds corrupt and does not report.
      memory_.generations[next_slot_]++;
      const Datagram datagram = batch_.datagram(i, now);
      if (datagram.truncated || datagram.size == 0) {
        drop(Drop::unknown_protocol);
      } else {
        record(memory_.ingress[count++], datagram, slot);
      }
    }
    if (received < static_cast<int>(ReceiveBatch::kCapacity)) return false;
  }
  return true;
}

void Engine::record(IngressRecord& to, const Datagram& datagram, uint32_t slot) {
  to = {};
  to.slot = slot;
  to.generation = memory_.generations[slot];
  to.size = datagram.size;
  to.transport = transports_.owner(datagram.from);
  const bool ipv4 = datagram.from.is_ipv4();
  to.family_port = (ipv4 ? 4u << 16 : 6u << 16) | datagram.from.port;
  const uint8_t* const ip = datagram.from.ip.data();
  std::copy(ip + (ipv4 ? 12 : 0), ip + 16, to.address);
  to.local = replies_.number(datagram.local);
  to.arrival_us = datagram.arrival_us;
}

void Engine::unprotect(uint32_t count) {
  if (closed_) return;
  for (IngressRecord& record : memory_.ingress.first(std::min<size_t>(count, memory_.ingress.size()))) {
    const auto request = static_cast<Unprotect>(record.request);
    if (request == Unprotect::no) continue;
    const SrtpSession::Unprotected result = unprotect(record, request);
    record.request = static_cast<uint32_t>(Unprotect::no);  // a second call must not decrypt twice
    record.drop = static_cast<uint32_t>(result.drop);
    record.plain_size = result.size;
    record.rollover_counter = result.rollover_counter;
  }
}

SrtpSession::Unprotected Engine::unprotect(const IngressRecord& record, Unprotect request) {
  if (record.slot >= memory_.generations.size() || record.size > kSlotBytes ||
      memory_.generations[record.slot] != record.generation) {
    return {Drop::store_overwritten};
  }
  Transport* const transport = transports_.find(record.transport);
  if (transport == nullptr || transport->srtp == nullptr) return {Drop::srtp_no_keys};
  uint8_t* const packet = memory_.store.data() + static_cast<size_t>(record.slot) * kSlotBytes;
  const auto result = request == Unprotect::rtp ? transport->srtp->unprotect_rtp(packet, record.size)
                                                : transport->srtp->unprotect_rtcp(packet, record.size);
  // A peer that goes over to another of our addresses is answered from there. Only what it has signed counts.
  if (result.drop == Drop::none && record.local != transport->local && replies_.known(record.local) &&
      remote_of(record) == transport->remote) {
    transport->local = record.local;
  }
  return result;
}

bool Engine::set_destination(Transport& transport, const Address& remote) {
  const SocketAddress destination(remote, socket_.family());
  if (destination.size == 0) return false;
  const LocalId local = replies_.heard_at(remote);
  if (transport.remote != remote) {
    // What was learnt about the former one; a destination that is only confirmed keeps it.
    transport.gso_refused = false;
    transport.local = kAnyLocal;
  }
  transport.remote = remote;
  transport.destination = destination;
  if (local != kAnyLocal) transport.local = local;
  return true;
}

int64_t Engine::flush(uint32_t count) {
  if (closed_) return 0;
  const int64_t sent = egress_.flush(socket_.descriptor(), socket_.family(), count);
  transports_.release_closed();
  return sent;
}

}  // namespace zonecast
