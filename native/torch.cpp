// The native half of Shampoo.LibTorch: C# calls torch's operators through the dispatcher, by name.
//
//   shp_operator   "aten::add", "Tensor"  ->  a handle, looked up once and kept for the life of the process
//   shp_call       the handle and an array of tagged values  ->  results
//
// Trailing arguments that are not given take the schema's defaults, so an operator that grew an argument between two
// versions of torch is called the same way. What is no operator (gradients, grad mode, storage, seeds, ...) follows below.
// A tensor handle is a heap-allocated at::Tensor*. The THS* functions have the names and the ABI of TorchSharp's native
// library, so that one P/Invoke works with both.
//
// Compiles against libtorch 1.13 and all of 2.x with -std=c++17; links c10 and torch_cpu, never CUDA.

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/version.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#define SHP_API extern "C" __attribute__((visibility("default")))

// c10::optional in early versions, std::optional in late ones.
template <typename T>
using Optional = decltype(std::declval<const at::IValue&>().toOptional<T>());

namespace {

thread_local std::string last_error;
thread_local bool has_error = false;

void set_error(const char* text) {
  last_error = text;
  has_error = true;
}

// Runs body; a C++ exception becomes last_error and the given value. No exception ever leaves this library.
template <typename R, typename F>
R guarded(R on_error, F&& body) noexcept {
  try {
    return body();
  } catch (const c10::Error& e) {
    set_error(e.what_without_backtrace());
  } catch (const std::exception& e) {
    set_error(e.what());
  } catch (...) {
    set_error("unknown C++ exception");
  }
  return on_error;
}

enum Tag : int32_t {
  None = 0,
  Default = 1,       // the schema's default value
  TensorTag = 2,     // pointer: at::Tensor*
  Int = 3,
  Double = 4,
  Bool = 5,
  Complex = 6,       // pointer: double[2]
  IntList = 7,       // pointer: int64_t[count]
  DoubleList = 8,    // pointer: double[count]
  TensorList = 9,    // pointer: at::Tensor*[count]
  OptionalTensorList = 10,  // the same, null elements are None
  String = 11,       // pointer: char[count]
  DeviceTag = 12,    // integer: device type, count: index
  GeneratorTag = 13, // pointer: at::Generator*
  BoolList = 14,     // pointer: uint8_t[count]
};

// Mirrored by C#'s Shampoo.LibTorch.Native.Value.
struct Value {
  int32_t tag;
  int32_t count;
  union {
    int64_t integer;
    double real;
    const void* pointer;
  };
};
static_assert(sizeof(Value) == 16, "Value is shared with C#");

struct Operator {
  c10::OperatorHandle handle;
  std::vector<at::IValue> defaults;
  std::vector<bool> has_default;
};

at::IValue to_ivalue(const Value& v) {
  switch (v.tag) {
    case None:
      return at::IValue();
    case TensorTag:
      return *static_cast<const at::Tensor*>(v.pointer);
    case Int:
      return v.integer;
    case Double:
      return v.real;
    case Bool:
      return v.integer != 0;
    case Complex: {
      auto* z = static_cast<const double*>(v.pointer);
      return c10::complex<double>(z[0], z[1]);
    }
    case IntList: {
      auto* p = static_cast<const int64_t*>(v.pointer);
      return std::vector<int64_t>(p, p + v.count);
    }
    case DoubleList: {
      auto* p = static_cast<const double*>(v.pointer);
      return std::vector<double>(p, p + v.count);
    }
    case TensorList: {
      auto* p = static_cast<at::Tensor* const*>(v.pointer);
      c10::List<at::Tensor> list;
      list.reserve(v.count);
      for (int32_t i = 0; i < v.count; i++) list.push_back(*p[i]);
      return list;
    }
    case OptionalTensorList: {
      auto* p = static_cast<at::Tensor* const*>(v.pointer);
      c10::List<Optional<at::Tensor>> list;
      list.reserve(v.count);
      for (int32_t i = 0; i < v.count; i++)
        list.push_back(p[i] ? Optional<at::Tensor>(*p[i]) : Optional<at::Tensor>());
      return list;
    }
    case String:
      return std::string(static_cast<const char*>(v.pointer), v.count);
    case DeviceTag:
      return c10::Device(static_cast<c10::DeviceType>(v.integer), static_cast<c10::DeviceIndex>(v.count));
    case GeneratorTag:
      return *static_cast<const at::Generator*>(v.pointer);
    case BoolList: {
      auto* p = static_cast<const uint8_t*>(v.pointer);
      c10::List<bool> list;
      for (int32_t i = 0; i < v.count; i++) list.push_back(p[i] != 0);
      return list;
    }
    default:
      TORCH_CHECK(false, "unknown argument tag ", v.tag);
  }
}

at::Tensor* new_tensor(at::Tensor t) { return t.defined() ? new at::Tensor(std::move(t)) : nullptr; }

// A list of tensors goes out as a malloc'ed array of handles, to be released with shp_free.
void to_result(at::IValue value, Value& out) {
  out = Value{None, 0, {0}};
  if (value.isTensor()) {
    out.tag = TensorTag;
    out.pointer = new_tensor(std::move(value).toTensor());
  } else if (value.isInt()) {
    out.tag = Int;
    out.integer = value.toInt();
  } else if (value.isDouble()) {
    out.tag = Double;
    out.real = value.toDouble();
  } else if (value.isBool()) {
    out.tag = Bool;
    out.integer = value.toBool();
  } else if (value.isComplexDouble()) {
    auto z = value.toComplexDouble();
    auto* parts = static_cast<double*>(std::malloc(2 * sizeof(double)));
    if (!parts) throw std::bad_alloc();
    parts[0] = z.real();
    parts[1] = z.imag();
    out.tag = Complex;
    out.pointer = parts;
  } else if (value.isTensorList()) {
    auto tensors = value.toTensorVector();
    auto** handles = static_cast<at::Tensor**>(std::malloc((tensors.size() + 1) * sizeof(at::Tensor*)));
    if (!handles) throw std::bad_alloc();
    for (size_t i = 0; i < tensors.size(); i++) handles[i] = new_tensor(std::move(tensors[i]));
    out.tag = TensorList;
    out.count = static_cast<int32_t>(tensors.size());
    out.pointer = handles;
  } else if (!value.isNone()) {
    TORCH_CHECK(false, "an operator returned ", value.tagKind(), ", which is not supported");
  }
}

// What CUDA's hooks call these changed its name and its argument over time.
template <typename H>
auto synchronize_device(const H& hooks, int64_t index, int) -> decltype(hooks.deviceSynchronize(index)) {
  hooks.deviceSynchronize(index);
}
template <typename H>
void synchronize_device(const H&, int64_t index, long) {
  c10::Device device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(index));
  c10::impl::VirtualGuardImpl(device.type()).getStream(device).synchronize();
}

int64_t cuda_devices() {
  return at::hasCUDA() ? c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).deviceCount() : 0;
}

c10::Device device_of(int32_t type, int32_t index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

}  // namespace

// ---- operators -----------------------------------------------------------------------------------------------------

SHP_API void* shp_operator(const char* name, const char* overload) {
  return guarded<void*>(nullptr, [&]() -> void* {
    auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    auto* op = new Operator{handle, {}, {}};
    for (const auto& argument : handle.schema().arguments()) {
      const auto& value = argument.default_value();
      op->defaults.push_back(value ? *value : at::IValue());
      op->has_default.push_back(static_cast<bool>(value));
    }
    return op;
  });
}

// The number of results, of which the first `capacity` are written; -1 after an error. Results beyond the capacity are
// dropped: an in-place operator is called with none, because its result is its first argument.
SHP_API int32_t shp_call(Operator* op, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
  return guarded<int32_t>(-1, [&] {
    size_t given = static_cast<size_t>(count), total = op->defaults.size();
    TORCH_CHECK(given <= total, "too many arguments for ", op->handle.operator_name());
    torch::jit::Stack stack;
    stack.reserve(total);
    for (size_t i = 0; i < total; i++) {
      if (i < given && arguments[i].tag != Default) {
        stack.push_back(to_ivalue(arguments[i]));
        continue;
      }
      TORCH_CHECK(op->has_default[i], op->handle.operator_name(), " needs its argument ",
                  op->handle.schema().arguments()[i].name());
      stack.push_back(op->defaults[i]);
    }
    op->handle.callBoxed(&stack);
    int32_t returned = static_cast<int32_t>(stack.size());
    for (int32_t i = 0; i < returned && i < capacity; i++) to_result(std::move(stack[i]), results[i]);
    return returned;
  });
}

SHP_API void shp_free(void* memory) { std::free(memory); }

SHP_API const char* shp_last_error() {
  if (!has_error) return nullptr;
  has_error = false;
  return last_error.c_str();
}

SHP_API const char* shp_version() { return TORCH_VERSION; }

// ---- tensors -------------------------------------------------------------------------------------------------------

// Writes sizes or strides if they fit; the number of dimensions in any case.
SHP_API int32_t shp_sizes(const at::Tensor* t, int64_t* out, int32_t capacity) {
  return guarded<int32_t>(-1, [&] {
    auto sizes = t->sizes();
    if (static_cast<int32_t>(sizes.size()) <= capacity) std::copy(sizes.begin(), sizes.end(), out);
    return static_cast<int32_t>(sizes.size());
  });
}

SHP_API int32_t shp_strides(const at::Tensor* t, int64_t* out, int32_t capacity) {
  return guarded<int32_t>(-1, [&] {
    auto strides = t->strides();
    if (static_cast<int32_t>(strides.size()) <= capacity) std::copy(strides.begin(), strides.end(), out);
    return static_cast<int32_t>(strides.size());
  });
}

SHP_API int64_t shp_storage_offset(const at::Tensor* t) {
  return guarded<int64_t>(-1, [&] { return static_cast<int64_t>(t->storage_offset()); });
}

SHP_API at::Tensor* shp_alias(const at::Tensor* t) {
  return guarded<at::Tensor*>(nullptr, [&] { return new at::Tensor(*t); });
}

// A tensor over memory that somebody else owns; release(context) is called when torch lets go of it.
SHP_API at::Tensor* shp_from_blob(void* data, const int64_t* sizes, int32_t dims, int32_t dtype,
                                  void (*release)(void*), void* context) {
  return guarded<at::Tensor*>(nullptr, [&] {
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    return new at::Tensor(at::from_blob(
        data, at::IntArrayRef(sizes, dims), [release, context](void*) { release(context); }, options));
  });
}

// ---- autograd ------------------------------------------------------------------------------------------------------

SHP_API int32_t shp_requires_grad(const at::Tensor* t) {
  return guarded<int32_t>(-1, [&] { return static_cast<int32_t>(t->requires_grad()); });
}

SHP_API int32_t shp_set_requires_grad(at::Tensor* t, int32_t value) {
  return guarded<int32_t>(-1, [&] {
    t->requires_grad_(value != 0);
    return 0;
  });
}

SHP_API int32_t shp_is_leaf(const at::Tensor* t) {
  return guarded<int32_t>(-1, [&] { return static_cast<int32_t>(t->is_leaf()); });
}

SHP_API int32_t shp_set_grad(at::Tensor* t, const at::Tensor* grad) {
  return guarded<int32_t>(-1, [&] {
    t->mutable_grad() = grad ? *grad : at::Tensor();
    return 0;
  });
}

SHP_API int32_t shp_retain_grad(at::Tensor* t) {
  return guarded<int32_t>(-1, [&] {
    t->retain_grad();
    return 0;
  });
}

SHP_API int32_t shp_backward(const at::Tensor* t, const at::Tensor* gradient, int32_t retain_graph, int32_t create_graph,
                             at::Tensor* const* inputs, int32_t count) {
  return guarded<int32_t>(-1, [&] {
    std::vector<at::Tensor> targets;
    for (int32_t i = 0; i < count; i++) targets.push_back(*inputs[i]);
    t->_backward(targets, gradient ? *gradient : at::Tensor(), retain_graph != 0, create_graph != 0);
    return 0;
  });
}

SHP_API int32_t shp_grad_mode() { return at::GradMode::is_enabled(); }
SHP_API void shp_set_grad_mode(int32_t enabled) { at::GradMode::set_enabled(enabled != 0); }
SHP_API int32_t shp_inference_mode() { return c10::InferenceMode::is_enabled(); }

SHP_API void* shp_inference_guard(int32_t enabled) {
  return guarded<void*>(nullptr, [&] { return new c10::InferenceMode(enabled != 0); });
}
SHP_API void shp_inference_guard_dispose(c10::InferenceMode* guard) { delete guard; }

// ---- random numbers ------------------------------------------------------------------------------------------------

SHP_API int32_t shp_manual_seed(int64_t seed) {
  return guarded<int32_t>(-1, [&] {
    at::manual_seed(static_cast<uint64_t>(seed));
    return 0;
  });
}

SHP_API at::Generator* shp_generator_default(int32_t type, int32_t index) {
  return guarded<at::Generator*>(
      nullptr, [&] { return new at::Generator(at::globalContext().defaultGenerator(device_of(type, index))); });
}

SHP_API at::Generator* shp_generator_new(int32_t type, int32_t index) {
  return guarded<at::Generator*>(nullptr, [&] {
    auto source = at::globalContext().defaultGenerator(device_of(type, index));
    std::lock_guard<std::mutex> lock(source.mutex());
    return new at::Generator(source.clone());
  });
}

SHP_API void shp_generator_dispose(at::Generator* generator) { delete generator; }

SHP_API int32_t shp_generator_seed(at::Generator* generator, int64_t seed) {
  return guarded<int32_t>(-1, [&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(static_cast<uint64_t>(seed));
    return 0;
  });
}

// A fresh seed from the system's source of randomness.
SHP_API int64_t shp_generator_reseed(at::Generator* generator) {
  return guarded<int64_t>(-1, [&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    return static_cast<int64_t>(generator->seed());
  });
}

SHP_API int64_t shp_generator_initial_seed(at::Generator* generator) {
  return guarded<int64_t>(-1, [&] { return static_cast<int64_t>(generator->current_seed()); });
}

SHP_API at::Tensor* shp_generator_state(at::Generator* generator) {
  return guarded<at::Tensor*>(nullptr, [&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    return new at::Tensor(generator->get_state());
  });
}

SHP_API int32_t shp_generator_set_state(at::Generator* generator, const at::Tensor* state) {
  return guarded<int32_t>(-1, [&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(*state);
    return 0;
  });
}

// ---- the process ---------------------------------------------------------------------------------------------------

SHP_API int32_t shp_get_num_threads() { return at::get_num_threads(); }
SHP_API int32_t shp_set_num_threads(int32_t count) {
  return guarded<int32_t>(-1, [&] {
    at::set_num_threads(count);
    return 0;
  });
}
SHP_API int32_t shp_get_num_interop_threads() {
  return guarded<int32_t>(-1, [&] { return static_cast<int32_t>(at::get_num_interop_threads()); });
}
SHP_API int32_t shp_set_num_interop_threads(int32_t count) {
  return guarded<int32_t>(-1, [&] {
    at::set_num_interop_threads(count);
    return 0;
  });
}

SHP_API int64_t shp_cuda_device_count() {
  return guarded<int64_t>(0, [&] { return cuda_devices(); });
}
SHP_API int32_t shp_cuda_has_cudnn() {
  return guarded<int32_t>(0, [&] { return static_cast<int32_t>(at::hasCUDA() && at::globalContext().hasCuDNN()); });
}
SHP_API int32_t shp_cuda_synchronize(int64_t index) {
  return guarded<int32_t>(-1, [&] {
    TORCH_CHECK(at::hasCUDA(), "CUDA is not available");
    if (index < 0) index = c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).getDevice().index();
    synchronize_device(at::detail::getCUDAHooks(), index, 0);
    return 0;
  });
}
SHP_API int32_t shp_allow_tf32() {
  return guarded<int32_t>(-1, [&] { return static_cast<int32_t>(at::globalContext().allowTF32CuBLAS()); });
}
SHP_API int32_t shp_set_allow_tf32(int32_t value) {
  return guarded<int32_t>(-1, [&] {
    at::globalContext().setAllowTF32CuBLAS(value != 0);
    return 0;
  });
}

// ---- the functions that callers bind themselves, under the names of TorchSharp's native library --------------------

SHP_API void* THSTensor_data(const at::Tensor* t) {
  return guarded<void*>(nullptr, [&] { return t->data_ptr(); });
}
SHP_API at::Tensor* THSTensor_grad(const at::Tensor* t) {
  return guarded<at::Tensor*>(nullptr, [&] { return new_tensor(t->grad()); });
}
SHP_API void THSTensor_dispose(at::Tensor* t) {
  guarded<int>(0, [&] {
    delete t;
    return 0;
  });
}
SHP_API int64_t THSTensor_ndimension(const at::Tensor* t) {
  return guarded<int64_t>(0, [&] { return static_cast<int64_t>(t->dim()); });
}
SHP_API int64_t THSTensor_numel(const at::Tensor* t) {
  return guarded<int64_t>(0, [&] { return static_cast<int64_t>(t->numel()); });
}
SHP_API int64_t THSTensor_element_size(const at::Tensor* t) {
  return guarded<int64_t>(0, [&] { return static_cast<int64_t>(t->element_size()); });
}
SHP_API int64_t THSTensor_size(const at::Tensor* t, int64_t dim) {
  return guarded<int64_t>(0, [&] { return static_cast<int64_t>(t->size(dim)); });
}
SHP_API int64_t THSTensor_stride(const at::Tensor* t, int64_t dim) {
  return guarded<int64_t>(0, [&] { return static_cast<int64_t>(t->stride(dim)); });
}
SHP_API int8_t THSTensor_type(const at::Tensor* t) {
  return guarded<int8_t>(-1, [&] { return static_cast<int8_t>(t->scalar_type()); });
}
SHP_API int THSTensor_device_type(const at::Tensor* t) {
  return guarded<int>(-1, [&] { return static_cast<int>(t->device().type()); });
}
SHP_API int THSTensor_device_index(const at::Tensor* t) {
  return guarded<int>(-1, [&] { return static_cast<int>(t->device().index()); });
}
SHP_API int THSTensor_is_sparse(const at::Tensor* t) {
  return guarded<int>(0, [&] { return static_cast<int>(t->is_sparse()); });
}
SHP_API int THSTensor_is_contiguous(const at::Tensor* t) {
  return guarded<int>(0, [&] { return static_cast<int>(t->is_contiguous()); });
}
