// What Node does not let us say of a TCP connection of its own.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "napi-helpers.h"

namespace zonecast {
namespace {

/// descriptor, bytes: beyond these, the kernel takes nothing that it has not sent yet. False: it would not have it.
napi_value tcp_limit_unsent(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const auto descriptor = static_cast<int>(arguments.uint32(0));
  const auto bytes = static_cast<int>(arguments.uint32(1));
  if (!arguments.ok()) return nullptr;
  napi_value result = nullptr;
  napi_get_boolean(env, setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes) == 0, &result);
  return result;
}

}  // namespace

void export_tcp(napi_env env, napi_value exports) {
  export_function(env, exports, "tcpLimitUnsent", tcp_limit_unsent);
}

}  // namespace zonecast
