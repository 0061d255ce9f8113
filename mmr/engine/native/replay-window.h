// Which packet indices of one SSRC have been seen, and the guess of the roll-over counter (RFC 3711 section 3.3).
#pragma once

#include <array>
#include <cstdint>

namespace zonecast {

class ReplayWindow {
 public:
  /// RFC 3711 asks for 64 at least; 1024 covers 0.3 s of reordering at 30 Mb/s.
  static constexpr uint64_t kSize = 1024;

  enum class Verdict { fresh, replayed };

  /// An index is fresh when it is ahead of everything seen, or inside the window and not seen yet.
  Verdict check(uint64_t index) const {
    if (!started_ || index > highest_) return Verdict::fresh;
    if (highest_ - index >= kSize) return Verdict::replayed;
    return (seen_[word(index)] & bit(index)) != 0 ? Verdict::replayed : Verdict::fresh;
  }

  /// Only after the packet was authenticated.
  void accept(uint64_t index) {
    if (!started_) {
      started_ = true;
      highest_ = index;
    }
    if (index > highest_) {
      const uint64_t steps = index - highest_;
      if (steps >= kSize) {
        seen_.fill(0);
      } else {
        for (uint64_t i = highest_ + 1; i <= index; i++) seen_[word(i)] &= ~bit(i);
      }
      highest_ = index;
    }
    seen_[word(index)] |= bit(index);
  }

  /// The index of `sequence` that is nearest to the highest one seen (RFC 3711 section 3.3.1 and appendix A). False when
  /// that would lie before the stream's first roll-over period or after its last.
  bool guess(uint16_t sequence, uint64_t& index) const {
    if (!started_) {
      index = sequence;
      return true;
    }
    const auto highest = static_cast<uint16_t>(highest_);
    uint64_t counter = highest_ >> 16;
    if (highest < 0x8000) {
      if (sequence > highest + 0x8000 && counter-- == 0) return false;
    } else if (sequence < highest - 0x8000) {
      counter++;
    }
    index = (counter << 16) | sequence;
    return counter <= UINT32_MAX;
  }

 private:
  static size_t word(uint64_t index) { return (index % kSize) / 64; }
  static uint64_t bit(uint64_t index) { return uint64_t{1} << (index % 64); }

  uint64_t highest_ = 0;
  bool started_ = false;
  std::array<uint64_t, kSize / 64> seen_{};
};

}  // namespace zonecast
