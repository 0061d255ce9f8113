#include "srtp-session.h"

namespace zonecast {
namespace {

constexpr size_t kRtpHeaderBytes = 12;
/// A participant has fewer streams than this, and packets come in runs of one.
constexpr size_t kMaxScanned = 16;

}  // namespace

size_t rtp_header_size(const uint8_t* packet, size_t size) {
  if (size < kRtpHeaderBytes || packet[0] >> 6 != 2) return 0;
  size_t header = kRtpHeaderBytes + 4u * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0) {
    if (header + 4 > size) return 0;
    header += 4 + 4u * load16(packet + header + 2);
  }
  return header <= size ? header : 0;
}

SrtpSession::Stream* SrtpSession::Streams::find(uint32_t ssrc) {
  if (latest < all.size() && all[latest].ssrc == ssrc) return &all[latest];
  if (all.size() > kMaxScanned) {
    const auto place = places.find(ssrc);
    if (place == places.end()) return nullptr;
    latest = place->second;
    return &all[latest];
  }
  for (size_t i = 0; i < all.size(); i++) {
    if (all[i].ssrc == ssrc) {
      latest = i;
      return &all[i];
    }
  }
  return nullptr;
}

void SrtpSession::Streams::accept(Stream* known, uint32_t ssrc, uint64_t index) {
  if (known == nullptr) {
    known = &all.emplace_back(Stream{ssrc, {}});
    if (all.size() == kMaxScanned + 1) {
      for (size_t i = 0; i < all.size(); i++) places[all[i].ssrc] = i;
    } else if (all.size() > kMaxScanned) {
      places[ssrc] = all.size() - 1;
    }
  }
  known->window.accept(index);
}

void SrtpSession::Streams::forget(uint32_t ssrc) {
  Stream* const found = find(ssrc);
  if (found == nullptr) return;
  const size_t place = static_cast<size_t>(found - all.data());
  if (found != &all.back()) *found = all.back();
  all.pop_back();
  latest = 0;
  if (all.size() <= kMaxScanned) {
    places.clear();
  } else {
    places.erase(ssrc);
    if (place < all.size()) places[all[place].ssrc] = place;
  }
}

SrtpSession::Unprotected SrtpSession::unprotect_rtp(uint8_t* packet, size_t size) {
  const size_t tag_size = ingress_.rtp.tag_size();
  const size_t header_size = rtp_header_size(packet, size);
  if (header_size == 0 || header_size + tag_size > size) return {Drop::rtp_malformed};
  const uint32_t ssrc = load32(packet + 8);
  Stream* const stream = rtp_.find(ssrc);
  uint64_t index = load16(packet + 2);
  if (stream == nullptr) {
    if (rtp_.all.size() >= max_streams_) return {Drop::srtp_stream_cap};
  } else if (!stream->window.guess(static_cast<uint16_t>(index), index) ||
             stream->window.check(index) == ReplayWindow::Verdict::replayed) {
    return {Drop::srtp_replay};
  }
  const auto rollover_counter = static_cast<uint32_t>(index >> 16);
  const size_t plain = ingress_.rtp.unprotect_rtp(packet, size, header_size, rollover_counter);
  if (plain == 0) return {Drop::srtp_authentication};
  rtp_.accept(stream, ssrc, index);
  return {Drop::none, static_cast<uint32_t>(plain), rollover_counter};
}

SrtpSession::Unprotected SrtpSession::unprotect_rtcp(uint8_t* packet, size_t size) {
  if (size < 8 + ingress_.rtcp.tag_size() + 4 || packet[0] >> 6 != 2) return {Drop::rtcp_malformed};
  const uint32_t ssrc = load32(packet + 4);
  const uint32_t index = ingress_.rtcp.srtcp_index_word(packet, size) & kMaxSrtcpIndex;
  Stream* const stream = rtcp_.find(ssrc);
  if (stream == nullptr) {
    if (rtcp_.all.size() >= max_streams_) return {Drop::srtp_stream_cap};
  } else if (stream->window.check(index) == ReplayWindow::Verdict::replayed) {
    return {Drop::srtp_replay};
  }
  const size_t plain = ingress_.rtcp.unprotect_rtcp(packet, size);
  if (plain == 0) return {Drop::srtp_authentication};
  rtcp_.accept(stream, ssrc, index);
  return {Drop::none, static_cast<uint32_t>(plain)};
}

}  // namespace zonecast
