namespace Shampoo.Runtime;

/// <summary>Blocks of equal shape, dtype and device, and their stacked state.</summary>
internal sealed class Bucket : IDisposable
{
    private const long CacheElements = 1L << 19;
    private const long MemoryElements = 1L << 24;
    private const int BlocksPerThread = 2; // of a slice of large blocks: fewer ends at which threads wait for each other

    private readonly Func<StateSource, BlockState> _createState;
    private readonly Func<BlockSlice, BlockSweeps> _createSweeps;
    private readonly WorkspacePool _workspaces;
    private readonly int _sliceLength;
    private readonly List<BlockSlice> _slices = [];
    private readonly List<StackedArray> _arrays = [];
    private readonly List<StackedArray> _held = [];
    private readonly List<StackedCounters> _counters = [];
    private PendingRefreshes? _pending;
    private torch.Device _device;
    private StackedCounters? _gradients;    // that every block has had, if they are counted

    /// <param name="plan">Which blocks.</param>
    /// <param name="parameters">The parameters of the group.</param>
    /// <param name="createState">Makes the state of the declared optimizer.</param>
    /// <param name="workspaces">Shared by all buckets of an optimizer.</param>
    /// <param name="sliceElements">How many elements a slice may have, one block at least; null for what suits the device.</param>
    /// <param name="createSweeps">Makes the sweeps of the declared optimizer; null if there are none.</param>
    /// <param name="kernels">Their text for the GPU; null if there is none.</param>
    /// <param name="elementwise">The dialect that was declared.</param>
    /// <param name="turns">When blocks are refreshed; null if that is in the same step.</param>
    public Bucket(
        BucketPlan plan, IReadOnlyList<BlockedParameter> parameters, Func<StateSource, BlockState> createState,
        WorkspacePool workspaces, long? sliceElements = null, Func<BlockSlice, BlockSweeps>? createSweeps = null,
        string? kernels = null, ElementwiseDialect elementwise = ElementwiseDialect.Automatic, RefreshTurns? turns = null)
    {
        Turns = turns?.Of(plan.Members);
        BlockShape = plan.BlockShape;
        Kind = plan.Kind;
        IsLarge = plan.IsLarge;
        IsSkipped = plan.IsSkipped;
        Members = [.. plan.Members.Select(member => (parameters[member.Parameter], member.Block))];
        LastRefreshes = new LastRefresh?[Count];
        BlockElements = BlockShape.Aggregate(1L, (product, size) => product * size);
        _createState = createState;
        _createSweeps = createSweeps ?? (slice => new NoSweeps(slice));
        _workspaces = workspaces;
        _device = Kind.Device();
        Module = kernels is null ? null : Cuda.TryPrepare(kernels, this, isTrusted: elementwise == ElementwiseDialect.Cuda);
        var usesMemory = Members[0].Parameter is MemoryParameter && elementwise != ElementwiseDialect.Torch;
        Dialect = Module is not null ? Dialect.Cuda : Dialects.Choose(Kind, usesMemory);
        _sliceLength = sliceElements is { } elements ? (int)Math.Clamp(elements / BlockElements, 1, Count) : SliceLength();
        State = createState(new StateSource(this, 0, Count));
    }

    public long[] BlockShape { get; }

    public long BlockElements { get; }

    /// <summary>Whether the blocks are preconditioned element by element, because a dimension is too large.</summary>
    public bool IsLarge { get; }

    /// <summary>Whether the blocks are not preconditioned.</summary>
    public bool IsSkipped { get; }

    /// <summary>The form in which the elementwise part of a step runs.</summary>
    public Dialect Dialect { get; }

    /// <summary>The kernels of <see cref="Dialect.Cuda"/>; null in other dialects.</summary>
    public CudaModule? Module { get; }

    /// <summary>The dtype of the arithmetic, and so of workspaces.</summary>
    public ScalarType WorkspaceType => ((ScalarType)Kind.ElementType).Arithmetic();

    public StorageKind Kind { get; }

    /// <summary>When every block is refreshed; null if that is in the same step.</summary>
    public BlockTurns? Turns { get; }

    /// <summary>What is computed beside the steps. Its outcomes are counters of the state.</summary>
    public PendingRefreshes PendingRefreshes => _pending ??= new PendingRefreshes(CountersOf(PendingRefreshes.Name).Values);

    /// <summary>Whether the parameters have fewer bits than the arithmetic.</summary>
    public bool RoundsParameters => (ScalarType)Kind.ElementType != WorkspaceType;

    /// <summary>The block of every position of the stack.</summary>
    public (BlockedParameter Parameter, int Block)[] Members { get; }

    public int Count => Members.Length;

    /// <summary>[blocks, …], what owners of blocks send to the other ranks: the changes of the parameters; null where nothing is sent.</summary>
    public Tensor? Updates { get; private set; }

    /// <summary>The state of all blocks.</summary>
    public BlockState State { get; private set; }

    /// <summary>The stacked arrays of the state, in the order in which the state asked for them.</summary>
    public IReadOnlyList<StackedArray> Arrays => _arrays;

    /// <summary>The counters of the state, in the order in which the state asked for them.</summary>
    public IReadOnlyList<StackedCounters> Counters => _counters;

    /// <summary>What the last refresh of every block was told; null if that is not known: before the first one, or because state was loaded.</summary>
    public LastRefresh?[] LastRefreshes { get; }

    /// <summary>Compares the matrices of the blocks; null if they have none.</summary>
    public FactorDiagnostics? Diagnostics { get; set; }

    /// <summary>The state of a range of blocks, as views that the state owns.</summary>
    public BlockState StateOf(int start, int count) => _createState(new StateSource(this, start, count));

    public BlockSweeps CreateSweeps(BlockSlice slice) => _createSweeps(slice);

    /// <summary>A stack of blocks in memory that is shared by all slices that ask for the same purpose.</summary>
    public WorkspaceView View(string purpose, int blocks, bool isModel = false, ScalarType? type = null)
    {
        var kind = Kind with { ElementType = (int)(type ?? WorkspaceType) };
        return new(_workspaces.Get(kind, purpose, blocks * BlockElements), [blocks, .. BlockShape], hasRows: isModel && !Dialect.IsVector());
    }

    /// <summary>Where the blocks begin that a step can work on together after <paramref name="start"/>, and how many there are; 0 for none.</summary>
    public (int Start, int Count) NextRun(int start)
    {
        while (start < Count && !Members[start].Parameter.IsActive)
            start++;
        var end = start;
        while (end < Count && end - start < _sliceLength && Members[end].Parameter.IsActive && AreAlike(start, end))
            end++;
        return (start, end - start);
    }

    /// <summary>Has blocks count their gradients.</summary>
    public void CountGradients() => _gradients = CountersOf("gradients");

    /// <summary>Counts a gradient of some neighbouring blocks that have had equally many, and returns how many that were.</summary>
    public int CountGradient(int start, int count)
    {
        var gradients = _gradients!.Values.AsSpan(start, count);
        var before = gradients[0];
        gradients.Fill(before + 1);
        return before;
    }

    // Whether blocks are at the same step, where they count steps for themselves.
    private bool AreAlike(int one, int other) => _gradients is null || _gradients.Values[one] == _gradients.Values[other];

    /// <summary>
    /// The slice of a run. Those that occur when every block has a gradient are kept; others belong to the caller, who releases them.
    /// </summary>
    public BlockSlice Slice(int start, int count, out bool isTemporary)
    {
        isTemporary = start % _sliceLength != 0 || count != Math.Min(_sliceLength, Count - start);
        if (isTemporary)
            return Make(start, count);

        var index = start / _sliceLength;
        while (_slices.Count <= index)
        {
            var first = _slices.Count * _sliceLength;
            _slices.Add(Make(first, Math.Min(_sliceLength, Count - first)));
        }
        return _slices[index];
    }

    /// <summary>Throws if the state has been moved away from the parameters.</summary>
    public void RequireStateBesideParameters()
    {
        if (!AreBeside(_arrays.Count > 0 ? BlockedParameter.KindOf(_arrays[0].Tensor) : Kind, Kind))
        {
            throw new InvalidOperationException(
                $"The state of '{Members[0].Parameter.Name}' is on {_device}, but the parameter is on {Kind.Device()}. Move the optimizer back with to(…).");
        }
    }

    /// <summary>Whether two kinds are on one device. There is one CPU, whatever its index.</summary>
    public static bool AreBeside(StorageKind one, StorageKind other) =>
        one.DeviceType == other.DeviceType && (one.DeviceIndex == other.DeviceIndex || one.DeviceType == (int)DeviceType.CPU);

    /// <summary>Waits until nothing is computed beside the steps: for whoever reads the state outside of them.</summary>
    public void Settle() => _pending?.Wait();

    /// <summary>The same, for whoever writes it: forgets what is not saved.</summary>
    public void Forget()
    {
        _pending?.Forget();
        LastRefreshes.AsSpan().Clear();
    }

    /// <summary>Moves all of the state to another device.</summary>
    public void Move(torch.Device device)
    {
        if (device.type == _device.type && device.index == _device.index)
            return;
        Settle();
        ReleaseSlices();
        State.Dispose();
        foreach (var array in _arrays.Concat(_held))
            array.Move(device);
        _device = device;
        State = StateOf(0, Count);
    }

    /// <summary>Says where the changes of the parameters go.</summary>
    /// <param name="updates">[blocks, …], which the bucket owns from now on.</param>
    public void SendUpdates(Tensor updates)
    {
        ReleaseSlices();
        Updates?.Dispose();
        Updates = updates;
    }

    /// <summary>An array of the state.</summary>
    public StackedArray Array(string name, Func<Tensor> allocate) =>
        Find(_arrays, name, () => new StackedArray(name, allocate().DetachFromDisposeScope()));

    /// <summary>An array of the state in 8 bits.</summary>
    public QuantizedArray QuantizedArray(string name) =>
        (QuantizedArray)Find(_arrays, name, () => new QuantizedArray(name, [Count, .. BlockShape], WorkspaceType, Kind.Device()));

    /// <summary>Factor matrices in memory that they share with <see cref="PackedRoots"/>.</summary>
    public StackedArray PackedFactors(string name, Func<Tensor> allocate) =>
        Find(_arrays, name, () => PackedArray.OfFactors(name, allocate().DetachFromDisposeScope()));

    /// <summary>Roots in the memory of packed factor matrices.</summary>
    public StackedArray PackedRoots(string name, string factors, Action<Tensor> initialise) => Find(_arrays, name, () =>
    {
        var roots = ((PackedArray)_arrays.Single(array => array.Name == factors)).Roots(name);
        initialise(roots.Tensor);
        return roots;
    });

    /// <summary>An array that is not saved.</summary>
    public StackedArray HeldArray(string name, Func<Tensor> allocate) =>
        Find(_held, name, () => new StackedArray(name, allocate().DetachFromDisposeScope()));

    private static StackedArray Find(List<StackedArray> arrays, string name, Func<StackedArray> create)
    {
        var array = arrays.Find(candidate => candidate.Name == name);
        if (array is null)
            arrays.Add(array = create());
        return array;
    }

    /// <summary>The contents of an array that is not saved.</summary>
    public Tensor Held(string name) => _held.Single(array => array.Name == name).Tensor;

    /// <summary>[blocks, …]: a fresh tensor, in the arithmetic's dtype.</summary>
    public Tensor CopyParameters()
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var copy = torch.empty([Count, .. BlockShape], dtype: WorkspaceType, device: Kind.Device());
        for (var i = 0; i < Count; i++)
        {
            var (parameter, block) = Members[i];
            var values = parameter.Parameter.detach().reshape(parameter.Plan.MergedShape);
            copy.select(0, i).copy_(parameter.Plan.Blocks[block].Of(values));
        }
        return copy.MoveToOuterDisposeScope();
    }

    public StackedCounters CountersOf(string name)
    {
        var counters = _counters.Find(candidate => candidate.Name == name);
        if (counters is null)
            _counters.Add(counters = new StackedCounters(name, new int[Count]));
        return counters;
    }

    public string Describe(int position)
    {
        var (parameter, block) = Members[position];
        return parameter.Plan.Blocks.Length == 1
            ? $"'{parameter.Name}'"
            : $"block {block} {parameter.Plan.Blocks[block]} of '{parameter.Name}'";
    }

    public void Dispose()
    {
        _pending?.Dispose();
        ReleaseSlices();
        State.Dispose();
        Updates?.Dispose();
        foreach (var array in _arrays.Concat(_held))
            array.Dispose();
    }

    // On the CPU successive sweeps and products find a slice in its cache, and all threads have equal shares of it; elsewhere a slice only has to
    // fit in memory. All are nearly equal, but for the last one.
    private int SliceLength()
    {
        var threads = Dialect.IsVector() ? ShampooThreads.Count : 1;
        var share = threads > 1 ? BlocksPerThread * threads : 1;
        var longest = Dialect.IsVector() ? Math.Max(CacheElements / BlockElements, share) : Math.Max(MemoryElements / BlockElements, 1);
        var slices = (Count - 1) / longest + 1;
        var length = (Count + slices - 1) / slices;
        return (int)Math.Min((length + threads - 1) / threads * threads, Count);
    }

    private BlockSlice Make(int start, int count) => new(this, start, count);

    private void ReleaseSlices()
    {
        foreach (var slice in _slices)
            slice.Release();
        _slices.Clear();
    }
}

/// <summary>What has state in buckets, whatever the numbers of its groups are.</summary>
internal interface IBucketed
{
    IEnumerable<Bucket> Buckets { get; }
}

/// <summary>For buckets whose optimizer has none.</summary>
internal sealed class NoSweeps(BlockSlice slice) : BlockSweeps(slice);

/// <summary>One count for each block of a bucket.</summary>
internal sealed class StackedCounters(string name, int[] values)
{
    public string Name => name;

    public int[] Values => values;
}
