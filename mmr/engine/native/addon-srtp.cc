// Node-API functions that let the tests run the published vectors of RFC 3711 and RFC 7714 through the ciphers that
// the engine uses: the vectors give session keys, which the engine's own way in never does.
#include <algorithm>
#include <vector>

#include "napi-helpers.h"
#include "srtp-session.h"

namespace zonecast {
namespace {

/// The key stream of RFC 3711 appendix B.2 is a megabyte long.
constexpr size_t kMaxPacketBytes = 2 << 20;

napi_value derive_key(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  const auto key = arguments.bytes(0);
  const auto salt = arguments.bytes(1);
  const uint32_t label = arguments.uint32(2);
  const uint32_t size = arguments.uint32(3);
  if (!arguments.ok()) return nullptr;
  std::vector<uint8_t> out(std::min<size_t>(size, 256));
  if (label > 255 || size != out.size() || !derive_session_key(key, salt, static_cast<uint8_t>(label), out)) {
    throw_error(env, "ENGINE_ARGUMENT", "the key cannot be derived");
    return nullptr;
  }
  return make_bytes(env, out);
}

/// The arguments that both directions share: profile, session key, salt, authentication key, RTCP or not, packet, and
/// roll-over counter or SRTCP index.
struct Call {
  Call(napi_env env, napi_callback_info info, Direction direction) {
    Arguments<7> arguments(env, info);
    const uint32_t profile = arguments.uint32(0);
    const auto key = arguments.bytes(1);
    const auto salt = arguments.bytes(2);
    const auto authentication_key = arguments.bytes(3);
    rtcp = arguments.boolean(4);
    const auto bytes = arguments.bytes(5);
    counter = arguments.uint32(6);
    if (!arguments.ok()) return;
    SessionKeys keys{};
    size = bytes.size();
    header_size = rtp_header_size(bytes.data(), size);
    if (profile < kSrtpProfileCount && size <= kMaxPacketBytes && (rtcp ? size >= 8 : header_size != 0)) {
      const ProfileSizes sizes = profile_sizes(static_cast<SrtpProfile>(profile));
      packet.assign(bytes.begin(), bytes.end());
      packet.resize(size + kMaxProtectionBytes);
      ready = key.size() == sizes.key && salt.size() == sizes.salt &&
              authentication_key.size() == sizes.authentication_key;
    }
    if (ready) {
      std::copy(key.begin(), key.end(), keys.key.begin());
      std::copy(salt.begin(), salt.end(), keys.salt.begin());
      std::copy(authentication_key.begin(), authentication_key.end(), keys.authentication_key.begin());
      ready = cipher.init(Algorithms(), static_cast<SrtpProfile>(profile), keys, direction);
    }
    if (!ready) throw_error(env, "ENGINE_ARGUMENT", "keys or packet do not fit the profile");
  }

  SrtpCipher cipher;
  std::vector<uint8_t> packet;
  size_t size = 0, header_size = 0;
  uint32_t counter = 0;
  bool rtcp = false;
  bool ready = false;
};

napi_value protect(napi_env env, napi_callback_info info) {
  Call call(env, info, Direction::protect);
  if (!call.ready) return nullptr;
  uint8_t* const packet = call.packet.data();
  const size_t size = call.rtcp ? call.cipher.protect_rtcp(packet, call.size, call.counter & kMaxSrtcpIndex)
                                : call.cipher.protect_rtp(packet, call.header_size, {},
                                                          {packet + call.header_size, call.size - call.header_size}, {},
                                                          call.counter);
  return size == 0 ? nullptr : make_bytes(env, {packet, size});
}

napi_value unprotect(napi_env env, napi_callback_info info) {
  Call call(env, info, Direction::unprotect);
  if (!call.ready) return nullptr;
  const size_t least = call.rtcp ? 8 + call.cipher.tag_size() + 4 : call.header_size + call.cipher.tag_size();
  if (call.size < least) return nullptr;
  uint8_t* const packet = call.packet.data();
  const size_t size = call.rtcp
                          ? call.cipher.unprotect_rtcp(packet, call.size)
                          : call.cipher.unprotect_rtp(packet, call.size, call.header_size, call.counter);
  return size == 0 ? nullptr : make_bytes(env, {packet, size});
}

}  // namespace

void export_srtp(napi_env env, napi_value exports) {
  export_function(env, exports, "srtpDeriveKey", derive_key);
  export_function(env, exports, "srtpProtect", protect);
  export_function(env, exports, "srtpUnprotect", unprotect);
}

}  // namespace zonecast
