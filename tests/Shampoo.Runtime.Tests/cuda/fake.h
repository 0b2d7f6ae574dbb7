// What both of the libraries that play CUDA have: every call is counted, and fails if a test says so.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))
#define CALL(name) if (int code = fake::enter(name)) return code

// Before the machine code in an image.
struct ImageHeader { char kind[8]; unsigned long long size; };

namespace fake {
static std::map<std::string, int> counts, failures;
static std::mutex lock;
static int enter(const char* call) {
    std::lock_guard<std::mutex> guard(lock);
    counts[call]++;
    auto failure = failures.find(call);
    return failure == failures.end() ? 0 : failure->second;
}
}

EXPORT int fake_count(const char* call) {
    std::lock_guard<std::mutex> guard(fake::lock);
    return fake::counts[call];
}

// 0: it works again.
EXPORT void fake_fail(const char* call, int code) {
    std::lock_guard<std::mutex> guard(fake::lock);
    if (code == 0)
        fake::failures.erase(call);
    else
        fake::failures[call] = code;
}
