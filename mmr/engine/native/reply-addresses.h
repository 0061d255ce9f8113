// Which of our addresses a packet leaves from when the socket is bound to all of them: the one that the peer talks to,
// which on a host with several addresses is not always the one that the kernel would choose.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "address.h"
#include "layout.h"

namespace zonecast {

/// Number of a local address of ours in ReplyAddresses; the kernel chooses when it is kAnyLocal.
using LocalId = uint32_t;
inline constexpr LocalId kAnyLocal = 0;

inline Address remote_of(const IngressRecord& record) {
  const bool ipv6 = record.family_port >> 16 == 6;
  return Address::from_bytes({record.address, ipv6 ? size_t{16} : size_t{4}}, static_cast<uint16_t>(record.family_port));
}

class ReplyAddresses {
 public:
  explicit ReplyAddresses(std::span<const IngressRecord> ingress) : ingress_(ingress) {}

  /// Number of a local address that a datagram came to. kAnyLocal for what cannot be a source address, and when a host
  /// has more than kMaxLocals addresses.
  LocalId number(const IpBytes& local) {
    if (locals_[latest_] == local) return latest_;
    return find_or_add(local);
  }
  const IpBytes& local(LocalId id) const { return locals_[id]; }
  bool known(LocalId id) const { return id != kAnyLocal && id < locals_.size(); }

  /// The first `count` ingress records are being worked on; 0 when none are.
  void begin_batch(uint32_t count) {
    batch_ = ingress_.first(count);
    next_ = 0;
  }

  /// Local address that a datagram of the batch from `remote` came to; kAnyLocal when the batch has none from there.
  LocalId heard_at(const Address& remote) const { return local_of(find(remote)); }
  /// The same for an answer. Answers follow the order of what they answer, so the search goes on where the last one
  /// ended.
  LocalId answering(const Address& remote) {
    const size_t at = find(remote);
    if (at < batch_.size()) next_ = at + 1;
    return local_of(at);
  }

 private:
  static constexpr size_t kMaxLocals = 256;

  LocalId find_or_add(const IpBytes& local);
  /// Index in the batch; its size when there is none.
  size_t find(const Address& remote) const;
  LocalId local_of(size_t at) const {
    return at < batch_.size() && known(batch_[at].local) ? batch_[at].local : kAnyLocal;
  }

  std::span<const IngressRecord> ingress_, batch_;
  size_t next_ = 0;
  std::vector<IpBytes> locals_{IpBytes{}};  // [kAnyLocal] is [::], the address of nobody
  LocalId latest_ = kAnyLocal;
};

}  // namespace zonecast
