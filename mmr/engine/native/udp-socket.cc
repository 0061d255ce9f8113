#include "udp-socket.h"

#include <arpa/inet.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace zonecast {
namespace {

/// Older than this, a timestamp says that the wall clock was set meanwhile, not that the packet waited.
constexpr double kMaxQueueingUs = 2e6;

double clock_us(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// Parses an IP literal. Returns the address family, 0 when it is none.
int parse(const std::string& text, uint16_t port, Address& address) {
  uint8_t bytes[16];
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, text.c_str(), bytes) == 1) {
      address = Address::from_bytes({bytes, family == AF_INET ? size_t{4} : size_t{16}}, port);
      return family;
    }
  }
  return 0;
}

bool is_wildcard(const Address& address) {
  const uint8_t zeros[4] = {};
  return address.ip == IpBytes{} || address.ip == Address::from_bytes(zeros, 0).ip;
}

bool set_option(int descriptor, int level, int name, int value) {
  return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

void set_buffer_size(int descriptor, int force, int polite, int bytes) {
  // The forced form passes net.core.*mem_max and needs CAP_NET_ADMIN; a smaller buffer than wished is no error.
  if (!set_option(descriptor, SOL_SOCKET, force, bytes)) (void)set_option(descriptor, SOL_SOCKET, polite, bytes);
}

}  // namespace

double now_us() { return clock_us(CLOCK_MONOTONIC); }

int UdpSocket::open(const std::string& address, uint16_t port, int receive_buffer, int send_buffer,
                    const char*& failed) {
  Address parsed;
  family_ = parse(address, port, parsed);
  failed = "parse the address";
  if (family_ == 0) return EINVAL;
  int error = open_family(parsed, failed);
  if (family_ == AF_INET6 && parsed.ip == IpBytes{} && (error == EAFNOSUPPORT || error == EADDRNOTAVAIL)) {
    // A kernel without IPv6 (ipv6.disable=1): '::' means every address there is.
    family_ = AF_INET;
    const uint8_t zeros[4] = {};
    error = open_family(Address::from_bytes(zeros, port), failed);
  }
  if (error != 0) {
    close();
    return error;
  }
  set_buffer_size(descriptor_, SO_RCVBUFFORCE, SO_RCVBUF, receive_buffer);
  set_buffer_size(descriptor_, SO_SNDBUFFORCE, SO_SNDBUF, send_buffer);
  return 0;
}

int UdpSocket::open_family(const Address& address, const char*& failed) {
  close();
  failed = "socket";
  descriptor_ = socket(family_, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return errno;
  const bool ipv6 = family_ == AF_INET6;
  const bool wildcard = is_wildcard(address);
  failed = "setsockopt";
  if ((ipv6 && !set_option(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, wildcard ? 0 : 1)) ||
      !set_option(descriptor_, SOL_SOCKET, SO_TIMESTAMPNS, 1)) {
    return errno;
  }
  // Which of our addresses a datagram came to; a socket of one address knows.
  if (wildcard && !(ipv6 ? set_option(descriptor_, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                         : set_option(descriptor_, IPPROTO_IP, IP_PKTINFO, 1))) {
    return errno;
  }
  failed = "bind";
  const SocketAddress local(address, family_);
  if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&local.storage), local.size) != 0) return errno;
  sockaddr_in6 bound{};
  socklen_t size = sizeof bound;
  failed = "getsockname";
  if (getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return errno;
  port_ = Address::from_socket(bound).port;
  return 0;
}

void UdpSocket::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

ReceiveBatch::ReceiveBatch() {
  for (uint32_t i = 0; i < kCapacity; i++) {
    vectors_[i].iov_len = kSlotBytes;
    msghdr& header = headers_[i].msg_hdr;
    header.msg_name = &names_[i];
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].bytes.data();
  }
}

int ReceiveBatch::receive(int descriptor, uint32_t count) {
  // The kernel overwrote these fields of the messages it used last time.
  for (uint32_t i = 0; i < used_; i++) {
    headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    headers_[i].msg_hdr.msg_controllen = sizeof(Control);
    headers_[i].msg_hdr.msg_flags = 0;
  }
  used_ = 0;
  int received = 0;
  do {
    received = recvmmsg(descriptor, headers_.data(), count, MSG_DONTWAIT, nullptr);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return errno == EAGAIN ? 0 : -errno;
  used_ = static_cast<uint32_t>(received);
  // Kernel timestamps are wall-clock time; the offset is taken anew each time, so a clock step cannot last.
  realtime_offset_us_ = now_us() - clock_us(CLOCK_REALTIME);
  return received;
}

double ReceiveBatch::arrival_us(const cmsghdr* timestamp, double now) const {
  timespec time{};
  std::memcpy(&time, CMSG_DATA(timestamp), sizeof time);
  const double arrival =
      static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3 + realtime_offset_us_;
  return arrival > now || arrival < now - kMaxQueueingUs ? now : arrival;
}

Datagram ReceiveBatch::datagram(uint32_t i, double now) {
  msghdr& header = headers_[i].msg_hdr;
  Datagram datagram{headers_[i].msg_len, (header.msg_flags & MSG_TRUNC) != 0, Address::from_socket(names_[i]), {}, now};
  for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
    if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_TIMESTAMPNS) {
      datagram.arrival_us = arrival_us(at, now);
    } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
      // IPv4 at a dual-stack socket is reported here too, as a mapped address.
      std::memcpy(datagram.local.data(), CMSG_DATA(at) + offsetof(in6_pktinfo, ipi6_addr), datagram.local.size());
    } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
      uint8_t bytes[4];
      std::memcpy(bytes, CMSG_DATA(at) + offsetof(in_pktinfo, ipi_spec_dst), sizeof bytes);
      datagram.local = Address::from_bytes(bytes, 0).ip;
    }
  }
  return datagram;
}

}  // namespace zonecast
