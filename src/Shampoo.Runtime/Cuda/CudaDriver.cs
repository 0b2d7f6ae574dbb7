using System.Runtime.InteropServices;
using System.Text;

namespace Shampoo.Runtime;

/// <summary>The functions of the CUDA driver that sweeps need. Every error is a <see cref="CudaException"/>.</summary>
/// <remarks>
/// Everything goes to the legacy default stream (0), unless another one is named: it is torch's current stream, as TorchSharp has no way to choose another. So the
/// order with torch's own kernels is that of the calls.
/// </remarks>
internal sealed unsafe class CudaDriver
{
    private const int ComputeCapabilityMajor = 75;
    private const int ComputeCapabilityMinor = 76;

    private readonly delegate* unmanaged<int, nint*, int> _errorName, _errorText;
    private readonly delegate* unmanaged<int*, int, int> _deviceGet;
    private readonly delegate* unmanaged<int*, int, int, int> _attribute;
    private readonly delegate* unmanaged<nint*, int, int> _retain;
    private readonly delegate* unmanaged<nint, int> _push;
    private readonly delegate* unmanaged<nint*, int> _pop;
    private readonly delegate* unmanaged<nint*, byte*, int> _load;
    private readonly delegate* unmanaged<nint*, nint, byte*, int> _function;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launch;
    private readonly delegate* unmanaged<nint*, nuint, int> _allocateHost;
    private readonly delegate* unmanaged<nint, int> _freeHost;
    private readonly delegate* unmanaged<nint, nint, nuint, nint, int> _copyToDevice;
    private readonly delegate* unmanaged<nint*, uint, int> _createEvent;
    private readonly delegate* unmanaged<nint, nint, int> _recordEvent;
    private readonly delegate* unmanaged<nint, nint, uint, int> _wait;
    private readonly delegate* unmanaged<nint, int> _waitForStream;
    private readonly delegate* unmanaged<nint, int> _waitForEvent, _queryEvent, _destroyEvent;

    /// <param name="library">Throws a <see cref="CudaException"/> if it has not all of the functions, or there is no device.</param>
    public CudaDriver(CudaLibrary library)
    {
        _errorName = (delegate* unmanaged<int, nint*, int>)library.Find("cuGetErrorName");
        _errorText = (delegate* unmanaged<int, nint*, int>)library.Find("cuGetErrorString");
        _deviceGet = (delegate* unmanaged<int*, int, int>)library.Find("cuDeviceGet");
        _attribute = (delegate* unmanaged<int*, int, int, int>)library.Find("cuDeviceGetAttribute");
        _retain = (delegate* unmanaged<nint*, int, int>)library.Find("cuDevicePrimaryCtxRetain");
        _push = (delegate* unmanaged<nint, int>)library.Find("cuCtxPushCurrent_v2");
        _pop = (delegate* unmanaged<nint*, int>)library.Find("cuCtxPopCurrent_v2");
        _load = (delegate* unmanaged<nint*, byte*, int>)library.Find("cuModuleLoadData");
        _function = (delegate* unmanaged<nint*, nint, byte*, int>)library.Find("cuModuleGetFunction");
        _launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)library.Find("cuLaunchKernel");
        _allocateHost = (delegate* unmanaged<nint*, nuint, int>)library.Find("cuMemAllocHost_v2");
        _freeHost = (delegate* unmanaged<nint, int>)library.Find("cuMemFreeHost");
        _copyToDevice = (delegate* unmanaged<nint, nint, nuint, nint, int>)library.Find("cuMemcpyHtoDAsync_v2");
        _createEvent = (delegate* unmanaged<nint*, uint, int>)library.Find("cuEventCreate");
        _recordEvent = (delegate* unmanaged<nint, nint, int>)library.Find("cuEventRecord");
        _wait = (delegate* unmanaged<nint, nint, uint, int>)library.Find("cuStreamWaitEvent");
        _waitForStream = (delegate* unmanaged<nint, int>)library.Find("cuStreamSynchronize");
        _waitForEvent = (delegate* unmanaged<nint, int>)library.Find("cuEventSynchronize");
        _queryEvent = (delegate* unmanaged<nint, int>)library.Find("cuEventQuery");
        _destroyEvent = (delegate* unmanaged<nint, int>)library.Find("cuEventDestroy_v2");
        Check(((delegate* unmanaged<uint, int>)library.Find("cuInit"))(0), "cuInit");
    }

    /// <summary>The device of an ordinal, as torch counts them.</summary>
    public int Device(int ordinal)
    {
        int device;
        Check(_deviceGet(&device, ordinal), "cuDeviceGet");
        return device;
    }

    /// <summary>Such as 90 for 9.0.</summary>
    public int Capability(int device) => 10 * Attribute(device, ComputeCapabilityMajor) + Attribute(device, ComputeCapabilityMinor);

    /// <summary>The context that torch uses, too; kept until the process ends.</summary>
    public nint PrimaryContext(int device)
    {
        nint context;
        Check(_retain(&context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    public void Push(nint context) => Check(_push(context), "cuCtxPushCurrent");

    public void Pop()
    {
        nint context;
        Check(_pop(&context), "cuCtxPopCurrent");
    }

    /// <summary>Loads an image of kernels, machine code or PTX, into the current context.</summary>
    public nint Load(ReadOnlySpan<byte> image)
    {
        nint module;
        fixed (byte* first = image)
            Check(_load(&module, first), "cuModuleLoadData");
        return module;
    }

    public nint Function(nint module, string name)
    {
        nint function;
        fixed (byte* first = Encoding.UTF8.GetBytes(name + "\0"))
            Check(_function(&function, module, first), $"cuModuleGetFunction of {name}");
        return function;
    }

    /// <summary>Queues a kernel of one argument, which is copied.</summary>
    public void Launch(nint function, uint blocks, uint threads, ref Arguments arguments)
    {
        fixed (Arguments* first = &arguments)
        {
            void* argument = first;
            Check(_launch(function, blocks, 1, 1, threads, 1, 1, 0, 0, &argument, null), "cuLaunchKernel");
        }
    }

    /// <summary>Page-locked memory, from which the device copies by itself.</summary>
    public nint AllocateHost(int bytes)
    {
        nint memory;
        Check(_allocateHost(&memory, (nuint)bytes), "cuMemAllocHost");
        return memory;
    }

    public void FreeHost(nint memory) => Check(_freeHost(memory), "cuMemFreeHost");

    /// <summary>Queues a copy; the host's memory has to stay as it is until the copy was made.</summary>
    public void CopyToDevice(nint device, nint host, int bytes) => Check(_copyToDevice(device, host, (nuint)bytes, 0), "cuMemcpyHtoDAsync");

    public nint CreateEvent()
    {
        const uint WithoutTime = 2;
        nint handle;
        Check(_createEvent(&handle, WithoutTime), "cuEventCreate");
        return handle;
    }

    /// <summary>The event happens when the device is through with everything queued so far.</summary>
    public void Record(nint handle) => Check(_recordEvent(handle, 0), "cuEventRecord");

    /// <summary>Waits for an event as it was last recorded; not at all for one that never was.</summary>
    public void WaitFor(nint handle) => Check(_waitForEvent(handle), "cuEventSynchronize");

    /// <summary>Whether an event has happened; never waits.</summary>
    public bool HasHappened(nint handle)
    {
        const int NotReady = 600;
        var result = _queryEvent(handle);
        if (result != NotReady)
            Check(result, "cuEventQuery");
        return result == 0;
    }

    /// <summary>What is queued on a stream from now on comes after an event as it was last recorded.</summary>
    public void Wait(nint stream, nint handle) => Check(_wait(stream, handle, 0), "cuStreamWaitEvent");

    /// <summary>Waits until the device is through with everything queued on a stream.</summary>
    public void WaitForStream(nint stream) => Check(_waitForStream(stream), "cuStreamSynchronize");

    public void DestroyEvent(nint handle) => Check(_destroyEvent(handle), "cuEventDestroy");

    private int Attribute(int device, int attribute)
    {
        int value;
        Check(_attribute(&value, attribute, device), "cuDeviceGetAttribute");
        return value;
    }

    private void Check(int result, string call)
    {
        if (result != 0)
            throw new CudaException(call, result, $"{Text(_errorName, result)}: {Text(_errorText, result)}");
    }

    private static string Text(delegate* unmanaged<int, nint*, int> find, int result)
    {
        nint text = 0;
        return find(result, &text) == 0 ? Marshal.PtrToStringUTF8(text) ?? "" : "unknown to this driver";
    }
}
