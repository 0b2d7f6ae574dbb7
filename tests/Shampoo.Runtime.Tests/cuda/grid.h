// Plays a CUDA grid on one processor, so that kernels can be compiled by a C++ compiler and run where there is no GPU.
// The threads of a CUDA block are fibers: each runs to the next barrier, then the next one does. CUDA blocks run one after the other.
#pragma once
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <ucontext.h>
#include <vector>

namespace grid {

struct Dimensions { unsigned x; };

struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    Dimensions index;
    double lane;
    bool done;
};

static std::vector<Fiber> fibers;
static Fiber* current;
static ucontext_t scheduler;
static std::function<void()> kernel;
static Dimensions block, threads;

static void barrier() { swapcontext(&current->context, &scheduler); }

static void run_fiber() {
    kernel();
    current->done = true;
}

static void start(Fiber& fiber, unsigned index) {
    const size_t stack = 64 << 10;
    if (!fiber.stack)
        fiber.stack.reset(new char[stack]);
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = stack;
    fiber.context.uc_link = &scheduler;
    fiber.index.x = index;
    fiber.done = false;
    makecontext(&fiber.context, run_fiber, 0);
}

// All threads have to meet at every barrier.
static void play_block() {
    for (unsigned t = 0; t < threads.x; t++)
        start(fibers[t], t);
    for (unsigned done = 0; done == 0;) {
        for (Fiber& fiber : fibers) {
            current = &fiber;
            swapcontext(&scheduler, &fiber.context);
            done += fiber.done;
        }
        if (done != 0 && done != threads.x) {
            std::fprintf(stderr, "grid.h: a barrier was not reached by all threads\n");
            std::abort();
        }
    }
}

static void play(std::function<void()> run, unsigned blocks, unsigned block_threads) {
    kernel = run;
    threads.x = block_threads;
    fibers.resize(block_threads);
    for (block.x = 0; block.x < blocks; block.x++)
        play_block();
}

template <class To, class From> To bits(From x) {
    static_assert(sizeof(To) == sizeof(From), "");
    To to;
    std::memcpy(&to, &x, sizeof to);
    return to;
}

}

#define __global__
#define __device__
#define __shared__ static
#define threadIdx (grid::current->index)
#define blockIdx (grid::block)
#define blockDim (grid::threads)

static void __syncthreads() { grid::barrier(); }

static double __shfl_down_sync(unsigned, double x, unsigned distance) {
    grid::current->lane = x;
    grid::barrier();
    const unsigned from = grid::current->index.x + distance;
    const double result = from / 32 == grid::current->index.x / 32 ? grid::fibers[from].lane : x;
    grid::barrier();
    return result;
}

static float __fsqrt_rn(float x) { return std::sqrt(x); }
static double __dsqrt_rn(double x) { return std::sqrt(x); }
static float __uint_as_float(unsigned x) { return grid::bits<float>(x); }
static unsigned __float_as_uint(float x) { return grid::bits<unsigned>(x); }
