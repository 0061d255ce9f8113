#include "egress.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace zonecast {

namespace {
constexpr uint32_t kPaddingBit = 1u << 29;  // P of the first header word
}  // namespace

int64_t Egress::flush(int descriptor, int family, uint32_t count) {
  descriptor_ = descriptor;
  family_ = family;
  sent_ = 0;
  const bool grouped = group(count);
  if (grouped) {
    for (const uint32_t i : addressed_) build(memory_.records[i], nullptr);
  }
  for (Transport* const transport : active_) {
    if (grouped) {
      if (arena_used_ >= kChunkBytes) send_chunk();
      for (uint32_t i = transport->first_record; i != kNoRecord;) i = build_run(i, *transport);
    }
    transport->first_record = transport->last_record = kNoRecord;
  }
  send_chunk();
  active_.clear();
  addressed_.clear();
  return grouped ? sent_ : kInvalidPlan;
}

/// An empty payload names no slot: padding and fillers have their bytes in `side`.
bool Egress::payload_valid(const EgressRecord& record) const {
  const uint32_t size = record.payload & 0xffff;
  return size == 0 || (record.slot < memory_.slots && (record.payload >> 16) + size <= kSlotBytes);
}

/// Whether the record points inside its memory. Only a mistake of ours can make it not so.
bool Egress::valid(const EgressRecord& record) const {
  const uint32_t low = record.side_size & 0xffff;
  const uint32_t high = record.side_size >> 16;
  const EgressKind kind = kind_of(record);
  if (kind != EgressKind::rtp && record.kind > 0xff) return false;
  switch (kind) {
    case EgressKind::rtp:
      return payload_valid(record) && patch_valid(record.kind >> 8 & 0xff, high) &&
             patch_valid(record.kind >> 16 & 0xff, high) && record.kind >> 25 == 0 && high <= kMaxHeaderBytes &&
             low <= kMaxPrefixBytes && record.side_offset <= kEgressSideBytes &&
             high + low <= kEgressSideBytes - record.side_offset;
    case EgressKind::rtcp:
    case EgressKind::datagram:
    case EgressKind::addressed:
      return record.side_size >= (kind == EgressKind::rtcp ? 8 : 1) &&
             record.side_size <= kMaxPacketBytes - kMaxProtectionBytes && record.side_offset <= kEgressSideBytes &&
             record.side_size <= kEgressSideBytes - record.side_offset;
  }
  return false;
}

/// Chains the records of each transport in their order. False when one is invalid.
bool Egress::group(uint32_t count) {
  if (count > kEgressCapacity) return false;
  for (uint32_t i = 0; i < count; i++) {
    const EgressRecord& record = memory_.records[i];
    if (!valid(record)) return false;
    const EgressKind kind = kind_of(record);
    if (kind == EgressKind::addressed) {
      addressed_.push_back(i);
      continue;
    }
    Transport* const transport = transports_.find(record.transport);
    const bool protect = kind != EgressKind::datagram;
    if (transport == nullptr || transport->destination.size == 0 || (protect && transport->srtp == nullptr)) {
      drop(Drop::transport_not_ready);
      continue;
    }
    next_[i] = kNoRecord;
    if (transport->last_record == kNoRecord) {
      transport->first_record = i;
      active_.push_back(transport);
    } else {
      next_[transport->last_record] = i;
    }
    transport->last_record = i;
  }
  return true;
}

/// Plain size of a packet that may be padded; 0 when it may not: it can be sent again under the same number, in other
/// company, or has padding of its own.
uint32_t Egress::paddable_size(const EgressRecord& record) {
  if (kind_of(record) != EgressKind::rtp || (record.kind & kMayPad) == 0 || (record.first_word & kPaddingBit) != 0)
    return 0;
  return 12 + (record.side_size >> 16) + (record.side_size & 0xffff) + (record.payload & 0xffff);
}

/// Builds the record `first` and those behind it whose sizes are near its own, all of the size of the largest but the
/// last, which may be shorter anyway. Returns the record that follows.
uint32_t Egress::build_run(uint32_t first, Transport& transport) {
  uint32_t smallest = UINT32_MAX, largest = 0, last = first, end = first;
  while (end != kNoRecord && !transport.gso_refused) {
    const uint32_t size = paddable_size(memory_.records[end]);
    if (size == 0 || std::max(largest, size) - std::min(smallest, size) > kMaxPaddingBytes) break;
    smallest = std::min(smallest, size);
    largest = std::max(largest, size);
    last = end;
    end = next_[end];
  }
  if (end == first) {
    build(memory_.records[first], &transport);
    return next_[first];
  }
  for (uint32_t i = first; i != end; i = next_[i]) {
    const EgressRecord& record = memory_.records[i];
    build(record, &transport, i == last ? 0 : largest - paddable_size(record));
  }
  return end;
}

void Egress::build(const EgressRecord& record, Transport* transport, uint32_t padding) {
  if (arena_used_ + kMaxPacketBytes > kArenaBytes) send_chunk();
  uint8_t* const out = arena_.get() + arena_used_;
  size_t size = 0;
  switch (kind_of(record)) {
    case EgressKind::rtp:
      size = build_rtp(record, *transport, padding, out);
      break;
    case EgressKind::rtcp:
      size = build_rtcp(record, *transport, out);
      break;
    case EgressKind::datagram:
    case EgressKind::addressed:
      std::memcpy(out, memory_.side + record.side_offset, record.side_size);
      size = record.side_size;
      break;
  }
  if (size != 0) append(transport, record, static_cast<uint32_t>(size));
}

size_t Egress::build_rtp(const EgressRecord& record, Transport& transport, uint32_t padding, uint8_t* out) {
  std::span<const uint8_t> payload;
  if ((record.payload & 0xffff) != 0) {
    if (memory_.generations[record.slot] != record.generation) {
      drop(Drop::store_overwritten);
      return 0;
    }
    payload = {memory_.store + static_cast<size_t>(record.slot) * kSlotBytes + (record.payload >> 16),
               record.payload & 0xffff};
  }
  const uint32_t header_size = record.side_size >> 16;
  const uint8_t* const side = memory_.side + record.side_offset;
  store32(out, record.first_word | (padding == 0 ? 0 : kPaddingBit));
  store32(out + 4, record.timestamp);
  store32(out + 8, record.ssrc);
  uint8_t* const block = out + 12;
  std::memcpy(block, side, header_size);
  const uint32_t first = record.kind >> 8 & 0xff;
  const uint32_t second = record.kind >> 16 & 0xff;
  if (first != 0) store16(block + first, record.patches >> 16);
  if (second != 0) store16(block + second, record.patches);
  // RFC 3550 section 5.1: the last byte counts.
  uint8_t padded[kMaxPaddingBytes] = {};
  if (padding != 0) padded[padding - 1] = static_cast<uint8_t>(padding);
  const size_t size = transport.srtp->egress_rtp().protect_rtp(
      out, 12 + header_size, {side + header_size, record.side_size & 0xffff}, payload, {padded, padding},
      record.rollover_counter);
  if (size == 0) drop(Drop::send_failed);
  return size;
}

size_t Egress::build_rtcp(const EgressRecord& record, Transport& transport, uint8_t* out) {
  std::memcpy(out, memory_.side + record.side_offset, record.side_size);
  const size_t size = transport.srtp->protect_rtcp(out, record.side_size);
  if (size == 0) drop(Drop::transport_not_ready);
  return size;
}

/// Takes the packet that was built at the arena's end into the last run, or begins a new one.
void Egress::append(Transport* transport, const EgressRecord& record, uint32_t size) {
  if (run_count_ > 0) {
    Run& run = runs_[run_count_ - 1];
    if (run.open && run.transport == transport && size <= run.segment && run.packets < kMaxSegments &&
        run.size + size <= kMaxRunBytes) {
      run.open = size == run.segment;
      run.size += size;
      run.packets++;
      arena_used_ += size;
      return;
    }
  }
  if (run_count_ == kMaxMessages) {
    const uint8_t* const built = arena_.get() + arena_used_;
    send_chunk();
    std::memmove(arena_.get(), built, size);
  }
  Run& run = runs_[run_count_++];
  const bool join = transport != nullptr && !transport->gso_refused;
  run = {transport, static_cast<uint32_t>(arena_used_), size, size, 1, join, {}, kAnyLocal};
  if (transport == nullptr) {
    const bool ipv6 = record.slot >> 16 == 6;
    const Address to =
        Address::from_bytes({record.address, ipv6 ? size_t{16} : size_t{4}}, static_cast<uint16_t>(record.slot));
    run.address = SocketAddress(to, family_);
    run.local = replies_.answering(to);
  }
  arena_used_ += size;
}

void Egress::fill(size_t i) {
  Run& run = runs_[i];
  SocketAddress& to = run.transport != nullptr ? run.transport->destination : run.address;
  vectors_[i] = {arena_.get() + run.begin, run.size};
  msghdr& header = headers_[i].msg_hdr;
  header = {};
  header.msg_name = &to.storage;
  header.msg_namelen = to.size;
  header.msg_iov = &vectors_[i];
  header.msg_iovlen = 1;
  fill_control(i);
}

/// The source address when it is not left to the kernel, then the segment size of several packets.
void Egress::fill_control(size_t i) {
  const Run& run = runs_[i];
  const LocalId local = run.transport != nullptr ? run.transport->local : run.local;
  uint8_t* const bytes = controls_[i].bytes.data();
  size_t used = 0;
  if (local != kAnyLocal) used = put_source(reinterpret_cast<cmsghdr*>(bytes), replies_.local(local));
  if (run.packets > 1) {
    cmsghdr* const control = reinterpret_cast<cmsghdr*>(bytes + used);
    const auto segment = static_cast<uint16_t>(run.segment);
    *control = {CMSG_LEN(sizeof segment), SOL_UDP, UDP_SEGMENT};
    std::memcpy(CMSG_DATA(control), &segment, sizeof segment);
    used += CMSG_SPACE(sizeof segment);
  }
  if (used == 0) return;
  headers_[i].msg_hdr.msg_control = bytes;
  headers_[i].msg_hdr.msg_controllen = used;
}

size_t Egress::put_source(cmsghdr* at, const IpBytes& local) const {
  // Interface 0: the route decides.
  if (family_ == AF_INET6) {
    in6_pktinfo source{};
    std::memcpy(&source.ipi6_addr, local.data(), local.size());
    *at = {CMSG_LEN(sizeof source), IPPROTO_IPV6, IPV6_PKTINFO};
    std::memcpy(CMSG_DATA(at), &source, sizeof source);
    return CMSG_SPACE(sizeof source);
  }
  in_pktinfo source{};
  std::memcpy(&source.ipi_spec_dst, local.data() + 12, 4);
  *at = {CMSG_LEN(sizeof source), IPPROTO_IP, IP_PKTINFO};
  std::memcpy(CMSG_DATA(at), &source, sizeof source);
  return CMSG_SPACE(sizeof source);
}

Drop Egress::reason_of(int error) const {
  return error == EAGAIN || error == ENOBUFS || error == ENOMEM ? Drop::socket_full : Drop::send_failed;
}

void Egress::send_chunk() {
  for (size_t i = 0; i < run_count_; i++) fill(i);
  size_t at = 0;
  while (at < run_count_) {
    const int sent = sendmmsg(descriptor_, &headers_[at], static_cast<unsigned>(run_count_ - at), 0);
    if (sent > 0) {
      for (size_t end = at + static_cast<size_t>(sent); at < end; at++) sent_ += runs_[at].packets;
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    const size_t refused = at++;
    if (runs_[refused].packets > 1 &&
        (error == EIO || error == EINVAL || error == EMSGSIZE || error == EOPNOTSUPP)) {
      // EIO: a device without checksum offload. EINVAL, EMSGSIZE: a segment above the path MTU, which as a single
      // datagram the kernel fragments.
      send_singly(refused);
    } else {
      drop(reason_of(error), runs_[refused].packets);
    }
  }
  run_count_ = 0;
  arena_used_ = 0;
}

/// The packets of a run whose joined form was refused. The first one that is refused too ends it: the fault is not in
/// the joining then.
void Egress::send_singly(size_t i) {
  Run& run = runs_[i];
  const Run whole = run;
  for (uint32_t at = 0; at < whole.size; at += whole.segment) {
    run.begin = whole.begin + at;
    run.size = std::min(whole.segment, whole.size - at);
    run.packets = 1;
    fill(i);
    ssize_t sent;
    do {
      sent = sendmsg(descriptor_, &headers_[i].msg_hdr, 0);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
      drop(reason_of(errno), whole.packets - at / whole.segment);
      return;
    }
    sent_++;
    run.transport->gso_refused = true;
  }
}

}  // namespace zonecast
