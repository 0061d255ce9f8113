// Node-API functions of the packet engine.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine.h"
#include "napi-helpers.h"

namespace zonecast {
namespace {

/// An engine with what keeps it going: references to the shared memory and the callback, and the hook that closes it
/// when its thread ends first.
struct EngineBinding {
  static constexpr napi_type_tag kTag = {0x5a6f6e6563617374, 0x656e67696e650001};

  explicit EngineBinding(napi_env environment) : env(environment) {}
  void keep(napi_value value) {
    napi_ref reference = nullptr;
    if (napi_create_reference(env, value, 1, &reference) == napi_ok) references.push_back(reference);
  }
  void begin_close();
  void finish_close();
  void call(uint32_t count, double now);

  napi_env env;
  std::unique_ptr<Engine> engine;
  std::vector<napi_ref> references;  // memory, the callback, and our own external
  napi_ref callback = nullptr;  // one of `references`
  napi_async_context async_context = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
  bool closing = false;
  bool finished = true;
  bool collected = false;
};

void EngineBinding::begin_close() {
  if (closing || finished) return;
  closing = true;
  engine->close([this] { finish_close(); });
}

/// The socket's handle is gone from the loop. Lets go of everything; the binding lives on until it is collected.
void EngineBinding::finish_close() {
  napi_handle_scope scope = nullptr;
  napi_open_handle_scope(env, &scope);
  for (const napi_ref reference : references) napi_delete_reference(env, reference);
  references.clear();
  if (async_context != nullptr) napi_async_destroy(env, async_context);
  async_context = nullptr;
  napi_close_handle_scope(env, scope);
  finished = true;
  const napi_async_cleanup_hook_handle removed = std::exchange(hook, nullptr);
  if (collected) delete this;
  if (removed != nullptr) napi_remove_async_cleanup_hook(removed);
}

void EngineBinding::call(uint32_t count, double now) {
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value receiver = nullptr;
  napi_value function = nullptr;
  napi_value arguments[2] = {};
  napi_get_global(env, &receiver);
  napi_get_reference_value(env, callback, &function);
  napi_create_uint32(env, count, &arguments[0]);
  napi_create_double(env, now, &arguments[1]);
  // Runs ticks and microtasks afterwards, as for any event of the loop.
  if (napi_make_callback(env, async_context, receiver, function, 2, arguments, nullptr) == napi_pending_exception) {
    napi_value error = nullptr;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

bool read_int(napi_env env, napi_value object, const char* name, int32_t low, int32_t high, int32_t& out) {
  double value = 0;
  if (napi_get_value_double(env, property(env, object, name), &value) != napi_ok || !(value >= low && value <= high))
    return false;
  out = static_cast<int32_t>(value);
  return true;
}

/// The memory of an ArrayBuffer as whole elements; empty when it is none. The binding keeps it alive.
template <typename Element>
std::span<Element> read_memory(EngineBinding& binding, napi_value options, const char* name) {
  void* data = nullptr;
  size_t size = 0;
  const napi_value buffer = property(binding.env, options, name);
  if (napi_get_arraybuffer_info(binding.env, buffer, &data, &size) != napi_ok) return {};
  binding.keep(buffer);
  return {static_cast<Element*>(data), size / sizeof(Element)};
}

bool read_options(EngineBinding& binding, napi_value value, EngineMemory& memory, EngineOptions& options) {
  napi_env env = binding.env;
  char address[64];
  size_t size = 0;
  int32_t port = 0;
  if (napi_get_value_string_utf8(env, property(env, value, "address"), address, sizeof address, &size) != napi_ok ||
      !read_int(env, value, "port", 0, 65535, port) ||
      !read_int(env, value, "receiveBufferBytes", 0, 1 << 30, options.receive_buffer) ||
      !read_int(env, value, "sendBufferBytes", 0, 1 << 30, options.send_buffer)) {
    return false;
  }
  options.address.assign(address, size);
  options.port = static_cast<uint16_t>(port);
  memory.store = read_memory<uint8_t>(binding, value, "store");
  memory.generations = read_memory<uint32_t>(binding, value, "generations");
  memory.ingress = read_memory<IngressRecord>(binding, value, "ingress");
  memory.plan_records = read_memory<const EgressRecord>(binding, value, "planWords");
  memory.plan_side = read_memory<const uint8_t>(binding, value, "planSide");
  memory.drops = read_memory<double>(binding, value, "drops");
  // A batch must not overwrite slots of the batch that is being worked on.
  return memory.generations.size() >= 2 * kIngressCapacity && memory.generations.size() <= UINT32_MAX &&
         memory.store.size() == memory.generations.size() * kSlotBytes && memory.ingress.size() == kIngressCapacity &&
         memory.plan_records.size() == kEgressCapacity && memory.plan_side.size() == kEgressSideBytes &&
         memory.drops.size() == kDropReasonCount;
}

/// Deletes the binding, or leaves that to the loop when its handle is still closing.
void collect(napi_env, void* data, void*) {
  EngineBinding* const binding = static_cast<EngineBinding*>(data);
  binding->collected = true;
  if (binding->finished) delete binding;
}

void on_environment_end(napi_async_cleanup_hook_handle, void* data) { static_cast<EngineBinding*>(data)->begin_close(); }

napi_value engine_open(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  if (!arguments.ok()) return nullptr;
  auto binding = std::make_unique<EngineBinding>(env);
  EngineMemory memory;
  EngineOptions options;
  const napi_value callback = property(env, arguments.value(0), "onBatch");
  napi_valuetype type = napi_undefined;
  napi_typeof(env, callback, &type);
  const bool valid = type == napi_function && read_options(*binding, arguments.value(0), memory, options);
  const auto fail = [&](const char* code, const std::string& message) -> napi_value {
    for (const napi_ref reference : binding->references) napi_delete_reference(env, reference);
    throw_error(env, code, message);
    return nullptr;
  };
  if (!valid) return fail("ENGINE_ARGUMENT", "an option of the packet engine has the wrong type or range");
  binding->keep(callback);
  binding->callback = binding->references.back();
  options.on_batch = [to = binding.get()](uint32_t count, double now) { to->call(count, now); };
  const std::string where = options.address + " port " + std::to_string(options.port);
  binding->engine = std::make_unique<Engine>(memory, std::move(options));
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  const char* failed = "";
  const int error = binding->engine->open(loop, failed);
  if (error != 0) {
    fail(uv_err_name(-error), std::string(failed) + " " + where + ": " + uv_strerror(-error));
    EngineBinding* const refused = binding.release();
    refused->engine->close([refused] { delete refused; });
    return nullptr;
  }
  EngineBinding* const opened = binding.release();
  opened->finished = false;
  napi_value name = nullptr;
  napi_create_string_utf8(env, "zonecast:packets", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, nullptr, name, &opened->async_context);
  napi_add_async_cleanup_hook(env, on_environment_end, opened, &opened->hook);
  napi_value external = nullptr;
  napi_create_external(env, opened, collect, nullptr, &external);
  napi_type_tag_object(env, external, &EngineBinding::kTag);
  opened->keep(external);
  return external;
}

template <size_t Count>
Engine* engine_of(Arguments<Count>& arguments) {
  EngineBinding* const binding = arguments.template object<EngineBinding>(0);
  return binding == nullptr ? nullptr : binding->engine.get();
}

napi_value engine_port(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const Engine* const engine = engine_of(arguments);
  return engine == nullptr ? nullptr : make_number(env, engine->port());
}

napi_value engine_close(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  EngineBinding* const binding = arguments.object<EngineBinding>(0);
  if (binding != nullptr) binding->begin_close();
  return nullptr;
}

napi_value engine_unprotect(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  const uint32_t count = arguments.uint32(1);
  if (arguments.ok()) engine->unprotect(count);
  return nullptr;
}

napi_value engine_flush(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  const uint32_t count = arguments.uint32(1);
  if (!arguments.ok()) return nullptr;
  const int64_t sent = engine->flush(count);
  if (sent == Egress::kInvalidPlan) {
    throw_error(env, "ENGINE_PLAN", "a record of the egress plan points outside its memory");
    return nullptr;
  }
  return make_number(env, static_cast<double>(sent));
}

napi_value engine_open_transport(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  if (engine == nullptr) return nullptr;
  const uint32_t handle = engine->transports().open();
  if (handle == 0) throw_error(env, "ENGINE_TRANSPORTS", "every transport handle is in use");
  return make_number(env, handle);
}

napi_value engine_close_transport(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  const uint32_t handle = arguments.uint32(1);
  if (arguments.ok()) engine->transports().close(handle);
  return nullptr;
}

/// Address bytes and port at `i` and `i + 1`; throws when they are none.
template <size_t Count>
bool read_address(napi_env env, Arguments<Count>& arguments, size_t i, Address& address) {
  const auto bytes = arguments.bytes(i);
  const uint32_t port = arguments.uint32(i + 1);
  if (!arguments.ok()) return false;
  if ((bytes.size() != 4 && bytes.size() != 16) || port > 65535) {
    throw_error(env, "ENGINE_ARGUMENT", "an address has 4 or 16 bytes and a port up to 65535");
    return false;
  }
  address = Address::from_bytes(bytes, static_cast<uint16_t>(port));
  return true;
}

Transport* transport_of(napi_env env, Engine& engine, uint32_t handle) {
  Transport* const transport = engine.transports().find(handle);
  if (transport == nullptr) throw_error(env, "ENGINE_ARGUMENT", "no transport has this handle");
  return transport;
}

napi_value engine_add_remote(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  const uint32_t handle = arguments.uint32(1);
  Address address;
  if (!read_address(env, arguments, 2, address) || transport_of(env, *engine, handle) == nullptr) return nullptr;
  engine->transports().add_remote(handle, address);
  return nullptr;
}

napi_value engine_remove_remote(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  Address address;
  if (read_address(env, arguments, 1, address)) engine->transports().remove_remote(address);
  return nullptr;
}

napi_value engine_set_destination(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  const uint32_t handle = arguments.uint32(1);
  Address address;
  if (!read_address(env, arguments, 2, address)) return nullptr;
  Transport* const transport = transport_of(env, *engine, handle);
  if (transport == nullptr) return nullptr;
  if (!engine->set_destination(*transport, address))
    throw_error(env, "ENGINE_ARGUMENT", "an IPv4 socket cannot send to IPv6");
  return nullptr;
}

napi_value engine_set_srtp_keys(napi_env env, napi_callback_info info) {
  Arguments<8> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  const uint32_t handle = arguments.uint32(1);
  const uint32_t profile = arguments.uint32(2);
  const auto ingress_key = arguments.bytes(3);
  const auto ingress_salt = arguments.bytes(4);
  const auto egress_key = arguments.bytes(5);
  const auto egress_salt = arguments.bytes(6);
  const uint32_t max_streams = arguments.uint32(7);
  if (!arguments.ok()) return nullptr;
  if (max_streams == 0 || max_streams > SrtpSession::kMaxStreams) {
    throw_error(env, "ENGINE_ARGUMENT", "number of SRTP streams out of range");
    return nullptr;
  }
  Transport* const transport = transport_of(env, *engine, handle);
  if (transport == nullptr) return nullptr;
  auto session = std::make_unique<SrtpSession>(max_streams);
  if (profile >= kSrtpProfileCount || !session->init(engine->algorithms(), static_cast<SrtpProfile>(profile),
                                                     ingress_key, ingress_salt, egress_key, egress_salt)) {
    throw_error(env, "ENGINE_ARGUMENT", "SRTP keys do not fit their profile");
    return nullptr;
  }
  if (transport->srtp != nullptr) session->go_on_from(*transport->srtp);
  transport->srtp = std::move(session);
  return nullptr;
}

napi_value engine_forget_stream(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  Engine* const engine = engine_of(arguments);
  const uint32_t handle = arguments.uint32(1);
  const uint32_t ssrc = arguments.uint32(2);
  if (!arguments.ok()) return nullptr;
  Transport* const transport = transport_of(env, *engine, handle);
  if (transport != nullptr && transport->srtp != nullptr) transport->srtp->forget(ssrc);
  return nullptr;
}

}  // namespace

void export_engine(napi_env env, napi_value exports) {
  export_function(env, exports, "engineOpen", engine_open);
  export_function(env, exports, "enginePort", engine_port);
  export_function(env, exports, "engineClose", engine_close);
  export_function(env, exports, "engineUnprotect", engine_unprotect);
  export_function(env, exports, "engineFlush", engine_flush);
  export_function(env, exports, "engineOpenTransport", engine_open_transport);
  export_function(env, exports, "engineCloseTransport", engine_close_transport);
  export_function(env, exports, "engineAddRemote", engine_add_remote);
  export_function(env, exports, "engineRemoveRemote", engine_remove_remote);
  export_function(env, exports, "engineSetDestination", engine_set_destination);
  export_function(env, exports, "engineSetSrtpKeys", engine_set_srtp_keys);
  export_function(env, exports, "engineForgetStream", engine_forget_stream);
}

}  // namespace zonecast
