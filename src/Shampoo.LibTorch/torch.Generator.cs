using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers with a state of its own.</summary>
    public class Generator : IDisposable
    {
        private IntPtr _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            _handle = LibTorch.Check(LibTorch.shp_generator_new((int)this.device.type, this.device.index));
            manual_seed((long)seed);
        }

        private Generator(IntPtr handle, Device device)
        {
            _handle = handle;
            this.device = device;
        }

        ~Generator() => Dispose(false);

        /// <summary>The generator that random operators of the CPU use when none is given.</summary>
        public static Generator Default => new(LibTorch.Check(LibTorch.shp_generator_default(0, -1)), CPU);

        public Device device { get; }

        public IntPtr Handle => _handle != IntPtr.Zero ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public Generator manual_seed(long seed)
        {
            LibTorch.Check(LibTorch.shp_generator_seed(Handle, seed));
            return this;
        }

        /// <summary>Seeds with a number from the system's source of randomness, and returns it.</summary>
        public long seed()
        {
            long seed = LibTorch.shp_generator_reseed(Handle);
            LibTorch.ThrowIfError();
            return seed;
        }

        public long initial_seed()
        {
            long seed = LibTorch.shp_generator_initial_seed(Handle);
            LibTorch.ThrowIfError();
            return seed;
        }

        public Tensor get_state() => new(LibTorch.Check(LibTorch.shp_generator_state(Handle)));

        public void set_state(Tensor value)
        {
            LibTorch.Check(LibTorch.shp_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            IntPtr freed = Interlocked.Exchange(ref _handle, IntPtr.Zero);
            if (freed != IntPtr.Zero) LibTorch.shp_generator_dispose(freed);
        }
    }

    /// <summary>Seeds the generators of all devices.</summary>
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static long initial_seed() => random.initial_seed();
    public static long seed() => random.seed();
    public static Tensor get_rng_state() => random.get_rng_state();
    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    /// <summary>The default generators.</summary>
    public static class random
    {
        public static Generator manual_seed(long seed)
        {
            LibTorch.Check(LibTorch.shp_manual_seed(seed));
            return Generator.Default;
        }

        public static long seed()
        {
            using var generator = Generator.Default;
            long seed = generator.seed();
            LibTorch.Check(LibTorch.shp_manual_seed(seed));
            return seed;
        }

        public static long initial_seed()
        {
            using var generator = Generator.Default;
            return generator.initial_seed();
        }

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }
}
