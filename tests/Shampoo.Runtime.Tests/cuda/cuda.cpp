// Plays libcuda.so.1 with one device, whose memory is the host's. A queued copy is made at the next launch, as late as a device may.
#include "fake.h"
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

enum { invalid_value = 1, no_context = 201, no_image = 200, not_found = 500, launch_failed = 719, does_nothing = -1 };

struct Copy { void* device; const void* host; size_t bytes; };
struct Module { void* library; void (*play)(void*, unsigned, unsigned, const void*); };
struct Function { Module* module; void* kernel; };

static int capability = 90;
static std::atomic<int> depth{0}; // of all threads
static std::vector<Copy> copies;

static void make_copies() {
    for (const Copy& copy : copies)
        std::memcpy(copy.device, copy.host, copy.bytes);
    copies.clear();
}

EXPORT void fake_capability(int value) { capability = value; }
EXPORT int fake_depth() { return depth; }

EXPORT int cuGetErrorName(int code, const char** text) {
    if (code != launch_failed)
        return invalid_value;
    *text = "CUDA_ERROR_LAUNCH_FAILED";
    return 0;
}
EXPORT int cuGetErrorString(int code, const char** text) {
    if (code != launch_failed)
        return invalid_value;
    *text = "unspecified launch failure";
    return 0;
}

EXPORT int cuInit(unsigned) { CALL("cuInit"); return 0; }
EXPORT int cuDeviceGet(int* device, int ordinal) { CALL("cuDeviceGet"); *device = ordinal; return ordinal == 0 ? 0 : 101; }
EXPORT int cuDeviceGetAttribute(int* value, int attribute, int) {
    CALL("cuDeviceGetAttribute");
    *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : -1;
    return 0;
}
EXPORT int cuDevicePrimaryCtxRetain(void** context, int) { CALL("cuDevicePrimaryCtxRetain"); *context = &capability; return 0; }
EXPORT int cuCtxPushCurrent_v2(void* context) { CALL("cuCtxPushCurrent"); depth++; return context == &capability ? 0 : no_context; }
EXPORT int cuCtxPopCurrent_v2(void** context) { *context = &capability; return --depth < 0 ? no_context : 0; }

EXPORT int cuModuleLoadData(Module** module, const void* image) {
    CALL("cuModuleLoadData");
    if (depth == 0)
        return no_context;
    const ImageHeader* header = (const ImageHeader*)image;
    if (std::strcmp(header->kind, "binary") != 0 && std::strcmp(header->kind, "ptx") != 0)
        return no_image;
    char path[] = "/tmp/fake-cuda-XXXXXX";
    const int file = mkstemp(path);
    const bool written = write(file, header + 1, header->size) == (ssize_t)header->size;
    close(file);
    void* library = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    unlink(path);
    if (!library)
        return no_image;
    *module = new Module{library, (decltype(Module::play))dlsym(library, "play")};
    return 0;
}

EXPORT int cuModuleGetFunction(Function** function, Module* module, const char* name) {
    CALL("cuModuleGetFunction");
    void* kernel = dlsym(module->library, name);
    if (!kernel)
        return not_found;
    *function = new Function{module, kernel};
    return 0;
}

EXPORT int cuLaunchKernel(Function* function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned, unsigned, unsigned shared, void* stream,
                          void** arguments, void** extra) {
    const int code = fake::enter("cuLaunchKernel");
    if (code == does_nothing)
        return 0;
    if (code != 0)
        return code;
    if (depth == 0)
        return no_context;
    if (x == 0 || y != 1 || z != 1 || shared != 0 || stream || extra)
        return invalid_value;
    make_copies();
    function->module->play(function->kernel, x, threads, arguments[0]);
    return 0;
}

EXPORT int cuMemAllocHost_v2(void** memory, size_t bytes) { CALL("cuMemAllocHost"); *memory = std::malloc(bytes); return 0; }
EXPORT int cuMemFreeHost(void* memory) { CALL("cuMemFreeHost"); std::free(memory); return 0; }
EXPORT int cuMemcpyHtoDAsync_v2(void* device, const void* host, size_t bytes, void*) {
    CALL("cuMemcpyHtoDAsync");
    copies.push_back({device, host, bytes});
    return depth == 0 ? no_context : 0;
}
// An event knows whether it was recorded.
EXPORT int cuEventCreate(void** event, unsigned) { CALL("cuEventCreate"); *event = new int(0); return depth == 0 ? no_context : 0; }
EXPORT int cuEventRecord(void* event, void* stream) { CALL("cuEventRecord"); *(int*)event = 1; return stream ? invalid_value : 0; }
EXPORT int cuStreamWaitEvent(void* stream, void* event, unsigned flags) {
    CALL("cuStreamWaitEvent");
    return !stream || !*(int*)event || flags ? invalid_value : depth == 0 ? no_context : 0;
}
EXPORT int cuStreamSynchronize(void* stream) { CALL("cuStreamSynchronize"); return !stream ? invalid_value : depth == 0 ? no_context : 0; }
EXPORT int cuEventSynchronize(void*) { CALL("cuEventSynchronize"); make_copies(); return 0; }
EXPORT int cuEventQuery(void*) { CALL("cuEventQuery"); return 0; }
EXPORT int cuEventDestroy_v2(void* event) { CALL("cuEventDestroy"); delete (int*)event; return 0; }
