namespace Shampoo.Runtime;

/// <summary>A stream of torch's by value, <c>c10::cuda::CUDAStream</c>: a device in the first bytes, and a number. C++ passes it, too, in two registers.</summary>
internal readonly record struct TorchStream(long Device, long Number)
{
    // Of the first word two bytes have a meaning, the type and the index of the device.
    public bool IsSame(TorchStream other) => (short)Device == (short)other.Device && Number == other.Number;
}

/// <summary>
/// Which stream a thread's operators go to, by torch's library <c>libc10_cuda.so</c>. TorchSharp has nothing for it; these functions of C++ have the same names, in
/// which the types of their arguments are, in torch 1.13 and in that of 2026.
/// </summary>
internal sealed unsafe class TorchStreams
{
    private readonly delegate* unmanaged<byte, sbyte, TorchStream> _fromPool;
    private readonly delegate* unmanaged<sbyte, TorchStream> _current;
    private readonly delegate* unmanaged<TorchStream, void> _setCurrent;
    private readonly delegate* unmanaged<TorchStream*, nint> _handle;

    /// <param name="library">Throws a <see cref="CudaException"/> if it has not all of the functions.</param>
    public TorchStreams(CudaLibrary library)
    {
        _fromPool = (delegate* unmanaged<byte, sbyte, TorchStream>)library.Find("_ZN3c104cuda17getStreamFromPoolEba");
        _current = (delegate* unmanaged<sbyte, TorchStream>)library.Find("_ZN3c104cuda20getCurrentCUDAStreamEa");
        _setCurrent = (delegate* unmanaged<TorchStream, void>)library.Find("_ZN3c104cuda20setCurrentCUDAStreamENS0_10CUDAStreamE");
        _handle = (delegate* unmanaged<TorchStream*, nint>)library.Find("_ZNK3c104cuda10CUDAStream6streamEv");
    }

    /// <summary>One of torch's own streams beside the default one, which do not wait for it.</summary>
    public TorchStream FromPool(int device) => _fromPool(0, (sbyte)device);

    /// <summary>Where this thread's operators on a device go.</summary>
    public TorchStream Current(int device) => _current((sbyte)device);

    /// <summary>This thread's operators on the stream's device go there.</summary>
    public void SetCurrent(TorchStream stream) => _setCurrent(stream);

    /// <summary>The driver's handle; 0 for the default stream.</summary>
    public nint HandleOf(TorchStream stream) => _handle(&stream);
}
