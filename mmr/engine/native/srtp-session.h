// SRTP of one transport: both directions, and per ingress SSRC the roll-over counter and replay window.
#pragma once

#include <unordered_map>
#include <vector>

#include "layout.h"
#include "replay-window.h"
#include "srtp-cipher.h"

namespace zonecast {

/// Size of the RTP header with CSRCs and extension: what SRTP authenticates but does not encrypt. 0 when malformed.
size_t rtp_header_size(const uint8_t* packet, size_t size);

class SrtpSession {
 public:
  /// The most that `max_streams` may be: a trunk's. A window is 150 bytes.
  static constexpr size_t kMaxStreams = 16384;

  struct Unprotected {
    Drop drop = Drop::none;
    uint32_t size = 0;
    uint32_t rollover_counter = 0;
  };

  /// `max_streams`: SSRCs that the peer may have, for RTP and for RTCP each. Further ones are dropped.
  explicit SrtpSession(size_t max_streams) : max_streams_(max_streams) {}

  bool init(const Algorithms& algorithms, SrtpProfile profile, std::span<const uint8_t> ingress_key,
            std::span<const uint8_t> ingress_salt, std::span<const uint8_t> egress_key,
            std::span<const uint8_t> egress_salt) {
    return ingress_.init(algorithms, profile, ingress_key, ingress_salt, Direction::unprotect) &&
           egress_.init(algorithms, profile, egress_key, egress_salt, Direction::protect);
  }

  /// In place. State changes only when the tag held.
  Unprotected unprotect_rtp(uint8_t* packet, size_t size);
  Unprotected unprotect_rtcp(uint8_t* packet, size_t size);

  /// The peer does not use the SSRC any more: whatever comes of it is a new stream. For trunks, whose SSRCs come and go.
  void forget(uint32_t ssrc) {
    rtp_.forget(ssrc);
    rtcp_.forget(ssrc);
  }

  /// For keys that take the place of another session's: the SRTCP index goes on, so that not even the same keys set
  /// twice would use a nonce twice.
  void go_on_from(const SrtpSession& former) { next_srtcp_index_ = former.next_srtcp_index_; }

  SrtpCipher& egress_rtp() { return egress_.rtp; }
  /// In place, with the next SRTCP index. Returns the new size, 0 when the indices are used up (2^31 packets).
  size_t protect_rtcp(uint8_t* packet, size_t size) {
    if (next_srtcp_index_ > kMaxSrtcpIndex) return 0;
    return egress_.rtcp.protect_rtcp(packet, size, next_srtcp_index_++);
  }

 private:
  struct Stream {
    uint32_t ssrc;
    ReplayWindow window;
  };
  struct Streams {
    std::vector<Stream> all;
    /// Where in `all` an SSRC is; kept only while there are more than a scan is good for.
    std::unordered_map<uint32_t, size_t> places;
    size_t latest = 0;
    Stream* find(uint32_t ssrc);
    void accept(Stream* known, uint32_t ssrc, uint64_t index);
    void forget(uint32_t ssrc);
  };

  size_t max_streams_;

  SrtpDirection ingress_, egress_;
  Streams rtp_, rtcp_;
  uint32_t next_srtcp_index_ = 1;
};

}  // namespace zonecast
