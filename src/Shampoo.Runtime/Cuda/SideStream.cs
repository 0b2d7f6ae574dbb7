namespace Shampoo.Runtime;

/// <summary>
/// A stream of a device beside torch's default one, for refreshes beside steps. A thread has torch's operators go there, and torch's allocator knows the stream.
/// </summary>
internal sealed class SideStream
{
    /// <summary>The name of the <see cref="AppContext"/> switch that has everything go to the default stream when it is set to false.</summary>
    public const string Switch = "Shampoo.SideStream";

    private const int Sum = 3 << 10;

    [ThreadStatic] private static nint t_current;

    private readonly CudaDevice _device;
    private readonly int _ordinal;
    private readonly TorchStreams _streams;
    private readonly TorchStream _stream;
    private readonly nint _handle;

    // Throws a CudaException if it does not work. Waits for the device.
    private SideStream(StorageKind kind)
    {
        _ordinal = Math.Max(0, kind.DeviceIndex);
        _device = Cuda.Device(_ordinal);
        _streams = new TorchStreams(Prepared.Load("torch's libc10_cuda.so", CudaLibrary.TorchStreams));
        _stream = _streams.FromPool(_ordinal);
        _handle = _streams.HandleOf(_stream);
        Try(kind);
    }

    /// <summary>Those that were prepared.</summary>
    public static Preparation<SideStream> Prepared { get; } = new(
        Switch, static kind => new SideStream(kind), static kind => $"no stream for refreshes beside steps on {kind.Device()}, they are computed between steps");

    /// <summary>The driver's handle of the stream that this thread's operators go to; 0 for the default one.</summary>
    public static nint Current => t_current;

    /// <summary>Work that comes after all that is queued on the default stream by now. What keeps it from a stream of its own is said once, by <see cref="ShampooLog.Warning"/>.</summary>
    /// <returns>Null if it has to be done there; so where products are rounded to TF32: solvers switch that off meanwhile, and steps would see it.</returns>
    public static SideWork? TryBegin(StorageKind kind)
    {
        if (!Prepared.IsFor((DeviceType)kind.DeviceType) || torch.backends.cuda.matmul.allow_tf32)
            return null;
        kind = kind with { ElementType = (int)ScalarType.Float32 }; // one for all types
        try
        {
            return Prepared.Find(kind) is { } stream ? new SideWork(stream, stream._device) : null;
        }
        catch (CudaException exception)
        {
            Prepared.Warn(kind, exception.Message);
            return null;
        }
    }

    /// <summary>Has this thread's operators on the device go to the stream until the result is disposed, which waits for the stream.</summary>
    /// <param name="start">An event of the default stream; what is done now comes after it.</param>
    public Turn Enter(nint start)
    {
        using (_device.Use())
            _device.Driver.Wait(_handle, start);
        var turn = new Turn(this, _streams.Current(_ordinal), t_current);
        _streams.SetCurrent(_stream);
        t_current = _handle;
        return turn;
    }

    private void Leave(TorchStream before, nint handleBefore)
    {
        try
        {
            using var current = _device.Use();
            _device.Driver.WaitForStream(_handle);
        }
        finally
        {
            _streams.SetCurrent(before);
            t_current = handleBefore;
        }
    }

    // The operators go there and come to the right result, and afterwards all is as before.
    private void Try(StorageKind kind)
    {
        using var scope = torch.NewDisposeScope();
        var before = _streams.Current(_ordinal);
        var ones = torch.ones([Sum], dtype: ScalarType.Float32, device: kind.Device());
        using (var work = new SideWork(this, _device))
        {
            using var turn = work.Enter();
            if (_handle == 0 || before.IsSame(_stream) || !_streams.Current(_ordinal).IsSame(_stream) || ones.sum().item<float>() != Sum)
                throw new CudaException("a stream that was tried out does not work");
        }
        if (!_streams.Current(_ordinal).IsSame(before))
            throw new CudaException("the default stream did not come back when another one was tried out");
    }

    /// <summary>Of a thread on the stream. Dispose on the same thread.</summary>
    public readonly struct Turn(SideStream stream, TorchStream before, nint handleBefore) : IDisposable
    {
        public void Dispose() => stream.Leave(before, handleBefore);
    }
}

/// <summary>Work on a side stream that comes after what was queued on the default stream when it began.</summary>
internal sealed class SideWork : IDisposable
{
    private readonly SideStream _stream;
    private readonly CudaDevice _device;
    private readonly nint _start;

    public SideWork(SideStream stream, CudaDevice device)
    {
        (_stream, _device) = (stream, device);
        using var current = device.Use();
        _start = device.Driver.CreateEvent();
        try
        {
            device.Driver.Record(_start);
        }
        catch (CudaException)
        {
            device.Driver.DestroyEvent(_start);
            throw;
        }
    }

    /// <inheritdoc cref="SideStream.Enter"/>
    public SideStream.Turn Enter() => _stream.Enter(_start);

    public void Dispose()
    {
        using var current = _device.Use();
        _device.Driver.DestroyEvent(_start);
    }
}
