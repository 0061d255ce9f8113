#include "reply-addresses.h"

#include <algorithm>

namespace zonecast {
namespace {

/// Multicast, broadcast and link-local addresses (which need an interface) are left to the kernel.
bool usable_as_source(const IpBytes& ip) {
  if (Address{ip, 0}.is_ipv4()) return ip[12] != 0 && ip[12] < 224 && !(ip[12] == 169 && ip[13] == 254);
  return ip != IpBytes{} && ip[0] != 0xff && !(ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
}

}  // namespace

LocalId ReplyAddresses::find_or_add(const IpBytes& local) {
  const auto found = std::find(locals_.begin(), locals_.end(), local);
  if (found == locals_.end()) {
    if (locals_.size() > kMaxLocals || !usable_as_source(local)) return kAnyLocal;
    locals_.push_back(local);
    latest_ = static_cast<LocalId>(locals_.size() - 1);
  } else {
    latest_ = static_cast<LocalId>(found - locals_.begin());
  }
  return latest_;
}

size_t ReplyAddresses::find(const Address& remote) const {
  if (locals_.size() == 1) return batch_.size();  // the socket is bound to one address
  for (size_t i = 0; i < batch_.size(); i++) {
    const size_t at = (next_ + i) % batch_.size();
    const IngressRecord& record = batch_[at];
    // SRTP is never answered by address: what `unprotect` saw has a drop reason or a plain size.
    const bool answerable = record.drop == 0 && record.plain_size == 0;
    if (answerable && static_cast<uint16_t>(record.family_port) == remote.port && remote_of(record) == remote) return at;
  }
  return batch_.size();
}

}  // namespace zonecast
