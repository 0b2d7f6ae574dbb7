namespace Shampoo.Runtime;

/// <summary>The kernels of an optimizer, compiled for a type of parameters and loaded to a device; for as long as the process lives.</summary>
internal sealed class CudaModule
{
    /// <summary>The threads of a CUDA block; a multiple of a warp's 32.</summary>
    public const uint Threads = 256;

    private readonly nint _module;

    /// <param name="device">Where the kernels run.</param>
    /// <param name="image">What NVRTC made.</param>
    public CudaModule(CudaDevice device, byte[] image)
    {
        Device = device;
        using var current = device.Use();
        _module = device.Driver.Load(image);
    }

    public CudaDevice Device { get; }

    /// <summary>Finds a kernel by its name in the text.</summary>
    public CudaKernel Kernel(string name)
    {
        using var current = Device.Use();
        return new CudaKernel(Device, Device.Driver.Function(_module, name));
    }
}

/// <summary>One kernel.</summary>
internal readonly struct CudaKernel(CudaDevice device, nint function)
{
    /// <summary>Queues it for all chunks of all blocks. Allocates nothing, and does not wait for the device.</summary>
    public void Launch(ref Arguments arguments)
    {
        var chunks = (arguments.Elements + arguments.Chunk - 1) / arguments.Chunk;
        using var current = device.Use();
        device.Driver.Launch(function, checked((uint)(arguments.Blocks * chunks)), CudaModule.Threads, ref arguments);
    }
}
