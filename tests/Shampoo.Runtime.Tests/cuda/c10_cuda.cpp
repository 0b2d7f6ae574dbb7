// Plays what is used of libc10_cuda.so. The compiler makes the names of the functions, as it did for torch, of the same declarations.
#include "fake.h"
#include <atomic>
#include <cstdint>

enum { does_nothing = -1, does_not_leave = -2 }; // what a test may let torch do when a stream is chosen

namespace c10 {
using DeviceIndex = int8_t;
struct Device { int8_t type; DeviceIndex index; };
struct Stream { Device device; int64_t id; };

namespace cuda {
class __attribute__((visibility("default"))) CUDAStream {
public:
    explicit CUDAStream(Stream stream) : stream_(stream) {}
    void* stream() const;
    int64_t id() const { return stream_.id; }
private:
    Stream stream_;
};

static thread_local int64_t current = 0;
static std::atomic<int64_t> last{0};

void* CUDAStream::stream() const { return stream_.id == 0 ? nullptr : (void*)(0x5000 + stream_.id); }

__attribute__((visibility("default"))) CUDAStream getStreamFromPool(const bool high, DeviceIndex device) {
    fake::enter("getStreamFromPool");
    return CUDAStream(Stream{Device{1, device}, high ? -1 : ++last});
}
__attribute__((visibility("default"))) CUDAStream getCurrentCUDAStream(DeviceIndex device) { return CUDAStream(Stream{Device{1, device}, current}); }
__attribute__((visibility("default"))) void setCurrentCUDAStream(CUDAStream stream) {
    const int code = fake::enter("setCurrentCUDAStream");
    if (code != does_nothing && (code != does_not_leave || stream.id() != 0))
        current = stream.id();
}
}
}

// Of the calling thread.
EXPORT int64_t fake_current() { return c10::cuda::current; }
EXPORT void fake_reset() { c10::cuda::current = 0; }
