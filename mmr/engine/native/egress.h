// Carries out the egress plan: groups its records by destination, builds and protects each packet into an arena that
// stays in the cache, and sends runs of equal size as one UDP_SEGMENT message.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "layout.h"
#include "reply-addresses.h"
#include "transport-table.h"

namespace zonecast {

/// Memory that a plan refers to.
struct EgressMemory {
  const EgressRecord* records = nullptr;  // kEgressCapacity
  const uint8_t* side = nullptr;          // kEgressSideBytes
  const uint8_t* store = nullptr;         // slots * kSlotBytes
  const uint32_t* generations = nullptr;  // slots
  uint32_t slots = 0;
  double* drops = nullptr;  // kDropReasonCount
};

class Egress {
 public:
  static constexpr int64_t kInvalidPlan = -1;

  Egress(EgressMemory memory, TransportTable& transports, ReplyAddresses& replies)
      : memory_(memory), transports_(transports), replies_(replies) {}

  /// Number of packets handed to the kernel, or kInvalidPlan (and nothing was sent).
  int64_t flush(int descriptor, int family, uint32_t count);

 private:
  /// Largest parts of one packet that a plan may name; a peer's bytes (the payload) never reach them.
  static constexpr uint32_t kMaxHeaderBytes = 1024;
  static constexpr uint32_t kMaxPrefixBytes = 512;
  static constexpr uint32_t kMaxPacketBytes = 4096;
  /// Packets of a run whose sizes differ by no more are made equal by RTP padding, so that one message carries them:
  /// an encoder that cuts a picture in equal parts is left with a byte or two of difference.
  static constexpr uint32_t kMaxPaddingBytes = 8;
  static_assert(12 + kMaxHeaderBytes + kMaxPrefixBytes + kSlotBytes + kMaxPaddingBytes + kMaxProtectionBytes <=
                kMaxPacketBytes);

  static constexpr uint32_t kMaxMessages = 64;
  /// UDP_MAX_SEGMENTS of kernels before 6.9, and what fits an IPv4 or IPv6 datagram.
  static constexpr uint32_t kMaxSegments = 64;
  static constexpr uint32_t kMaxRunBytes = 65000;
  /// A chunk is sent once it has grown to this: small enough to be in the L2 cache still when the kernel copies it.
  static constexpr size_t kChunkBytes = 96 << 10;
  static constexpr size_t kArenaBytes = kChunkBytes + kMaxRunBytes + kMaxPacketBytes;

  /// Consecutive packets of one destination, all of `segment` bytes but the last, which may be shorter.
  struct Run {
    Transport* transport;
    uint32_t begin, size, segment, packets;
    bool open;
    SocketAddress address;  // addressed datagrams only, like `local`
    LocalId local;
  };
  struct Control {
    alignas(cmsghdr) std::array<uint8_t, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))> bytes;
  };

  bool valid(const EgressRecord& record) const;
  bool payload_valid(const EgressRecord& record) const;
  /// Whether 2 bytes at `offset` lie within the header block; 0 means no patch.
  static bool patch_valid(uint32_t offset, uint32_t header_size) { return offset == 0 || offset + 2 <= header_size; }
  bool group(uint32_t count);
  static uint32_t paddable_size(const EgressRecord& record);
  uint32_t build_run(uint32_t first, Transport& transport);
  void build(const EgressRecord& record, Transport* transport, uint32_t padding = 0);
  size_t build_rtp(const EgressRecord& record, Transport& transport, uint32_t padding, uint8_t* out);
  size_t build_rtcp(const EgressRecord& record, Transport& transport, uint8_t* out);
  void append(Transport* transport, const EgressRecord& record, uint32_t size);
  void send_chunk();
  void fill(size_t i);
  void fill_control(size_t i);
  size_t put_source(cmsghdr* at, const IpBytes& local) const;
  void send_singly(size_t i);
  void drop(Drop reason, uint32_t packets = 1) { memory_.drops[static_cast<size_t>(reason)] += packets; }
  Drop reason_of(int error) const;

  EgressMemory memory_;
  TransportTable& transports_;
  ReplyAddresses& replies_;
  int descriptor_ = -1;
  int family_ = AF_INET;
  int64_t sent_ = 0;

  std::vector<uint32_t> next_ = std::vector<uint32_t>(kEgressCapacity);
  std::vector<Transport*> active_;
  std::vector<uint32_t> addressed_;
  std::unique_ptr<uint8_t[]> arena_ = std::make_unique<uint8_t[]>(kArenaBytes);
  size_t arena_used_ = 0;
  std::array<Run, kMaxMessages> runs_;
  size_t run_count_ = 0;
  std::array<mmsghdr, kMaxMessages> headers_{};
  std::array<iovec, kMaxMessages> vectors_{};
  std::array<Control, kMaxMessages> controls_{};
};

}  // namespace zonecast
