// One UDP socket: batched receive into the packet store with kernel timestamps, and the descriptor to send on.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <array>
#include <span>
#include <string>

#include "address.h"
#include "layout.h"

namespace zonecast {

/// CLOCK_MONOTONIC in microseconds.
double now_us();

class UdpSocket {
 public:
  UdpSocket() = default;
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket() { close(); }

  /// Returns 0, or an errno; `failed` then names the call.
  int open(const std::string& address, uint16_t port, int receive_buffer, int send_buffer, const char*& failed);
  void close();

  int descriptor() const { return descriptor_; }
  int family() const { return family_; }
  uint16_t port() const { return port_; }

 private:
  int open_family(const Address& address, const char*& failed);

  int descriptor_ = -1;
  int family_ = AF_INET;
  uint16_t port_ = 0;
};

struct Datagram {
  uint32_t size;
  bool truncated;
  Address from;
  IpBytes local;  // [::] when the socket is bound to one address
  double arrival_us;
};

/// Arguments of recvmmsg, kept between calls.
class ReceiveBatch {
 public:
  static constexpr uint32_t kCapacity = 64;

  ReceiveBatch();
  void set_buffer(uint32_t i, uint8_t* buffer) { vectors_[i].iov_base = buffer; }
  /// Datagrams received into buffers 0 to the result − 1; 0 when there are none, −errno on an error.
  int receive(int descriptor, uint32_t count);
  Datagram datagram(uint32_t i, double now);

 private:
  struct Control {
    alignas(cmsghdr) std::array<uint8_t, CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
  };
  double arrival_us(const cmsghdr* timestamp, double now) const;

  std::array<mmsghdr, kCapacity> headers_{};
  std::array<iovec, kCapacity> vectors_{};
  std::array<sockaddr_in6, kCapacity> names_{};
  std::array<Control, kCapacity> controls_{};
  uint32_t used_ = kCapacity;
  double realtime_offset_us_ = 0;
};

}  // namespace zonecast
