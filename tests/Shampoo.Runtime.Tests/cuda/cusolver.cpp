// Plays libcusolver.so: decomposes symmetric matrices in the host's memory by Jacobi's method, column by column in memory, as cuSOLVER does.
#include "context.h"
#include "fake.h"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>

enum { success = 0, not_initialized = 1, invalid_value = 3, execution_failed = 6 };
enum { with_vectors = 1, lower = 0, type_float = 0, type_double = 1 };
enum { does_not_converge = -1, does_nothing = -2 }; // what a test may let the decomposition do

struct Handle { void* stream; };
static int parameters;
static void* stream_of_last;
static int64_t most = 1 << 20;
static size_t bytes_of_matrix = 64;

EXPORT void fake_most(int64_t matrices) { most = matrices; }
EXPORT void fake_bytes(size_t bytes) { bytes_of_matrix = bytes; }
EXPORT void* fake_stream() { return stream_of_last; }

EXPORT int cusolverDnCreate(Handle** handle) { CALL("cusolverDnCreate"); *handle = new Handle{(void*)-1}; return has_context() ? success : not_initialized; }
EXPORT int cusolverDnCreateParams(void** p) { CALL("cusolverDnCreateParams"); *p = &parameters; return success; }
EXPORT int cusolverDnSetStream(Handle* handle, void* stream) { CALL("cusolverDnSetStream"); handle->stream = stream; return success; }

static bool is_right(Handle* handle, void* p, int mode, int triangle, int64_t n, int type, int64_t stride, int other, int compute, int64_t count) {
    return handle && p == &parameters && mode == with_vectors && triangle == lower && n > 0 && stride >= n && (type == type_float || type == type_double)
        && other == type && compute == type && count > 0 && count <= most && has_context();
}

static size_t host_bytes(int64_t n) { return 8 * n; }

EXPORT int cusolverDnXsyevBatched_bufferSize(Handle* handle, void* p, int mode, int triangle, int64_t n, int type, const void* a, int64_t stride, int other,
                                             const void* w, int compute, size_t* device, size_t* host, int64_t count) {
    CALL("cusolverDnXsyevBatched_bufferSize");
    if (!is_right(handle, p, mode, triangle, n, type, stride, other, compute, count) || !a || !w)
        return invalid_value;
    *device = bytes_of_matrix * count;
    *host = host_bytes(n);
    return success;
}

// Rotations until nothing is left beside the diagonal; the columns of v are the eigenvectors.
static void jacobi(std::vector<double>& a, std::vector<double>& v, int64_t n) {
    for (int64_t i = 0; i < n * n; i++)
        v[i] = i % (n + 1) == 0;
    for (int sweep = 0; sweep < 60; sweep++) {
        double off = 0, all = 0;
        for (int64_t i = 0; i < n * n; i++)
            (i % (n + 1) == 0 ? all : off) += a[i] * a[i];
        if (off <= 1e-32 * (all + off))
            return;
        for (int64_t p = 0; p < n; p++)
            for (int64_t q = p + 1; q < n; q++) {
                if (a[p + n * q] == 0)
                    continue;
                const double theta = (a[q + n * q] - a[p + n * p]) / (2 * a[p + n * q]);
                const double t = (theta < 0 ? -1 : 1) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
                const double c = 1 / std::sqrt(t * t + 1), s = t * c;
                for (int64_t i = 0; i < n; i++) {
                    const double x = a[i + n * p], y = a[i + n * q];
                    a[i + n * p] = c * x - s * y;
                    a[i + n * q] = s * x + c * y;
                }
                for (int64_t i = 0; i < n; i++) {
                    const double x = a[p + n * i], y = a[q + n * i];
                    a[p + n * i] = c * x - s * y;
                    a[q + n * i] = s * x + c * y;
                }
                for (int64_t i = 0; i < n; i++) {
                    const double x = v[i + n * p], y = v[i + n * q];
                    v[i + n * p] = c * x - s * y;
                    v[i + n * q] = s * x + c * y;
                }
            }
    }
}

template <typename T> static void decompose(T* matrix, T* values, int64_t n, int64_t stride) {
    std::vector<double> a(n * n), v(n * n);
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = j; i < n; i++)
            a[i + n * j] = a[j + n * i] = matrix[i + stride * j];
    jacobi(a, v, n);
    std::vector<int64_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return a[i + n * i] < a[j + n * j]; });
    for (int64_t k = 0; k < n; k++) {
        values[k] = T(a[order[k] * (n + 1)]);
        for (int64_t i = 0; i < n; i++)
            matrix[i + stride * k] = T(v[i + n * order[k]]);
    }
}

template <typename T> static void decompose_all(T* a, T* w, int64_t n, int64_t stride, int* info, int64_t count, bool converges) {
    for (int64_t k = 0; k < count; k++) {
        decompose(a + k * n * stride, w + k * n, n, stride);
        info[k] = !converges && k == 1;
    }
}

EXPORT int cusolverDnXsyevBatched(Handle* handle, void* p, int mode, int triangle, int64_t n, int type, void* a, int64_t stride, int other, void* w, int compute,
                                  void* device, size_t device_bytes, void* host, size_t hosts_bytes, int* info, int64_t count) {
    const int code = fake::enter("cusolverDnXsyevBatched");
    if (code > 0) {
        std::memset(a, 255, n * n * (type == type_float ? 4 : 8)); // what fails may have begun
        return code;
    }
    if (!is_right(handle, p, mode, triangle, n, type, stride, other, compute, count) || device_bytes < bytes_of_matrix * count || hosts_bytes < host_bytes(n))
        return invalid_value;
    char* work = (char*)device;
    const size_t some = std::min<size_t>(device_bytes, 4096);
    if (std::any_of(work, work + some, [](char byte) { return byte != 0; }))
        return execution_failed; // a version gives wrong results then
    std::memset(work, 255, some);
    std::memset(host, 255, hosts_bytes);
    stream_of_last = handle->stream;
    if (code == does_nothing)
        return success;
    if (type == type_float)
        decompose_all((float*)a, (float*)w, n, stride, info, count, code != does_not_converge);
    else
        decompose_all((double*)a, (double*)w, n, stride, info, count, code != does_not_converge);
    return success;
}
