using System.Diagnostics;

namespace Shampoo.Runtime;

/// <summary>Processes that OpenMPI connects, with tensors in the memory of the host.</summary>
/// <remarks>
/// <para>Collectives are MPI's nonblocking ones, begun in the order of the calls; they go on while this process waits for any of them. Waiting
/// takes a processor, as it does in MPI itself.</para>
/// <para>What MPI has no arithmetic for, bfloat16 and float16, all_reduce carries in float32 and rounds once, at the end. reduce_scatter sends every
/// rank its parts, in their dtype, and adds them up there, in the order of ranks, in float32 at least. So the ranks agree bitwise.</para>
/// <para>Before every collective a sum of 16 bytes goes around, by which all ranks notice that they did not call the same; then nothing is
/// exchanged. See docs/distributed.md.</para>
/// </remarks>
public sealed unsafe class MpiProcessGroup : CheckedProcessGroup
{
    private readonly Mpi _mpi;
    private readonly MpiCommunicators _communicators;
    private readonly List<MpiWork> _pending = [];
    private CollectiveException? _failure;
    private bool _isDisposed;

    /// <summary>All processes of the job. Initializes MPI, if nobody has. All ranks come together.</summary>
    /// <exception cref="CollectiveException">OpenMPI's library is not there.</exception>
    public MpiProcessGroup() : this(Mpi.Instance, MpiCommunicators.World(Mpi.Instance))
    {
    }

    private MpiProcessGroup(Mpi mpi, MpiCommunicators communicators)
    {
        _mpi = mpi;
        _communicators = communicators;
        lock (Mpi.Gate)
        {
            Rank = mpi.Rank(communicators.Data);
            Size = mpi.Size(communicators.Data);
        }
    }

    /// <summary>The most elements that one call may count; for tests.</summary>
    internal static long MaxCount { get; set; } = int.MaxValue;

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    internal MpiCommunicators Communicators => _communicators;

    internal Mpi Library => _mpi;

    /// <summary>Goes on with everything under way until <paramref name="work"/> is done.</summary>
    internal void Wait(MpiWork work)
    {
        for (var start = Stopwatch.GetTimestamp(); ; Thread.Yield())
        {
            if (Progress() is { } disagreement)
                throw Fail(MpiDiagnosis.Disagreement(this, disagreement), allKnow: true);
            if (work.IsDone)
                break;
            if (_failure is not null)
                throw _failure;
            if (Stopwatch.GetElapsedTime(start) > Timeout)
                throw Fail(MpiDiagnosis.Absence(this, work));
        }
        if (work.Error is { } error)
        {
            throw Fail(new CollectiveException(
                Rank, work.Description, error, "Another rank may have ended; its output and mpirun's say more. The group cannot be used any more"));
        }
    }

    /// <summary>Goes on with everything under way, without waiting.</summary>
    /// <returns>What the ranks did not agree about; null if there is nothing of the kind.</returns>
    internal MpiWork? Progress()
    {
        lock (Mpi.Gate)
        {
            foreach (var work in _pending)
            {
                work.Progress();
                if (!work.IsAgreed)
                    return work;
                // Transfers begin in the order of calls.
                if (!work.IsStarted)
                    break;
            }
            _pending.RemoveAll(work => work.IsDone);
            return null;
        }
    }

    private protected override void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_failure is not null)
            throw AfterFailure(_failure);
    }

    private protected override string? Misplaced(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU ? null : $"is on {tensor.device}, and MPI takes tensors in the memory of the host; use NCCL, or move it";

    private protected override CollectiveWork Start(CollectiveCall call)
    {
        MpiTransfer transfer;
        try
        {
            transfer = new MpiTransfer(this, call);
        }
        catch (OverflowException)
        {
            Refuse(call);
            throw new CollectiveException(
                Rank, call.Signature.ToString(), $"MPI counts up to {MaxCount} elements in one call", "Exchange the tensor in several pieces");
        }
        return Begin(new MpiWork(this, call, call.Signature, transfer));
    }

    private protected override void Refuse(CollectiveCall call)
    {
        var work = Begin(new MpiWork(this, call, CollectiveSignature.Refusal(call.Kind), null));
        try
        {
            Wait(work);
        }
        catch (CollectiveException)
        {
            // The error that made it refuse is the one to report.
        }
    }

    private protected override ProcessGroup Divide(int colour, int key)
    {
        MpiCommunicators? parts = null;
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                lock (Mpi.Gate)
                    parts = _communicators.Split(_mpi, colour, key);
            }
            catch (MpiException exception)
            {
                error = exception;
            }
        }) { IsBackground = true };
        thread.Start();
        var isDone = thread.Join(Timeout);
        if (parts is not null)
            return new MpiProcessGroup(_mpi, parts);
        throw Fail(new CollectiveException(
            Rank, nameof(split), isDone ? error!.Message : $"it did not end within {Timeout.TotalSeconds} s", "Look for a rank that has ended"));
    }

    /// <summary>Releases the communicators, once everything under way has ended.</summary>
    /// <param name="disposing">Whether it is called by <see cref="IDisposable.Dispose"/>.</param>
    protected override void Dispose(bool disposing)
    {
        if (_isDisposed)
            return;
        while (_failure is null && _pending.FirstOrDefault() is { } work)
            Wait(work);
        _isDisposed = true;
        // The communicators of a failed group may still be written to.
        if (_failure is not null)
            return;
        lock (Mpi.Gate)
            _communicators.Free(_mpi);
    }

    private MpiWork Begin(MpiWork work)
    {
        lock (Mpi.Gate)
        {
            _pending.Add(work);
            try
            {
                work.Begin();
            }
            catch (MpiException exception)
            {
                throw Fail(new CollectiveException(Rank, work.Description, exception.Message, "The group cannot be used any more"));
            }
        }
        return work;
    }

    // The memory of what is under way is kept for ever: MPI may still write there.
    private CollectiveException Fail(CollectiveException error, bool allKnow = false)
    {
        lock (Mpi.Gate)
        {
            Mpi.HasFailed |= !allKnow;
            MpiWork.Abandon(_pending);
            return _failure ??= error;
        }
    }
}
