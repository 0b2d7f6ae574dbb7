// Plays libnccl.so.2: the ranks are threads of one process, the devices' memory is the host's. A call returns when all ranks have made it,
// which a real one does not wait for; what ranks do not agree about is an error on all of them.
#include "fake.h"
#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>

enum { success = 0, invalid_argument = 4, invalid_usage = 5 };
enum { int8, uint8, int32, uint32, int64, uint64, float16, float32, float64, bfloat16 };
enum { op_sum, op_prod, op_max, op_min, op_avg };

struct Id { char bytes[128]; };
struct Call { std::string what; const void* input; void* output; size_t count; int type, op, peer, colour, key; };

// The ranks of a communicator, which meet at every call.
struct World {
    int size, arrived = 0, generation = 0;
    bool aborted = false;
    std::mutex lock;
    std::condition_variable all;
    std::vector<std::vector<Call>> calls;
    std::map<std::pair<int, int>, struct Comm*> parts; // by generation and rank
    explicit World(int n) : size(n), calls(n) {}
};
struct Comm { std::shared_ptr<World> world; int rank; };

static std::mutex worlds_lock;
static std::map<std::string, std::shared_ptr<World>> worlds;
static int ids = 0;
static thread_local int depth = 0;
static thread_local Comm* grouped_comm = nullptr;
static thread_local std::vector<Call> grouped;

static size_t size_of(int type) { return type <= uint8 ? 1 : type == float16 || type == bfloat16 ? 2 : type == int32 || type == uint32 || type == float32 ? 4 : 8; }

static float widen(uint16_t bits, int type) {
    uint32_t wide = uint32_t(bits) << 16;
    if (type == float16) {
        _Float16 half;
        std::memcpy(&half, &bits, 2);
        return half;
    }
    float value;
    std::memcpy(&value, &wide, 4);
    return value;
}
static uint16_t narrow(float value, int type) {
    uint16_t bits;
    if (type == float16) {
        _Float16 half = value;
        std::memcpy(&bits, &half, 2);
        return bits;
    }
    uint32_t wide;
    std::memcpy(&wide, &value, 4);
    return (wide + 0x7fff + (wide >> 16 & 1)) >> 16;
}

template <class T> static T combine(const std::vector<T>& values, int op) {
    T total = values[0];
    for (size_t i = 1; i < values.size(); i++)
        total = op == op_max ? std::max(total, values[i]) : op == op_min ? std::min(total, values[i]) : T(total + values[i]);
    return op == op_avg ? T(total / T(values.size())) : total;
}
template <class T> static void reduce(const std::vector<const char*>& inputs, char* output, size_t count, int op) {
    std::vector<T> values(inputs.size());
    for (size_t i = 0; i < count; i++) {
        for (size_t rank = 0; rank < inputs.size(); rank++)
            values[rank] = ((const T*)inputs[rank])[i];
        ((T*)output)[i] = combine(values, op);
    }
}
static std::vector<char> reduced(const std::vector<const char*>& inputs, size_t count, int type, int op) {
    std::vector<char> result(count * size_of(type));
    switch (type) {
        case int8: reduce<int8_t>(inputs, result.data(), count, op); break;
        case uint8: reduce<uint8_t>(inputs, result.data(), count, op); break;
        case int32: reduce<int32_t>(inputs, result.data(), count, op); break;
        case int64: reduce<int64_t>(inputs, result.data(), count, op); break;
        case float32: reduce<float>(inputs, result.data(), count, op); break;
        case float64: reduce<double>(inputs, result.data(), count, op); break;
        default:
            for (size_t i = 0; i < count; i++) {
                std::vector<float> values;
                for (const char* input : inputs)
                    values.push_back(widen(((const uint16_t*)input)[i], type));
                ((uint16_t*)result.data())[i] = narrow(combine(values, op), type);
            }
    }
    return result;
}

// All ranks' inputs to the call of a number.
static std::vector<const char*> inputs(World& world, size_t number, size_t offset = 0) {
    std::vector<const char*> result;
    for (auto& calls : world.calls)
        result.push_back((const char*)calls[number].input + offset);
    return result;
}

static void play(World& world, size_t number) {
    const Call& first = world.calls[0][number];
    const size_t bytes = first.count * size_of(first.type);
    if (first.what == "AllGather") {
        std::vector<char> all;
        for (const char* input : inputs(world, number))
            all.insert(all.end(), input, input + bytes);
        for (auto& calls : world.calls)
            std::copy(all.begin(), all.end(), (char*)calls[number].output);
    } else if (first.what == "AllReduce") {
        auto total = reduced(inputs(world, number), first.count, first.type, first.op);
        for (auto& calls : world.calls)
            std::copy(total.begin(), total.end(), (char*)calls[number].output);
    } else if (first.what == "ReduceScatter") {
        std::vector<std::vector<char>> totals;
        for (int rank = 0; rank < world.size; rank++)
            totals.push_back(reduced(inputs(world, number, rank * bytes), first.count, first.type, first.op));
        for (int rank = 0; rank < world.size; rank++)
            std::copy(totals[rank].begin(), totals[rank].end(), (char*)world.calls[rank][number].output);
    } else if (first.what == "Broadcast") {
        for (auto& calls : world.calls)
            if (bytes > 0)
                std::memmove(calls[number].output, world.calls[first.peer][number].input, bytes);
    } else if (first.what == "Reduce") {
        auto total = reduced(inputs(world, number), first.count, first.type, first.op);
        std::copy(total.begin(), total.end(), (char*)world.calls[first.peer][number].output);
    }
}

static bool exchange(World& world) {
    for (int to = 0; to < world.size; to++)
        for (Call& receive : world.calls[to]) {
            if (receive.what != "Recv")
                continue;
            auto& sends = world.calls[receive.peer];
            auto send = std::find_if(sends.begin(), sends.end(), [&](const Call& call) { return call.what == "Send" && call.peer == to; });
            if (send == sends.end() || send->count != receive.count || send->type != receive.type)
                return false;
            std::memcpy(receive.output, send->input, receive.count * size_of(receive.type));
            send->what = "sent";
        }
    return true;
}

static int play_all(World& world) {
    if (world.calls[0].empty() || world.calls[0][0].what == "Send" || world.calls[0][0].what == "Recv")
        return exchange(world) ? success : invalid_usage;
    for (size_t number = 0; number < world.calls[0].size(); number++) {
        const Call& first = world.calls[0][number];
        for (auto& calls : world.calls)
            if (calls.size() != world.calls[0].size() || calls[number].what != first.what || calls[number].count != first.count
                || calls[number].type != first.type || calls[number].op != first.op || calls[number].peer != first.peer)
                return invalid_usage;
        play(world, number);
    }
    return success;
}

// The last rank to come plays for all of them.
static int meet(Comm* comm, std::vector<Call> calls, const std::function<int(World&)>& last) {
    static std::map<World*, int> results;
    World& world = *comm->world;
    std::unique_lock<std::mutex> guard(world.lock);
    world.calls[comm->rank] = std::move(calls);
    const int generation = world.generation;
    if (++world.arrived == world.size) {
        const int result = last(world);
        world.arrived = 0;
        world.generation++;
        { std::lock_guard<std::mutex> other(worlds_lock); results[&world] = result; }
        world.all.notify_all();
        return result;
    }
    world.all.wait(guard, [&] { return world.generation != generation || world.aborted; });
    if (world.generation == generation)
        return success; // as enqueued, and never done
    std::lock_guard<std::mutex> other(worlds_lock);
    return results[&world];
}

static int submit(Comm* comm, Call call) {
    if (call.type < 0 || call.type > bfloat16 || call.op < 0 || call.op > op_avg || (call.count > 0 && !call.input && !call.output))
        return invalid_argument;
    if (depth > 0) {
        grouped_comm = comm;
        grouped.push_back(call);
        return success;
    }
    return meet(comm, {call}, play_all);
}

EXPORT const char* ncclGetErrorString(int code) { return code == invalid_usage ? "invalid usage" : code == 6 ? "remote process exited or there was a network error" : "invalid argument"; }
EXPORT const char* ncclGetLastError(Comm*) { return "fake says more\n"; }
EXPORT int ncclCommGetAsyncError(Comm*, int* error) {
    *error = fake::enter("ncclCommGetAsyncError");
    return success;
}
EXPORT int ncclGetUniqueId(Id* id) {
    CALL("ncclGetUniqueId");
    std::lock_guard<std::mutex> guard(worlds_lock);
    std::memset(id, 7, sizeof *id);
    std::snprintf(id->bytes, sizeof id->bytes, "world %d", ++ids);
    return success;
}
EXPORT int ncclCommInitRank(Comm** comm, int size, Id id, int rank) {
    CALL("ncclCommInitRank");
    // Each byte of it arrives where it belongs.
    if (rank < 0 || rank >= size || id.bytes[127] != 7)
        return invalid_argument;
    std::shared_ptr<World> world;
    {
        std::lock_guard<std::mutex> guard(worlds_lock);
        auto& known = worlds[id.bytes];
        if (!known)
            known = std::make_shared<World>(size);
        world = known;
    }
    *comm = new Comm{world, rank};
    return meet(*comm, {}, [](World&) { return success; });
}
EXPORT int ncclCommSplit(Comm* comm, int colour, int key, Comm** part, void* config) {
    CALL("ncclCommSplit");
    if (config)
        return invalid_argument;
    const int generation = comm->world->generation;
    int result = meet(comm, {Call{"Split", nullptr, nullptr, 0, 0, 0, 0, colour, key}}, [&](World& world) {
        std::map<int, std::vector<std::pair<int, int>>> members; // of each colour, by key and rank
        for (int rank = 0; rank < world.size; rank++)
            members[world.calls[rank][0].colour].push_back({world.calls[rank][0].key, rank});
        for (auto& part : members) {
            std::sort(part.second.begin(), part.second.end());
            auto inner = std::make_shared<World>(part.second.size());
            for (size_t rank = 0; rank < part.second.size(); rank++)
                world.parts[{generation, part.second[rank].second}] = new Comm{inner, (int)rank};
        }
        return success;
    });
    std::lock_guard<std::mutex> guard(comm->world->lock);
    *part = comm->world->parts[{generation, comm->rank}];
    return result;
}
EXPORT int ncclCommDestroy(Comm* comm) { CALL("ncclCommDestroy"); delete comm; return success; }
EXPORT int ncclCommAbort(Comm* comm) {
    CALL("ncclCommAbort");
    std::lock_guard<std::mutex> guard(comm->world->lock);
    comm->world->aborted = true;
    comm->world->all.notify_all();
    return success;
}
EXPORT int ncclGroupStart() { CALL("ncclGroupStart"); depth++; return success; }
EXPORT int ncclGroupEnd() {
    CALL("ncclGroupEnd");
    if (--depth > 0 || !grouped_comm)
        return success;
    Comm* comm = grouped_comm;
    grouped_comm = nullptr;
    return meet(comm, std::move(grouped), play_all);
}
EXPORT int ncclAllGather(const void* input, void* output, size_t count, int type, Comm* comm, void* stream) {
    CALL("ncclAllGather");
    return stream ? invalid_argument : submit(comm, {"AllGather", input, output, count, type, 0, 0, 0, 0});
}
EXPORT int ncclAllReduce(const void* input, void* output, size_t count, int type, int op, Comm* comm, void* stream) {
    CALL("ncclAllReduce");
    return stream ? invalid_argument : submit(comm, {"AllReduce", input, output, count, type, op, 0, 0, 0});
}
EXPORT int ncclReduceScatter(const void* input, void* output, size_t count, int type, int op, Comm* comm, void* stream) {
    CALL("ncclReduceScatter");
    return stream ? invalid_argument : submit(comm, {"ReduceScatter", input, output, count, type, op, 0, 0, 0});
}
EXPORT int ncclBroadcast(const void* input, void* output, size_t count, int type, int root, Comm* comm, void* stream) {
    CALL("ncclBroadcast");
    return stream ? invalid_argument : submit(comm, {"Broadcast", input, output, count, type, 0, root, 0, 0});
}
EXPORT int ncclReduce(const void* input, void* output, size_t count, int type, int op, int root, Comm* comm, void* stream) {
    CALL("ncclReduce");
    return stream ? invalid_argument : submit(comm, {"Reduce", input, output, count, type, op, root, 0, 0});
}
EXPORT int ncclSend(const void* input, size_t count, int type, int peer, Comm* comm, void* stream) {
    CALL("ncclSend");
    return stream ? invalid_argument : submit(comm, {"Send", input, nullptr, count, type, 0, peer, 0, 0});
}
EXPORT int ncclRecv(void* output, size_t count, int type, int peer, Comm* comm, void* stream) {
    CALL("ncclRecv");
    return stream ? invalid_argument : submit(comm, {"Recv", nullptr, output, count, type, 0, peer, 0, 0});
}
