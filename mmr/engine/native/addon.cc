// Entry point of the addon. It keeps nothing outside of the objects it hands out, so that every worker thread has its
// own engine.
#include <utility>

#include "layout.h"
#include "napi-helpers.h"
#include "udp-socket.h"

namespace zonecast {
namespace {

napi_value now(napi_env env, napi_callback_info) { return make_number(env, now_us()); }

napi_value layout(napi_env env) {
  const std::pair<const char*, uint32_t> entries[] = {
      {"ingressWords", static_cast<uint32_t>(sizeof(IngressRecord) / 4)},
      {"ingressCapacity", kIngressCapacity},
      {"slotBytes", kSlotBytes},
      {"egressWords", static_cast<uint32_t>(sizeof(EgressRecord) / 4)},
      {"egressCapacity", kEgressCapacity},
      {"egressSideBytes", kEgressSideBytes},
      {"dropReasonCount", kDropReasonCount},
      {"mayPad", kMayPad},
      {"kindRtp", static_cast<uint32_t>(EgressKind::rtp)},
      {"kindRtcp", static_cast<uint32_t>(EgressKind::rtcp)},
      {"kindDatagram", static_cast<uint32_t>(EgressKind::datagram)},
      {"kindAddressedDatagram", static_cast<uint32_t>(EgressKind::addressed)},
      {"unprotectRtp", static_cast<uint32_t>(Unprotect::rtp)},
      {"unprotectRtcp", static_cast<uint32_t>(Unprotect::rtcp)},
      {"dropUnknownProtocol", static_cast<uint32_t>(Drop::unknown_protocol)},
      {"dropSrtpNoKeys", static_cast<uint32_t>(Drop::srtp_no_keys)},
      {"dropSrtpAuthentication", static_cast<uint32_t>(Drop::srtp_authentication)},
      {"dropSrtpReplay", static_cast<uint32_t>(Drop::srtp_replay)},
      {"dropSrtpStreamCap", static_cast<uint32_t>(Drop::srtp_stream_cap)},
      {"dropRtpMalformed", static_cast<uint32_t>(Drop::rtp_malformed)},
      {"dropRtcpMalformed", static_cast<uint32_t>(Drop::rtcp_malformed)},
      {"dropStoreOverwritten", static_cast<uint32_t>(Drop::store_overwritten)},
      {"dropSocketFull", static_cast<uint32_t>(Drop::socket_full)},
      {"dropSendFailed", static_cast<uint32_t>(Drop::send_failed)},
      {"dropTransportNotReady", static_cast<uint32_t>(Drop::transport_not_ready)},
  };
  napi_value object = nullptr;
  napi_create_object(env, &object);
  for (const auto& [name, value] : entries) napi_set_named_property(env, object, name, make_number(env, value));
  return object;
}

}  // namespace
}  // namespace zonecast

NAPI_MODULE_INIT() {
  napi_set_named_property(env, exports, "layout", zonecast::layout(env));
  zonecast::export_function(env, exports, "nowUs", zonecast::now);
  zonecast::export_engine(env, exports);
  zonecast::export_srtp(env, exports);
  zonecast::export_dtls(env, exports);
  zonecast::export_tcp(env, exports);
  return exports;
}
