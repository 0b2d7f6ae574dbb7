using System.Runtime.InteropServices;
using Shampoo.LibTorch.Native;

namespace TorchSharp;

/// <summary>torch's functions, under TorchSharp's names.</summary>
public static partial class torch
{
    /// <summary>The version of libtorch.</summary>
    public static unsafe string __version__ => Marshal.PtrToStringUTF8((IntPtr)LibTorch.shp_version())!;

    public static int get_num_threads() => LibTorch.shp_get_num_threads();
    public static void set_num_threads(int num) => LibTorch.Check(LibTorch.shp_set_num_threads(num));
    public static int get_num_interop_threads() => LibTorch.Check(LibTorch.shp_get_num_interop_threads());
    public static void set_num_interop_threads(int num) => LibTorch.Check(LibTorch.shp_set_num_interop_threads(num));

    public static void _assert(bool condition, string message)
    {
        if (!condition) throw new InvalidOperationException(message);
    }

    public static void _assert(Func<bool> condition, string message) => _assert(condition(), message);

    /// <summary>CUDA devices.</summary>
    public static class cuda
    {
        public static bool is_available() => cuda_is_available();
        public static bool is_cudnn_available() => LibTorch.shp_cuda_has_cudnn() != 0;
        public static int device_count() => (int)LibTorch.shp_cuda_device_count();

        /// <summary>Seeds the generator of the current device.</summary>
        public static void manual_seed(long seed) => Seed(-1, seed);

        /// <summary>Seeds the generators of all devices.</summary>
        public static void manual_seed_all(long seed)
        {
            for (int i = 0; i < device_count(); i++) Seed(i, seed);
        }

        /// <summary>Waits until a device has done all its work.</summary>
        public static void synchronize(Device? device = null)
        {
            InitializeDeviceType(DeviceType.CUDA);
            LibTorch.Check(LibTorch.shp_cuda_synchronize(device?.index ?? -1));
        }

        private static void Seed(int index, long seed)
        {
            InitializeDeviceType(DeviceType.CUDA);
            IntPtr generator = LibTorch.Check(LibTorch.shp_generator_default((int)DeviceType.CUDA, index));
            try {
                LibTorch.Check(LibTorch.shp_generator_seed(generator, seed));
            } finally {
                LibTorch.shp_generator_dispose(generator);
            }
        }
    }

    /// <summary>Settings of torch's backends.</summary>
    public static class backends
    {
        /// <summary>Settings of CUDA.</summary>
        public static class cuda
        {
            /// <summary>Settings of matrix products on CUDA.</summary>
            public static class matmul
            {
                /// <summary>Whether float32 products may round their factors to TF32.</summary>
                public static bool allow_tf32
                {
                    get => LibTorch.Check(LibTorch.shp_allow_tf32()) != 0;
                    set => LibTorch.Check(LibTorch.shp_set_allow_tf32(value ? 1 : 0));
                }
            }
        }
    }
}
