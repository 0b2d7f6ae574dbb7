using System.Diagnostics;

namespace Shampoo.Runtime;

/// <summary>Watches over the collectives of a communicator until they have ended on the device, and ends the communicator if they do not.</summary>
internal sealed class NcclWatch : IDisposable
{
    private const string Advice = "NCCL_DEBUG=WARN says more. End all processes, and start again from a checkpoint";
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(100);

    private readonly Nccl _nccl;
    private readonly CudaDevice _device;
    private readonly nint _communicator;
    private readonly ProcessGroup _group;
    private readonly object _lock = new();
    private readonly Queue<(nint Event, long Start, string Description)> _pending = [];
    private readonly Timer _timer;
    private bool _isEnded;

    public NcclWatch(Nccl nccl, CudaDevice device, nint communicator, ProcessGroup group)
    {
        _nccl = nccl;
        _device = device;
        _communicator = communicator;
        _group = group;
        _timer = new Timer(static watch => ((NcclWatch)watch!).Look(), this, s_period, s_period);
    }

    /// <summary>Why the communicator was ended; null if it was not.</summary>
    public CollectiveException? Failure { get; private set; }

    /// <summary>Something was enqueued.</summary>
    public void Add(string description)
    {
        lock (_lock)
        {
            if (_isEnded)
                return;
            using (_device.Use())
            {
                var handle = _device.Driver.CreateEvent();
                _device.Driver.Record(handle);
                _pending.Enqueue((handle, Stopwatch.GetTimestamp(), description));
            }
        }
    }

    public void ThrowIfFailed()
    {
        if (Failure is { } failure)
            throw failure;
    }

    /// <summary>Waits until everything enqueued so far has ended on the device, or failed.</summary>
    public void WaitForDevice()
    {
        for (var wait = new SpinWait(); !Look(); wait.SpinOnce(sleep1Threshold: 1000))
            ThrowIfFailed();
        ThrowIfFailed();
    }

    /// <summary>Ends the communicator.</summary>
    public CollectiveException Fail(string problem, string advice, string operation = "a collective") =>
        Fail(new CollectiveException(_group.Rank, operation, problem, advice));

    /// <inheritdoc cref="Fail(string, string, string)"/>
    public CollectiveException Fail(CollectiveException error)
    {
        lock (_lock)
        {
            Failure ??= error;
            End(_nccl.Abort);
            return Failure;
        }
    }

    public void Dispose()
    {
        if (Failure is null)
        {
            try
            {
                WaitForDevice();
            }
            catch (CollectiveException)
            {
                // It has ended, and whoever still uses the group is told.
            }
        }
        lock (_lock)
            End(_nccl.Destroy);
    }

    // Whether nothing is under way.
    private bool Look()
    {
        lock (_lock)
        {
            if (_isEnded)
                return true;
            try
            {
                return Release() || Judge();
            }
            catch (Exception exception) when (exception is CudaException or NcclException)
            {
                Fail(exception.Message, Advice);
                return true;
            }
        }
    }

    private bool Release()
    {
        using (_device.Use())
        {
            while (_pending.TryPeek(out var first) && _device.Driver.HasHappened(first.Event))
            {
                _device.Driver.DestroyEvent(first.Event);
                _pending.Dequeue();
            }
        }
        return _pending.Count == 0;
    }

    private bool Judge()
    {
        var (_, start, description) = _pending.Peek();
        if (_nccl.AsyncError(_communicator) is { } error)
            Fail(error, Advice, description);
        else if (Stopwatch.GetElapsedTime(start) > _group.Timeout)
            Fail($"it did not end on the device within {_group.Timeout.TotalSeconds} s", "Another rank has ended, is stopped, or computes something else. A longer limit: SHAMPOO_COLLECTIVE_TIMEOUT, in seconds, or ProcessGroup.Timeout. The group cannot be used any more", description);
        return _isEnded;
    }

    private void End(Action<nint> end)
    {
        if (_isEnded)
            return;
        _isEnded = true;
        _timer.Dispose();
        using (_device.Use())
        {
            end(_communicator);
            while (_pending.TryDequeue(out var last))
                _device.Driver.DestroyEvent(last.Event);
        }
    }
}
