// Node-API functions of the DTLS endpoint.
#include <memory>
#include <string>

#include "dtls.h"
#include "napi-helpers.h"

namespace zonecast {
namespace {

struct ContextBinding {
  static constexpr napi_type_tag kTag = {0x5a6f6e6563617374, 0x64746c7363740001};
  std::unique_ptr<DtlsContext> context;
};

struct EndpointBinding {
  static constexpr napi_type_tag kTag = {0x5a6f6e6563617374, 0x64746c7365700001};
  std::unique_ptr<DtlsEndpoint> endpoint;
};

napi_value dtls_context(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const std::string certificate = arguments.text(0);
  const std::string key = arguments.text(1);
  if (!arguments.ok()) return nullptr;
  std::string failed;
  auto binding = std::make_unique<ContextBinding>();
  binding->context = DtlsContext::create(certificate, key, failed);
  if (binding->context == nullptr) {
    throw_error(env, "DTLS_CERTIFICATE", failed);
    return nullptr;
  }
  return make_external(env, std::move(binding));
}

napi_value dtls_open(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const ContextBinding* const context = arguments.object<ContextBinding>(0);
  const bool server = arguments.boolean(1);
  if (!arguments.ok()) return nullptr;
  auto binding = std::make_unique<EndpointBinding>();
  binding->endpoint = DtlsEndpoint::create(*context->context, server);
  if (binding->endpoint == nullptr) {
    throw_error(env, "ENOMEM", "no memory for a DTLS session");
    return nullptr;
  }
  return make_external(env, std::move(binding));
}

/// The endpoint that is the first argument; null when it is none.
template <size_t Count>
DtlsEndpoint* endpoint_of(Arguments<Count>& arguments) {
  EndpointBinding* const binding = arguments.template object<EndpointBinding>(0);
  return binding == nullptr ? nullptr : binding->endpoint.get();
}

napi_value dtls_handle(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  DtlsEndpoint* const endpoint = endpoint_of(arguments);
  const auto datagram = arguments.bytes(1);
  if (arguments.ok()) endpoint->handle(datagram);
  return nullptr;
}

napi_value dtls_take_outgoing(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  DtlsEndpoint* const endpoint = endpoint_of(arguments);
  if (endpoint == nullptr) return nullptr;
  const auto datagram = endpoint->take_outgoing();
  return datagram.has_value() ? make_bytes(env, *datagram) : nullptr;
}

napi_value dtls_handle_timeout(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  DtlsEndpoint* const endpoint = endpoint_of(arguments);
  if (endpoint != nullptr) endpoint->handle_timeout();
  return nullptr;
}

napi_value dtls_timeout(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const DtlsEndpoint* const endpoint = endpoint_of(arguments);
  return endpoint == nullptr ? nullptr : make_number(env, endpoint->timeout_us());
}

napi_value dtls_state(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const DtlsEndpoint* const endpoint = endpoint_of(arguments);
  return endpoint == nullptr ? nullptr : make_number(env, static_cast<double>(endpoint->state()));
}

/// What the handshake of the endpoint that is the first argument gave; null when there is none.
const DtlsEstablished* established_of(Arguments<1>& arguments) {
  const DtlsEndpoint* const endpoint = endpoint_of(arguments);
  return endpoint == nullptr ? nullptr : endpoint->established();
}

napi_value dtls_peer_certificate(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const DtlsEstablished* const established = established_of(arguments);
  return established == nullptr ? nullptr : make_bytes(env, established->peer_certificate());
}

napi_value dtls_srtp_profile(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const DtlsEstablished* const established = established_of(arguments);
  return make_number(env, established == nullptr ? -1 : static_cast<double>(established->srtp_profile()));
}

napi_value dtls_srtp_key_material(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const DtlsEstablished* const established = established_of(arguments);
  return established == nullptr ? nullptr : make_bytes(env, established->srtp_key_material());
}

napi_value dtls_close(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  DtlsEndpoint* const endpoint = endpoint_of(arguments);
  if (endpoint != nullptr) endpoint->close();
  return nullptr;
}

}  // namespace

void export_dtls(napi_env env, napi_value exports) {
  export_function(env, exports, "dtlsContext", dtls_context);
  export_function(env, exports, "dtlsOpen", dtls_open);
  export_function(env, exports, "dtlsHandle", dtls_handle);
  export_function(env, exports, "dtlsTakeOutgoing", dtls_take_outgoing);
  export_function(env, exports, "dtlsHandleTimeout", dtls_handle_timeout);
  export_function(env, exports, "dtlsTimeoutUs", dtls_timeout);
  export_function(env, exports, "dtlsState", dtls_state);
  export_function(env, exports, "dtlsPeerCertificate", dtls_peer_certificate);
  export_function(env, exports, "dtlsSrtpProfile", dtls_srtp_profile);
  export_function(env, exports, "dtlsSrtpKeyMaterial", dtls_srtp_key_material);
  export_function(env, exports, "dtlsClose", dtls_close);
}

}  // namespace zonecast
