// Transports by handle, and whose address a datagram comes from.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "address.h"
#include "reply-addresses.h"
#include "srtp-session.h"

namespace zonecast {

inline constexpr uint32_t kNoRecord = UINT32_MAX;

struct Transport {
  Address remote;             // where its packets go
  SocketAddress destination;  // the same, as the socket wants it
  LocalId local = kAnyLocal;  // and where they leave from
  std::unique_ptr<SrtpSession> srtp;
  std::vector<Address> remotes;
  /// The kernel refused a UDP_SEGMENT send to this destination (path MTU, device without checksum offload).
  bool gso_refused = false;
  /// Records of the plan that go to this transport, while it is being flushed.
  uint32_t first_record = kNoRecord, last_record = kNoRecord;
};

class TransportTable {
 public:
  static constexpr uint32_t kMaxTransports = 1u << 16;

  /// A handle >= 1, 0 when all are taken. The smallest free one, so that handles can index arrays.
  uint32_t open();
  void close(uint32_t handle);
  /// Closed handles become free only now: records and batches that still name them must not hit a successor.
  void release_closed();

  Transport* find(uint32_t handle) const { return handle < transports_.size() ? transports_[handle].get() : nullptr; }

  void add_remote(uint32_t handle, const Address& address);
  void remove_remote(const Address& address);
  /// Handle that owns the address, 0 when none. Datagrams come in bursts of one sender: the latest answer is kept.
  uint32_t owner(const Address& address) {
    if (address == latest_address_) return latest_owner_;
    const auto found = owners_.find(address);
    latest_address_ = address;
    latest_owner_ = found == owners_.end() ? 0 : found->second;
    return latest_owner_;
  }

 private:
  std::vector<std::unique_ptr<Transport>> transports_{1};  // handle 0 is nobody
  std::vector<uint32_t> free_, closed_;
  std::unordered_map<Address, uint32_t, AddressHash> owners_;
  Address latest_address_;  // [::]:0 sends nothing, so it stands for none
  uint32_t latest_owner_ = 0;
  void forget_latest() {
    latest_address_ = {};
    latest_owner_ = 0;
  }
};

}  // namespace zonecast
