// Plays libcublas.so: products of matrices in the host's memory, column by column, one sum after the other.
#include "context.h"
#include "fake.h"
#include <cstdint>

enum { success = 0, not_initialized = 1, invalid_value = 7 };
enum { as_it_is = 0, transposed = 1, does_nothing = -1 };

struct Handle { void* stream; int math; };
static int math_of_last = -1;

EXPORT int fake_math() { return math_of_last; }

EXPORT int cublasCreate_v2(Handle** handle) { CALL("cublasCreate"); *handle = new Handle{(void*)-1, -1}; return has_context() ? success : not_initialized; }
EXPORT int cublasSetStream_v2(Handle* handle, void* stream) { CALL("cublasSetStream"); handle->stream = stream; return success; }
EXPORT int cublasSetMathMode(Handle* handle, int mode) { CALL("cublasSetMathMode"); handle->math = mode; return success; }

template <typename T> static int multiply(const char* call, Handle* handle, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, long long da,
                                          const T* b, int ldb, long long db, const T* beta, T* c, int ldc, long long dc, int count) {
    const int code = fake::enter(call);
    if (code == does_nothing)
        return success;
    if (code != 0)
        return code;
    const bool is_right = (ta == as_it_is || ta == transposed) && (tb == as_it_is || tb == transposed) && m > 0 && n > 0 && k > 0 && count > 0
        && lda >= (ta == as_it_is ? m : k) && ldb >= (tb == as_it_is ? k : n) && ldc >= m;
    if (!is_right || handle->stream || handle->math < 0 || !has_context())
        return invalid_value;
    math_of_last = handle->math;
    for (int x = 0; x < count; x++)
        for (int j = 0; j < n; j++)
            for (int i = 0; i < m; i++) {
                double sum = 0;
                for (int l = 0; l < k; l++)
                    sum += (double)a[x * da + (ta == as_it_is ? i + (long long)lda * l : l + (long long)lda * i)]
                        * b[x * db + (tb == as_it_is ? l + (long long)ldb * j : j + (long long)ldb * l)];
                T& result = c[x * dc + i + (long long)ldc * j];
                result = T(*alpha * sum + (*beta == 0 ? 0 : *beta * result));
            }
    return success;
}

EXPORT int cublasSgemmStridedBatched(Handle* handle, int ta, int tb, int m, int n, int k, const float* alpha, const float* a, int lda, long long da, const float* b,
                                     int ldb, long long db, const float* beta, float* c, int ldc, long long dc, int count) {
    return multiply("cublasSgemmStridedBatched", handle, ta, tb, m, n, k, alpha, a, lda, da, b, ldb, db, beta, c, ldc, dc, count);
}
EXPORT int cublasDgemmStridedBatched(Handle* handle, int ta, int tb, int m, int n, int k, const double* alpha, const double* a, int lda, long long da, const double* b,
                                     int ldb, long long db, const double* beta, double* c, int ldc, long long dc, int count) {
    return multiply("cublasDgemmStridedBatched", handle, ta, tb, m, n, k, alpha, a, lda, da, b, ldb, db, beta, c, ldc, dc, count);
}
