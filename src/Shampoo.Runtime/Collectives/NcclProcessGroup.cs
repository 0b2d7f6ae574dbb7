namespace Shampoo.Runtime;

/// <summary>Processes with a GPU each, which NCCL connects.</summary>
/// <remarks>
/// <para>Collectives are enqueued on torch's current stream, and done, for the caller, when they are. A thread watches over them: one that fails, or does
/// not end on the device within <see cref="ProcessGroup.Timeout"/> after its call, ends the communicator, and the next call says why.</para>
/// <para>The first <see cref="CheckedCalls"/> calls are compared among ranks before they begin, for which the host waits for the device.</para>
/// <para>NCCL reduces bfloat16 and float16 as such; it rounds between ranks. Ranks agree bitwise.</para>
/// </remarks>
public sealed class NcclProcessGroup : CheckedProcessGroup
{
    private readonly Nccl _nccl;
    private readonly CudaDevice _device;
    private readonly nint _communicator;
    private readonly NcclWatch _watch;
    private readonly Tensor _numbers;
    private long _calls;
    private bool _isDisposed;

    internal NcclProcessGroup(Nccl nccl, CudaDevice device, torch.Device place, nint communicator, int rank, int size)
    {
        _nccl = nccl;
        _device = device;
        _communicator = communicator;
        _watch = new NcclWatch(nccl, device, communicator, this);
        _numbers = torch.zeros([2L], ScalarType.Int64, place).DetachFromDisposeScope();
        Rank = rank;
        Size = size;
    }

    /// <summary>
    /// How many calls of a group are compared among ranks, 0 or more, the same on all of them. Default: the environment's
    /// <c>SHAMPOO_COLLECTIVE_CHECKS</c>, else 100. Groups that are split off count anew.
    /// </summary>
    public static long CheckedCalls { get; set; } = Launch.Checks;

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <summary>All processes of the job, with the GPU of each process's number on its machine.</summary>
    internal static NcclProcessGroup OfJob(Launch launch)
    {
        var nccl = new Nccl(Nccl.Candidates);
        if (launch.LocalRank >= torch.cuda.device_count())
        {
            throw new InvalidOperationException(
                $"Process {launch.LocalRank} of this machine has no GPU: there are {torch.cuda.device_count()}. Start as many processes as GPUs; LOCAL_RANK counts them on each machine.");
        }
        var device = new CudaDevice(new CudaDriver(new CudaLibrary("the driver's libcuda.so.1", CudaLibrary.Driver)), launch.LocalRank);
        var place = new torch.Device(DeviceType.CUDA, launch.LocalRank);
        return Join(nccl, device, place, launch.Rank, launch.Size, NcclRendezvous.Id(nccl, launch));
    }

    /// <summary>Makes the group of all ranks that have the id. They come together.</summary>
    internal static NcclProcessGroup Join(Nccl nccl, CudaDevice device, torch.Device place, int rank, int size, NcclId id)
    {
        var communicator = Within(Launch.Timeout, rank, "joining", device, () => nccl.Initialize(size, id, rank));
        return new NcclProcessGroup(nccl, device, place, communicator, rank, size);
    }

    private protected override void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_watch.Failure is { } failure)
            throw AfterFailure(failure);
    }

    private protected override string? Misplaced(Tensor tensor) =>
        tensor.device_type == DeviceType.CUDA || Cuda.TakesMemory ? null : $"is on {tensor.device}, and NCCL takes tensors on the GPU; use MPI, or move it";

    private protected override void Refuse(CollectiveCall call)
    {
        try
        {
            if (Size > 1 && _calls++ < CheckedCalls)
                Compare(call, CollectiveSignature.Refusal(call.Kind));
            else
                _watch.Fail("a call before was refused", "Its error says why");
        }
        catch (CollectiveException)
        {
            // The error that made it refuse is the one to report.
        }
    }

    private protected override CollectiveWork Start(CollectiveCall call)
    {
        if (Size > 1 && _calls++ < CheckedCalls)
            Compare(call, call.Signature);
        Enqueue(call.Signature.ToString(), () => NcclTransfer.Start(_nccl, _communicator, this, call, _numbers));
        if (call.Kind is CollectiveKind.Barrier or CollectiveKind.Split)
            _watch.WaitForDevice();
        return new NcclWork(_watch);
    }

    private protected override ProcessGroup Divide(int colour, int key)
    {
        // Who is where in the new group: NCCL orders by key, then by rank.
        var all = Gather([colour, key])!;
        var members = Enumerable.Range(0, Size).Where(rank => all[2 * rank] == colour).OrderBy(rank => all[(2 * rank) + 1]).ThenBy(rank => rank).ToArray();
        var communicator = Within(Timeout, Rank, nameof(split), _device, () => _nccl.Split(_communicator, colour, key));
        return new NcclProcessGroup(_nccl, _device, _numbers.device, communicator, Array.IndexOf(members, Rank), members.Length);
    }

    /// <summary>Releases the communicator, once everything under way has ended.</summary>
    /// <param name="disposing">Whether it is called by <see cref="IDisposable.Dispose"/>.</param>
    protected override void Dispose(bool disposing)
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _watch.Dispose();
        _numbers.Dispose();
    }

    private void Compare(CollectiveCall call, in CollectiveSignature signature)
    {
        var (hash, balance) = Disagreement.Contribution(Rank, call, signature);
        var sums = Exchange([hash, balance], 2, (from, to) => _nccl.AllReduce(from, to, 2, Nccl.TypeOf(ScalarType.Int64), Nccl.OpOf(ReduceOp.Sum), _communicator));
        if (!Disagreement.IsNone(Size, signature, sums[0], sums[1]))
            throw _watch.Fail(Disagreement.Explain(this, call, signature, Gather));
    }

    private long[] Gather(long[] numbers) => Exchange(
        numbers, Size * numbers.Length, (from, to) => _nccl.AllGather(from, to, numbers.Length, Nccl.TypeOf(ScalarType.Int64), _communicator));

    // A collective on numbers of the host, which waits for its result.
    private long[] Exchange(long[] numbers, int count, Action<nint, nint> collective)
    {
        using var scope = torch.NewDisposeScope();
        var input = torch.tensor(numbers, ScalarType.Int64).to(_numbers.device);
        var output = torch.zeros([(long)count], ScalarType.Int64, _numbers.device);
        Enqueue("comparing calls", () => collective(CollectiveMemory.Address(input), CollectiveMemory.Address(output)));
        _watch.WaitForDevice();
        return output.cpu().data<long>().ToArray();
    }

    private void Enqueue(string description, Action call)
    {
        try
        {
            using (_device.Use())
                call();
        }
        catch (NcclException exception)
        {
            throw _watch.Fail(exception.Message, "NCCL_DEBUG=WARN says more. The group cannot be used any more", description);
        }
        _watch.Add(description);
    }

    private static nint Within(TimeSpan limit, int rank, string operation, CudaDevice device, Func<nint> create)
    {
        nint communicator = 0;
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                using (device.Use())
                    communicator = create();
            }
            catch (Exception exception) when (exception is NcclException or CudaException)
            {
                error = exception;
            }
        }) { IsBackground = true };
        thread.Start();
        if (!thread.Join(limit))
        {
            throw new CollectiveException(
                rank, operation, $"not all ranks came within {limit.TotalSeconds} s", "Look for one that has ended, and whether NCCL_COMM_ID names an address of rank 0 that all can reach");
        }
        return error is null ? communicator : throw new CollectiveException(rank, operation, error.Message, "NCCL_DEBUG=WARN says more");
    }

    // Done, for the caller, once it is enqueued.
    private sealed class NcclWork(NcclWatch watch) : CollectiveWork
    {
        public override bool IsCompleted => true;

        public override void Wait() => watch.ThrowIfFailed();
    }
}
