using System.Globalization;

namespace Shampoo.Runtime;

/// <summary>
/// Data parallelism for a module: every rank has the whole model, takes its part of each batch, and gets the mean of all ranks' gradients. Then
/// any optimizer does the same on all of them.
/// </summary>
/// <remarks>
/// <para>The mean over ranks is the gradient of the whole batch where the loss is a mean over the rank's part, and the parts are equally large.</para>
/// <para>Gradients are averaged in buckets, in the reverse order of parameters, while the next bucket is being filled. TorchSharp tells nobody when
/// a gradient is ready, so it begins when backward has ended. Each bucket has memory for its gradients, to which parameters' gradients
/// are moved: as long as they stay there (<c>optimizer.zero_grad()</c> leaves them) averaging copies nothing and allocates no tensor. Buckets are made by
/// the first averaging; who only wants all ranks to begin alike, calls <c>loss.backward()</c> itself, and has none.</para>
/// <para>A parameter without a gradient on a rank counts as zeros there, and gets the mean; it stays without one where no rank has any. So ranks may
/// use different parts of a model. All ranks must call <see cref="backward"/> or <see cref="average_gradients"/> equally often.</para>
/// <para>16 bits are averaged as the engine does: MPI in float32, rounded once; NCCL rounds between ranks.</para>
/// <para>After <see cref="average_gradients"/> all ranks have the same gradients, bit for bit. With one rank nothing is exchanged or moved.</para>
/// </remarks>
public sealed class DistributedDataParallel : IDisposable
{
    private const double BytesInMegabyte = 1 << 20;

    private readonly NamedTensor[] _parameters;
    private readonly NamedTensor[] _frozen;
    private readonly NamedTensor[] _buffers;
    private readonly long _cap;
    private GradientBucket[]? _gradientBuckets;
    private BroadcastBucket[]? _bufferBuckets;
    private int _withoutSynchronization;
    private bool _isDisposed;

    /// <summary>Makes all ranks begin alike: checks that they have the same model, and gives them the parameters and buffers of rank 0. All ranks call it together.</summary>
    /// <param name="module">The model, on its device already. It stays the caller's, and is called as ever. What is frozen (<c>requires_grad = false</c>) now stays so.</param>
    /// <param name="process_group">The ranks (default: <see cref="ProcessGroup.World"/>). It stays the caller's.</param>
    /// <param name="bucket_cap_mb">The most that a bucket holds, in MiB of gradients, more than 0. Larger ones are fewer exchanges, smaller ones begin earlier (default: 25).</param>
    /// <param name="broadcast_buffers">Whether all ranks get the buffers of rank 0, such as the running statistics of batch normalisation, whenever
    /// gradients are averaged (default: true).</param>
    /// <exception cref="ArgumentException">Ranks have different models, by names, shapes, dtypes, or what is frozen, or different options (the message, the same on all
    /// ranks, names the first difference); or nothing in the model requires a gradient.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bucket_cap_mb"/> is not more than 0, on all ranks.</exception>
    /// <exception cref="NotSupportedException">A parameter or buffer is sparse, or of a dtype that cannot be exchanged.</exception>
    /// <exception cref="CollectiveException">The ranks could not exchange something.</exception>
    public DistributedDataParallel(
        torch.nn.Module module, ProcessGroup? process_group = null, double bucket_cap_mb = 25, bool broadcast_buffers = true)
    {
        ArgumentNullException.ThrowIfNull(module);
        this.module = module;
        this.process_group = process_group ?? ProcessGroup.World;
        var state = NamedTensor.Of(module);
        new ModelComparison(this.process_group, this.process_group.Device).RequireSame(
            [string.Create(CultureInfo.InvariantCulture, $"bucket_cap_mb {bucket_cap_mb:R}"), $"broadcast_buffers {broadcast_buffers}", .. state.Select(tensor => tensor.ToString())]);
        // From here on what is wrong is so on all ranks: none is left waiting.
        if (!(bucket_cap_mb > 0))
            throw new ArgumentOutOfRangeException(nameof(bucket_cap_mb), bucket_cap_mb, "The size of a bucket must be more than 0 MiB.");
        Array.ForEach(state, BroadcastBucket.RequireSendable);
        _parameters = [.. state.Where(tensor => tensor.Role == "parameter" && tensor.Tensor.requires_grad)];
        _frozen = [.. state.Where(tensor => tensor.Role == "parameter" && !tensor.Tensor.requires_grad)];
        if (_parameters.Length == 0)
            throw new ArgumentException("The module has no parameter that requires a gradient. Are its parts registered (RegisterComponents, register_module)?", nameof(module));
        _buffers = [.. state.Where(tensor => broadcast_buffers && tensor.Role == "buffer")];
        _cap = (long)Math.Clamp(bucket_cap_mb * BytesInMegabyte, 1, long.MaxValue / 2);
        if (this.process_group.Size > 1)
            Synchronize(state);
    }

    /// <summary>The model.</summary>
    public torch.nn.Module module { get; }

    /// <summary>The ranks.</summary>
    public ProcessGroup process_group { get; }

    /// <summary>The parameters of each bucket, in the order of exchange; for tests.</summary>
    internal IEnumerable<string[]> BucketNames() => (_gradientBuckets ??= GradientBuckets()).Select(bucket => bucket.Names.ToArray());

    /// <summary>Computes the gradients of this rank's loss, and averages: <c>loss.backward()</c>, then <see cref="average_gradients"/>.</summary>
    /// <param name="loss">One number: the mean over this rank's part of the batch.</param>
    /// <inheritdoc cref="average_gradients" path="/exception"/>
    public void backward(Tensor loss)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(loss);
        loss.backward();
        average_gradients();
    }

    /// <summary>
    /// Gives every rank the mean of all ranks' gradients, and the buffers of rank 0; for programs that call <c>backward()</c> themselves. All
    /// ranks call it together, once for each step of the optimizer. Within <see cref="no_sync"/> it does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">A gradient is sparse or not like its parameter; a parameter was replaced, or is no longer frozen.</exception>
    /// <exception cref="CollectiveException">The ranks could not exchange something.</exception>
    public void average_gradients()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_withoutSynchronization > 0)
            return;
        RequireUnchanged();
        if (process_group.Size == 1)
            return;
        Average(_gradientBuckets ??= GradientBuckets());
        foreach (var bucket in _bufferBuckets ??= [.. BroadcastBucket.Of(_buffers, _cap)])
            bucket.Send(process_group, source: 0);
    }

    /// <summary>
    /// Until the result is disposed of, gradients of this rank only add up; the next <see cref="backward"/> afterwards averages the sums. For
    /// batches in several pieces, with one exchange for all of them. All ranks use it alike.
    /// </summary>
    /// <example>
    /// <code>
    /// using (model.no_sync())
    ///     model.backward(loss(first) / 2);
    /// model.backward(loss(second) / 2);
    /// optimizer.step();
    /// </code>
    /// </example>
    public IDisposable no_sync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new NoSync(this);
    }

    /// <summary>Releases the buckets. Gradients stay where they are, and the module and the group the caller's.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        foreach (var bucket in _gradientBuckets ?? [])
            bucket.Dispose();
        foreach (var bucket in _bufferBuckets ?? [])
            bucket.Dispose();
    }

    // While a bucket is exchanged, the next one is filled.
    private void Average(GradientBucket[] buckets)
    {
        using var scope = new OperatorScope();
        try
        {
            buckets[0].Begin(process_group);
            for (var next = 1; next < buckets.Length; next++)
            {
                buckets[next].Begin(process_group);
                buckets[next - 1].End();
            }
            buckets[^1].End();
        }
        finally
        {
            foreach (var bucket in buckets)
                bucket.LetEnd();
        }
    }

    // The last layer's gradients are the first to be known.
    private GradientBucket[] GradientBuckets()
    {
        NamedTensor[] reversed = [.. Enumerable.Reverse(_parameters)];
        return [.. BucketAssignment.Of([.. reversed.Select(parameter => (parameter.Kind, parameter.Bytes))], _cap)
            .Select(bucket => new GradientBucket([.. bucket.Select(i => reversed[i])]))];
    }

    private void Synchronize(NamedTensor[] state)
    {
        foreach (var bucket in BroadcastBucket.Of(state, _cap))
        {
            using (bucket)
                bucket.Send(process_group, source: 0);
        }
    }

    private void RequireUnchanged()
    {
        foreach (var parameter in _parameters)
            parameter.RequireUnmoved();
        foreach (var parameter in _frozen)
        {
            parameter.RequireUnmoved();
            if (parameter.Tensor.requires_grad)
            {
                throw new InvalidOperationException(
                    $"The parameter '{parameter.Name}' was frozen when DistributedDataParallel was made, and requires a gradient now. Make it anew after such a change.");
            }
        }
    }

    private sealed class NoSync : IDisposable
    {
        private DistributedDataParallel? _owner;

        public NoSync(DistributedDataParallel owner)
        {
            _owner = owner;
            owner._withoutSynchronization++;
        }

        public void Dispose()
        {
            if (_owner is not null)
                _owner._withoutSynchronization--;
            _owner = null;
        }
    }
}
