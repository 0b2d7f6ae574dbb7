// What NVRTC has built in and clang without CUDA's headers has not, in terms of clang's builtins: to check that kernels are CUDA for a device.
#pragma once
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))

struct Dimensions { unsigned x; };
#define threadIdx (Dimensions{(unsigned)__nvvm_read_ptx_sreg_tid_x()})
#define blockIdx (Dimensions{(unsigned)__nvvm_read_ptx_sreg_ctaid_x()})
#define blockDim (Dimensions{(unsigned)__nvvm_read_ptx_sreg_ntid_x()})

static inline __device__ float __fsqrt_rn(float x) { return __nvvm_sqrt_rn_f(x); }
static inline __device__ double __dsqrt_rn(double x) { return __nvvm_sqrt_rn_d(x); }
static inline __device__ float __uint_as_float(unsigned x) { return __builtin_bit_cast(float, x); }
static inline __device__ unsigned __float_as_uint(float x) { return __builtin_bit_cast(unsigned, x); }

static inline __device__ double __shfl_down_sync(unsigned mask, double x, unsigned distance) {
    const unsigned long long bits = __builtin_bit_cast(unsigned long long, x);
    const unsigned low = __nvvm_shfl_sync_down_i32(mask, (int)bits, distance, 31);
    const unsigned high = __nvvm_shfl_sync_down_i32(mask, (int)(bits >> 32), distance, 31);
    return __builtin_bit_cast(double, (unsigned long long)high << 32 | low);
}
