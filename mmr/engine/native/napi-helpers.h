// The little that the addon needs to read arguments and return values through Node-API without repeating itself.
#pragma once

#include <node_api.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>

namespace zonecast {

inline void throw_error(napi_env env, const char* code, const std::string& message) {
  napi_throw_error(env, code, message.c_str());
}

/// Arguments of one call. A wrong type throws ENGINE_ARGUMENT and makes `ok()` false; what is read then is empty.
template <size_t Count>
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = Count;
    napi_get_cb_info(env, info, &count, values_.data(), nullptr, nullptr);
    require(count >= Count);
  }

  bool ok() const { return ok_; }
  napi_value value(size_t i) const { return values_[i]; }

  uint32_t uint32(size_t i) {
    uint32_t result = 0;
    double exact = 0;
    require(napi_get_value_double(env_, values_[i], &exact) == napi_ok && exact >= 0 && exact <= UINT32_MAX &&
            exact == static_cast<double>(static_cast<uint32_t>(exact)));
    if (ok_) result = static_cast<uint32_t>(exact);
    return result;
  }

  bool boolean(size_t i) {
    bool result = false;
    require(napi_get_value_bool(env_, values_[i], &result) == napi_ok);
    return result;
  }

  std::string text(size_t i) {
    size_t size = 0;
    if (!require(napi_get_value_string_utf8(env_, values_[i], nullptr, 0, &size) == napi_ok)) return {};
    std::string result(size, '\0');
    napi_get_value_string_utf8(env_, values_[i], result.data(), size + 1, &size);
    return result;
  }

  /// The bytes of a Uint8Array, valid until the call returns.
  std::span<const uint8_t> bytes(size_t i) {
    napi_typedarray_type type{};
    size_t size = 0;
    void* data = nullptr;
    const bool array = napi_get_typedarray_info(env_, values_[i], &type, &size, &data, nullptr, nullptr) == napi_ok;
    if (!require(array && type == napi_uint8_array)) return {};
    return {static_cast<const uint8_t*>(data), size};
  }

  /// The native object behind a tagged external; null (and a thrown error) for anything else.
  template <typename Object>
  Object* object(size_t i) {
    bool tagged = false;
    void* data = nullptr;
    require(napi_check_object_type_tag(env_, values_[i], &Object::kTag, &tagged) == napi_ok && tagged &&
            napi_get_value_external(env_, values_[i], &data) == napi_ok);
    return ok_ ? static_cast<Object*>(data) : nullptr;
  }

 private:
  bool require(bool holds) {
    if (ok_ && !holds) throw_error(env_, "ENGINE_ARGUMENT", "an argument has the wrong type or range");
    ok_ = ok_ && holds;
    return ok_;
  }

  napi_env env_;
  std::array<napi_value, Count> values_{};
  bool ok_ = true;
};

/// A tagged external that owns `object`, which the garbage collector deletes.
template <typename Object>
napi_value make_external(napi_env env, std::unique_ptr<Object> object) {
  napi_value external = nullptr;
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<Object*>(data); };
  if (napi_create_external(env, object.get(), finalize, nullptr, &external) != napi_ok) return nullptr;
  object.release();
  napi_type_tag_object(env, external, &Object::kTag);
  return external;
}

inline napi_value make_number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

inline napi_value make_bytes(napi_env env, std::span<const uint8_t> bytes) {
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_value result = nullptr;
  if (napi_create_arraybuffer(env, bytes.size(), &data, &buffer) != napi_ok) return nullptr;
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  napi_create_typedarray(env, napi_uint8_array, bytes.size(), buffer, 0, &result);
  return result;
}

/// Adds functions to the module's exports.
void export_engine(napi_env env, napi_value exports);
void export_srtp(napi_env env, napi_value exports);
void export_dtls(napi_env env, napi_value exports);
void export_tcp(napi_env env, napi_value exports);

inline void export_function(napi_env env, napi_value exports, const char* name, napi_callback function) {
  napi_value value = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

}  // namespace zonecast
