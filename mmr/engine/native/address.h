// A UDP address in one form, whatever the socket's family: 16 bytes (IPv4 as ::ffff:a.b.c.d) and a port.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>

namespace zonecast {

/// IPv6, or IPv4 as ::ffff:a.b.c.d.
using IpBytes = std::array<uint8_t, 16>;

struct Address {
  IpBytes ip{};
  uint16_t port = 0;

  bool operator==(const Address&) const = default;
  bool is_ipv4() const { return std::memcmp(ip.data(), kMappedPrefix, sizeof kMappedPrefix) == 0; }

  /// From 4 or 16 bytes in network byte order.
  static Address from_bytes(std::span<const uint8_t> bytes, uint16_t port) {
    Address address;
    address.port = port;
    if (bytes.size() == 4) {
      std::memcpy(address.ip.data(), kMappedPrefix, sizeof kMappedPrefix);
      std::memcpy(address.ip.data() + 12, bytes.data(), 4);
    } else if (bytes.size() == 16) {
      std::memcpy(address.ip.data(), bytes.data(), 16);
    }
    return address;
  }

  static Address from_socket(const sockaddr_in6& from) {
    if (from.sin6_family == AF_INET6) {
      return from_bytes({from.sin6_addr.s6_addr, 16}, ntohs(from.sin6_port));
    }
    sockaddr_in ipv4;
    std::memcpy(&ipv4, &from, sizeof ipv4);
    uint8_t bytes[4];
    std::memcpy(bytes, &ipv4.sin_addr, 4);
    return from_bytes(bytes, ntohs(ipv4.sin_port));
  }

  static constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
};

/// What sendmsg wants, for a socket of the given family. `size` is 0 when such a socket cannot reach the address.
struct SocketAddress {
  sockaddr_in6 storage{};
  socklen_t size = 0;

  SocketAddress() = default;
  SocketAddress(const Address& address, int family) {
    if (family == AF_INET6) {
      storage.sin6_family = AF_INET6;
      storage.sin6_port = htons(address.port);
      std::memcpy(storage.sin6_addr.s6_addr, address.ip.data(), 16);
      size = sizeof storage;
    } else if (address.is_ipv4()) {
      sockaddr_in ipv4{};
      ipv4.sin_family = AF_INET;
      ipv4.sin_port = htons(address.port);
      std::memcpy(&ipv4.sin_addr, address.ip.data() + 12, 4);
      std::memcpy(&storage, &ipv4, sizeof ipv4);
      size = sizeof ipv4;
    }
  }
};

struct AddressHash {
  size_t operator()(const Address& address) const {
    return std::hash<std::string_view>{}(
        std::string_view(reinterpret_cast<const char*>(&address), sizeof address));
  }
};
static_assert(sizeof(Address) == 18);  // no padding: hashed and compared as bytes

}  // namespace zonecast
