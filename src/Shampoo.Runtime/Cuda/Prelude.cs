namespace Shampoo.Runtime;

/// <summary>
/// What stands before the text of every kernel: the arguments, and the functions that kernels use. NVRTC compiles it without any header;
/// <c>real</c> (float, double) and <c>PARAMETER</c> (also bfloat16, float16) are defined by options.
/// </summary>
/// <remarks><see cref="Arguments"/> and <see cref="BlockAddress"/> have the same layout as here.</remarks>
internal static class Prelude
{
    public const string Text = """
        #define DEVICE inline __device__

        struct bfloat16 { unsigned short bits; };
        struct float16 { unsigned short bits; };

        // Where a block lies in a tensor: index[0], index[1], … of its axes is element sum(index[k] * stride[k]).
        struct Region { void* data; long long stride[4]; unsigned count[4]; unsigned axes; };
        struct BlockAddress { Region gradient, parameters; };

        // Elements are counted through the stack: block * elements + element. A block is cut into chunks; each is one CUDA block's work.
        struct Arguments
        {
            long long blocks, elements, chunk;
            const BlockAddress* table;
            void* arrays[16];
            double* norms[8];
            double numbers[48];
        };
        static_assert(sizeof(BlockAddress) == 128 && sizeof(Arguments) == 608, "the layout of the C# structures");

        DEVICE unsigned chunks(const Arguments& a) { return (unsigned)((a.elements + a.chunk - 1) / a.chunk); }
        DEVICE long long block_start(const Arguments& a) { return blockIdx.x / chunks(a) * a.elements; }
        DEVICE long long chunk_start(const Arguments& a) { return blockIdx.x % chunks(a) * a.chunk; }

        // for (long long i = first(a); i < last(a); i += stride()): the elements of a thread.
        DEVICE long long first(const Arguments& a) { return block_start(a) + chunk_start(a) + threadIdx.x; }
        DEVICE long long last(const Arguments& a)
        {
            const long long end = chunk_start(a) + a.chunk;
            return block_start(a) + (end < a.elements ? end : a.elements);
        }
        DEVICE long long stride() { return blockDim.x; }

        // Correctly rounded whatever the options are.
        DEVICE float square_root(float x) { return __fsqrt_rn(x); }
        DEVICE double square_root(double x) { return __dsqrt_rn(x); }
        #define sqrt(x) square_root(x)

        DEVICE real sign(real x) { return (real)((x > 0) - (x < 0)); }

        DEVICE double square(real x) { return (double)x * (double)x; }

        DEVICE real load(const float& x) { return (real)x; }
        DEVICE real load(const double& x) { return (real)x; }
        DEVICE real load(const bfloat16& x) { return (real)__uint_as_float((unsigned)x.bits << 16); }
        DEVICE real load(const float16& x)
        {
            // The exponents are 112 apart; multiplying also makes subnormal numbers right.
            const unsigned bits = (x.bits & 0x7fffu) << 13;
            const float magnitude = bits >= 31u << 23 ? __uint_as_float(bits + (224u << 23)) : __uint_as_float(bits) * 5192296858534827628530496329220096.0f;
            return (real)(x.bits & 0x8000u ? -magnitude : magnitude);
        }

        // To the nearest, and to the even one of two.
        DEVICE void store(float& to, real x) { to = (float)x; }
        DEVICE void store(double& to, real x) { to = (double)x; }
        DEVICE void store(bfloat16& to, real x)
        {
            const unsigned bits = __float_as_uint((float)x);
            to.bits = (unsigned short)(x != x ? 0x7fc0u : (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
        }
        DEVICE void store(float16& to, real x)
        {
            const unsigned all = __float_as_uint((float)x), bits = all & 0x7fffffffu;
            unsigned half;
            if (bits > 0x7f800000u)
                half = 0x7e00u;                                                             // NaN
            else if (bits >= 0x477ff000u)
                half = 0x7c00u;                                                             // from 65520 on: infinity
            else if (bits < 113u << 23)
                half = __float_as_uint(__uint_as_float(bits) + 0.5f) - 0x3f000000u;         // below 2^-14: multiples of 2^-24, the last digit of 0.5
            else
                half = (bits - (112u << 23) + 0xfffu + (bits >> 13 & 1u)) >> 13;
            to.bits = (unsigned short)(half | (all >> 16 & 0x8000u));
        }

        // The blocks of a tensor of the model, as if they were stacked.
        struct Scattered
        {
            Region region;
            long long start;

            DEVICE PARAMETER& at(long long i) const
            {
                unsigned rest = (unsigned)(i - start);
                long long offset = 0;
                #pragma unroll
                for (int k = 3; k > 0; k--)
                {
                    if (k >= (int)region.axes)
                        continue;
                    const unsigned outer = rest / region.count[k];
                    offset += (rest - outer * region.count[k]) * region.stride[k];
                    rest = outer;
                }
                return ((PARAMETER*)region.data)[offset + rest * region.stride[0]];
            }
        };

        struct Gradient
        {
            Scattered elements;
            DEVICE real operator[](long long i) const { return load(elements.at(i)); }
        };

        struct Element
        {
            PARAMETER& element;
            DEVICE operator real() const { return load(element); }
            DEVICE const Element& operator=(real x) const { store(element, x); return *this; }
        };

        struct Parameters
        {
            Scattered elements;
            DEVICE Element operator[](long long i) const { return Element{elements.at(i)}; }
        };

        DEVICE Gradient gradient_of(const Arguments& a) { return Gradient{{a.table[blockIdx.x / chunks(a)].gradient, block_start(a)}}; }
        DEVICE Parameters parameters_of(const Arguments& a) { return Parameters{{a.table[blockIdx.x / chunks(a)].parameters, block_start(a)}}; }

        // The sum over the threads of the CUDA block, in each of them; always added in the same order. All of them have to call it.
        DEVICE double sum_of_threads(double x)
        {
            __shared__ double warps[32];
            for (unsigned distance = 16; distance > 0; distance /= 2)
                x += __shfl_down_sync(0xffffffffu, x, distance);
            if (threadIdx.x % 32 == 0)
                warps[threadIdx.x / 32] = x;
            __syncthreads();
            x = 0;
            for (unsigned w = 0; w < blockDim.x / 32; w++)
                x += warps[w];
            __syncthreads();
            return x;
        }

        // One partial sum of squares for each chunk.
        DEVICE void add_squares(const Arguments& a, int k, double squares)
        {
            const double sum = sum_of_threads(squares);
            if (threadIdx.x == 0)
                a.norms[k][blockIdx.x] = sum;
        }

        // The norm of the whole block, from the partial sums of an earlier kernel.
        DEVICE double norm(const Arguments& a, int k)
        {
            const double* parts = a.norms[k] + (long long)(blockIdx.x / chunks(a)) * chunks(a);
            double sum = 0;
            for (unsigned c = threadIdx.x; c < chunks(a); c += blockDim.x)
                sum += parts[c];
            return square_root(sum_of_threads(sum));
        }

        DEVICE double rms(const Arguments& a, int k) { return norm(a, k) / square_root((double)a.elements); }

        DEVICE double at_least_one(double x) { return x < 1 ? 1 : x; }

        // x <- numbers[0] * sqrt(x): what a device has to get right before it is trusted with more.
        extern "C" __global__ void self_test(const Arguments a)
        {
            real* x_ = (real*)a.arrays[0];
            double squares = 0;
            for (long long i = first(a); i < last(a); i += stride())
            {
                x_[i] = (real)a.numbers[0] * sqrt(x_[i]);
                squares += square(x_[i]);
            }
            add_squares(a, 0, squares);
        }

        """;
}
