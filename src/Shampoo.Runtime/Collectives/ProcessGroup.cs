namespace Shampoo.Runtime;

/// <summary>How values of several ranks become one.</summary>
public enum ReduceOp
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their arithmetic mean.</summary>
    Average,

    /// <summary>The largest.</summary>
    Max,

    /// <summary>The smallest.</summary>
    Min,
}

/// <summary>
/// Processes that exchange tensors. Every member of the group calls the same collectives in the same order, with tensors of the same dtype.
/// </summary>
/// <remarks>
/// Tensors are dense and contiguous, of float32, float64, bfloat16, float16, or integers of 8, 32 and 64 bits, and on the device of the engine: in the memory of the
/// host for MPI, on the group's GPU for NCCL. Counts are numbers of elements. The engine is done with its arguments when a method returns; the methods
/// that end in <c>_async</c> are done when <see cref="CollectiveWork.Wait"/> returns, and their tensors must live and stay untouched until then. On a GPU "done" means
/// enqueued, as for any operator.
/// </remarks>
public abstract class ProcessGroup : IDisposable
{
    /// <summary>The number of this process in the group, from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>The number of processes in the group, from 1.</summary>
    public abstract int Size { get; }

    /// <summary>Where this process computes, and its tensors for collectives are: the memory of the host, or its GPU.</summary>
    public virtual torch.Device Device => torch.CPU;

    /// <summary>Whether the host goes on before what is exchanged on a device has come, so that it would have to wait to read it.</summary>
    internal virtual bool RunsAheadOf(DeviceType device) => device != DeviceType.CPU;

    /// <summary>
    /// All processes of this run, by the environment that they were started with; one process alone, if there is none. Made at the first use,
    /// by which all ranks come together; <see cref="init_process_group"/> chooses more. It lives as long as the process.
    /// </summary>
    /// <exception cref="InvalidOperationException">The environment is incomplete.</exception>
    /// <exception cref="CollectiveException">The engine is not there.</exception>
    public static ProcessGroup World => Launch.World;

    /// <summary>
    /// How long <see cref="CollectiveWork.Wait"/> waits for other ranks before it is an error, more than zero. Default: the environment's
    /// <c>SHAMPOO_COLLECTIVE_TIMEOUT</c>, in seconds, else 10 minutes. Groups that are split off take it over.
    /// </summary>
    public TimeSpan Timeout
    {
        get;
        set => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The time limit must be more than zero.");
    } = Launch.Timeout;

    /// <summary>Makes <see cref="World"/>, where the defaults do not fit. To be called before anything else uses it, on all ranks alike.</summary>
    /// <param name="engine">
    /// <c>mpi</c>, <c>nccl</c> or <c>single</c>. Default: the environment's <c>SHAMPOO_COLLECTIVE_ENGINE</c>; else NCCL where torch sees a GPU, MPI where
    /// not, and neither for one process.
    /// </param>
    /// <param name="timeout">See <see cref="Timeout"/>.</param>
    /// <exception cref="InvalidOperationException">The world exists already, or the environment is incomplete.</exception>
    /// <exception cref="CollectiveException">The engine is not there.</exception>
    public static ProcessGroup init_process_group(string? engine = null, TimeSpan? timeout = null) => Launch.Init(engine, timeout);

    /// <summary>Gathers equal parts.</summary>
    /// <param name="output">Size · n elements: the parts of all ranks, in their order.</param>
    /// <param name="input">n elements; may be this rank's part of <paramref name="output"/> itself.</param>
    public void all_gather(Tensor output, Tensor input) => all_gather_async(output, input).Wait();

    /// <inheritdoc cref="all_gather(Tensor, Tensor)"/>
    public abstract CollectiveWork all_gather_async(Tensor output, Tensor input);

    /// <summary>Gathers unequal parts.</summary>
    /// <param name="output">The parts of all ranks, in their order, without gaps.</param>
    /// <param name="input">As many elements as this rank's count; may be its part of <paramref name="output"/> itself.</param>
    /// <param name="counts">The elements of every rank's part, the same on all ranks; 0 is allowed.</param>
    public void all_gather(Tensor output, Tensor input, ReadOnlySpan<long> counts) => all_gather_async(output, input, counts).Wait();

    /// <inheritdoc cref="all_gather(Tensor, Tensor, ReadOnlySpan{long})"/>
    public abstract CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts);

    /// <summary>Replaces a tensor by its reduction over all ranks. Ranks end with bitwise equal values.</summary>
    public void all_reduce(Tensor tensor, ReduceOp op = ReduceOp.Sum) => all_reduce_async(tensor, op).Wait();

    /// <inheritdoc cref="all_reduce"/>
    public abstract CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum);

    /// <summary>Reduces over all ranks, and gives each rank its part.</summary>
    /// <param name="output">As many elements as this rank's count.</param>
    /// <param name="input">The parts for all ranks, in their order, without gaps.</param>
    /// <param name="counts">The elements of every rank's part, the same on all ranks.</param>
    /// <param name="op">What is done with the values of the ranks.</param>
    public void reduce_scatter(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum) =>
        reduce_scatter_async(output, input, counts, op).Wait();

    /// <inheritdoc cref="reduce_scatter"/>
    public abstract CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum);

    /// <summary>Sends a part to every rank, and receives one from every rank.</summary>
    /// <param name="output">The parts received, in the order of ranks, without gaps.</param>
    /// <param name="input">The parts to send, in the order of ranks, without gaps.</param>
    /// <param name="outputCounts">The elements received from every rank.</param>
    /// <param name="inputCounts">The elements sent to every rank.</param>
    public void all_to_all(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) =>
        all_to_all_async(output, input, outputCounts, inputCounts).Wait();

    /// <inheritdoc cref="all_to_all"/>
    public abstract CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts);

    /// <summary>Gives all ranks the tensor of one.</summary>
    /// <param name="tensor">What is sent on rank <paramref name="source"/>, and replaced on the others.</param>
    /// <param name="source">The rank that sends.</param>
    public void broadcast(Tensor tensor, int source) => broadcast_async(tensor, source).Wait();

    /// <inheritdoc cref="broadcast"/>
    public abstract CollectiveWork broadcast_async(Tensor tensor, int source);

    /// <summary>Returns when all ranks have come here.</summary>
    public abstract void barrier();

    /// <summary>Divides the group. All ranks call it at the same time.</summary>
    /// <param name="colour">Ranks of the same colour, 0 or more, form a new group.</param>
    /// <param name="key">Orders the ranks of the new group; by rank where it is equal.</param>
    /// <returns>The group of this rank, which the caller disposes of.</returns>
    public abstract ProcessGroup split(int colour, int key = 0);

    /// <summary>Releases the group. All ranks do so at about the same time.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the engine holds.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A collective under way.</summary>
public abstract class CollectiveWork
{
    /// <summary>Whether it is done. Never waits.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>Returns when it is done. May be called more than once.</summary>
    public abstract void Wait();

    /// <summary>Returns when nothing uses its memory any more, because another error is on its way to whoever called: how it ends does not matter.</summary>
    internal void LetEnd()
    {
        try
        {
            Wait();
        }
        catch (Exception)
        {
            // The group says it to the next call.
        }
    }
}
