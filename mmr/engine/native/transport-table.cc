#include "transport-table.h"

#include <algorithm>
#include <functional>

namespace zonecast {

uint32_t TransportTable::open() {
  uint32_t handle = static_cast<uint32_t>(transports_.size());
  if (!free_.empty()) {
    std::pop_heap(free_.begin(), free_.end(), std::greater<>());
    handle = free_.back();
    free_.pop_back();
  } else if (handle > kMaxTransports) {
    return 0;
  } else {
    transports_.emplace_back();
  }
  transports_[handle] = std::make_unique<Transport>();
  return handle;
}

void TransportTable::close(uint32_t handle) {
  Transport* const transport = find(handle);
  if (transport == nullptr) return;
  forget_latest();
  for (const Address& address : transport->remotes) owners_.erase(address);
  transports_[handle].reset();
  closed_.push_back(handle);
}

void TransportTable::release_closed() {
  for (const uint32_t handle : closed_) {
    free_.push_back(handle);
    std::push_heap(free_.begin(), free_.end(), std::greater<>());
  }
  closed_.clear();
}

void TransportTable::add_remote(uint32_t handle, const Address& address) {
  Transport* const transport = find(handle);
  if (transport == nullptr || owner(address) == handle) return;
  remove_remote(address);
  forget_latest();
  owners_.emplace(address, handle);
  transport->remotes.push_back(address);
}

void TransportTable::remove_remote(const Address& address) {
  const auto found = owners_.find(address);
  if (found == owners_.end()) return;
  forget_latest();
  if (Transport* const transport = find(found->second)) std::erase(transport->remotes, address);
  owners_.erase(found);
}

}  // namespace zonecast
