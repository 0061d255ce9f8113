// The memory that the addon shares with TypeScript: the C++ side of mmr/media/ingress-batch.ts,
// mmr/media/egress/egress-plan.ts and mmr/media/drop-reason.ts. The addon exports these numbers and
// mmr/engine/native-addon.ts refuses to start when the two sides differ.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace zonecast {

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);

inline constexpr uint32_t kIngressCapacity = 256;
inline constexpr uint32_t kSlotBytes = 2048;
inline constexpr uint32_t kEgressCapacity = 8192;
inline constexpr uint32_t kEgressSideBytes = 3u << 20;  // what ends with the flush, and the ring of blocks

struct IngressRecord {
  uint32_t slot;
  uint32_t generation;
  uint32_t size;
  uint32_t transport;
  uint32_t family_port;  // 4 or 6 << 16 or port
  uint8_t address[16];   // network byte order; IPv4 in the first four
  uint32_t local;        // the engine's own: LocalId that it came to
  double arrival_us;
  uint32_t request;
  uint32_t drop;
  uint32_t plain_size;
  uint32_t rollover_counter;
};
static_assert(sizeof(IngressRecord) == 64);
static_assert(offsetof(IngressRecord, address) == 5 * 4);
static_assert(offsetof(IngressRecord, arrival_us) == 10 * 4);
static_assert(offsetof(IngressRecord, request) == 12 * 4);
static_assert(offsetof(IngressRecord, rollover_counter) == 15 * 4);

struct EgressRecord {
  uint32_t kind;  // RTP: patch offsets in bits 8–15 and 16–23, bit 24: may be padded
  uint32_t transport;
  uint32_t slot;  // kind addressed: family << 16 or port
  uint32_t generation;
  uint32_t payload;  // offset << 16 or size
  uint32_t first_word;
  uint32_t timestamp;
  uint32_t ssrc;
  uint32_t rollover_counter;
  uint32_t side_offset;
  uint32_t side_size;  // RTP: header size << 16 or prefix size
  uint32_t patches;    // RTP: two values of 16 bits, first << 16 or second
  uint8_t address[16];
};
static_assert(sizeof(EgressRecord) == 64);
static_assert(offsetof(EgressRecord, side_offset) == 9 * 4);
static_assert(offsetof(EgressRecord, patches) == 11 * 4);
static_assert(offsetof(EgressRecord, address) == 12 * 4);

inline constexpr uint32_t kMayPad = 1u << 24;

enum class EgressKind : uint32_t { rtp = 1, rtcp = 2, datagram = 3, addressed = 4 };
inline EgressKind kind_of(const EgressRecord& record) { return static_cast<EgressKind>(record.kind & 0xff); }
enum class Unprotect : uint32_t { no = 0, rtp = 1, rtcp = 2 };

enum class Drop : uint32_t {
  none = 0,
  unknown_protocol = 1,
  srtp_no_keys = 5,
  srtp_authentication = 6,
  srtp_replay = 7,
  srtp_stream_cap = 8,
  rtp_malformed = 9,
  rtcp_malformed = 12,
  store_overwritten = 14,
  socket_full = 15,
  send_failed = 16,
  transport_not_ready = 17,
};
inline constexpr uint32_t kDropReasonCount = 28;

inline uint16_t load16(const uint8_t* at) { return static_cast<uint16_t>((at[0] << 8) | at[1]); }
inline uint32_t load32(const uint8_t* at) {
  return (static_cast<uint32_t>(at[0]) << 24) | (static_cast<uint32_t>(at[1]) << 16) |
         (static_cast<uint32_t>(at[2]) << 8) | at[3];
}
inline uint64_t load64(const uint8_t* at) { return uint64_t{load32(at)} << 32 | load32(at + 4); }
inline void store16(uint8_t* at, uint32_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
inline void store32(uint8_t* at, uint32_t value) {
  store16(at, value >> 16);
  store16(at + 2, value);
}

}  // namespace zonecast
