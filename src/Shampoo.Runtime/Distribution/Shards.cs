namespace Shampoo.Runtime;

/// <summary>
/// The ranks that share the state of an optimizer: who owns which block, and what they send each other in a step. With one rank nothing is sent.
/// </summary>
/// <remarks>
/// A rank that cannot go on takes part in what the others wait for next, once, and says so there; then all of them stop. Where the state is divided in
/// groups, those of its group learn of it so, or when they have exchanged what they have computed, and the others then. Where the host runs ahead of a device they
/// read it after the step only: then the rank takes part in all that they wait for until its end.
/// </remarks>
internal sealed class Shards : IDisposable
{
    private readonly ShardingRules _rules;
    private readonly ProcessGroup _world;
    private readonly ProcessGroup? _group;      // null with one rank
    private readonly ProcessGroup? _replicas;   // the ranks that own the same blocks; null without need of them
    private BlockAssignment _assignment, _next;     // _next: with the blocks of a group that may still be refused
    private readonly int _rank;
    private readonly int _size;
    private readonly List<ShardedGroup> _groups = [];
    private readonly List<FlatBuffer> _buffers = [];
    private readonly List<BlockTransfer> _outgoing = [];
    private readonly List<BlockTransfer> _incoming = [];
    private readonly List<GradientReduction> _reductions = [];
    private DirectionSquares?[] _squares = [];      // of each group
    private CollectiveWork?[] _works = [];
    private StepHeader? _header;
    private GradientAgreement? _agreement;
    private GradientAgreement? _completion; // with the ranks of other groups; null if there are none
    private LateFlags[] _flags = [];    // all of the three
    private bool _isBuilt;
    private bool _isAwaited;            // by the others, who will exchange something with this rank in this step
    private bool _isAwaitedByAll;       // of them, to agree on its completion
    private bool _isReduced;            // and agreed upon by all ranks
    private int _nextAverage, _nextSquares, _nextGather;  // the exchanges of a step that come next: an average of gradients has two

    /// <param name="rules">What was declared.</param>
    /// <param name="world">All ranks.</param>
    /// <exception cref="ArgumentException">The ranks cannot be divided into groups of the declared size.</exception>
    public Shards(ShardingRules rules, ProcessGroup world)
    {
        _rules = rules;
        _world = world;
        _size = GroupSize(rules.GroupSize, world.Size);
        _rank = world.Rank % _size;
        _assignment = _next = new BlockAssignment(_size);
        if (_size > 1)
            _group = _size == world.Size ? world : world.split(world.Rank / _size);
        if (rules.ReducesGradients && _size < world.Size)
            _replicas = _size == 1 ? world : world.split(_rank);
    }

    /// <summary>Whether the gradients that a rank has are not yet the averages over all.</summary>
    public bool ReducesGradients => _rules.ReducesGradients && _world.Size > 1;

    /// <summary>The ranks that have the state, some of it more than once; null if this one has all of it alone.</summary>
    public ProcessGroup? Ranks => _world.Size > 1 ? _world : null;

    private bool SendsDirections => _rules.Communicates == Communicated.Directions;

    /// <summary>What the others get to hear from a rank that has failed.</summary>
    public static InvalidOperationException Failed(int rank) => new(
        $"Rank {rank} could not complete the step; its own exception says why.");

    /// <summary>Assigns the blocks of a group, which counts when it is added.</summary>
    /// <returns>The owner of every block, in the order of <see cref="BlockPlan.Members"/>.</returns>
    public int[] Assign(BlockPlan plan, BlockingRules blocking)
    {
        _next = _assignment.Copy();
        return _next.Assign([.. plan.Members.Select(member => _rules.CostOf(blocking, member.Bucket))]);
    }

    /// <summary>The part of a plan that this rank owns.</summary>
    public BlockPlan Own(BlockPlan plan, int[] owners) => plan.OwnedBy(owners, _rank);

    /// <summary>What tells this rank's part of the state of a group from that of others; empty if it is all of it.</summary>
    /// <param name="owners">Of the group's blocks; a hash of them is a part of the name.</param>
    public string Name(int[] owners) => _size == 1 ? ""
        : $"rank {_rank} of {_size}, {_rules.Assignment}, assignment {CollectiveSignature.HashOf([.. owners.Select(owner => (long)owner)]):x16}";

    /// <summary>How many ranks have all of the state together, if it is saved by all; null if the ranks are others.</summary>
    public int? Writers(ProcessGroup? ranks) => ranks is null || ranks == _world ? _size : null;

    /// <summary>Adds a group.</summary>
    /// <returns>The norms of its steps.</returns>
    public GroupNorms Add(BlockPlan plan, int[] owners, BlockedParameter[] parameters, Bucket[] buckets)
    {
        var blocks = plan.Members.Zip(owners, (member, owner) => new OwnedBlock(parameters[member.Block.Parameter], member.Block.Block, owner));
        _assignment = _next;
        _groups.Add(new ShardedGroup(parameters, [.. blocks], buckets));
        Release();
        return new ShardedNorms(this, _groups.Count - 1, GroupNorms.Order(plan, parameters), buckets);
    }

    /// <summary>Begins a step, before anything can go wrong in it.</summary>
    /// <exception cref="IncompleteStepException">A GPU reports that the ranks did not complete an earlier step together.</exception>
    public void Begin()
    {
        Await(false);
        if (!_isBuilt)
            Build();
        foreach (var flags in _flags)
            flags.BeginStep();
        _agreement?.RequireEarlierAgreement(); // which comes first in a step, and says more
        _header?.RequireEarlierAgreement();
        _completion?.RequireEarlierAgreement();
        Await(_world.Size > 1);
        _isReduced = !ReducesGradients;
        (_nextAverage, _nextSquares, _nextGather) = (0, 0, 0);
    }

    /// <summary>Averages the gradients, if that is part of the step, and agrees with the others on whether it can go on.</summary>
    /// <param name="searchNonFinite">Whether NaN and infinity are looked for.</param>
    /// <exception cref="InvalidOperationException">A rank has failed, or the ranks have gradients of different parameters. Nothing was changed.</exception>
    /// <exception cref="NotFiniteNumberException">An average is not finite. Nothing was changed.</exception>
    public void ReduceGradients(bool searchNonFinite)
    {
        if (!_isReduced)
            Reduce(searchNonFinite, hasFailed: false);
    }

    /// <summary>The norm of all average gradients of a group; null where gradients are the same on all ranks.</summary>
    public double? ReducedGradientNorm(int group) => ReducesGradients ? _agreement!.Norm(group) : null;

    /// <summary>The squares of the directions of the blocks of a group, on whichever rank they are; null where all are here.</summary>
    /// <exception cref="InvalidOperationException">Another rank has failed.</exception>
    public DirectionSquares? ExchangeSquares(int group, string direction)
    {
        if (_squares[group] is not { } squares)
            return null;
        squares.Exchange(direction);
        _nextSquares = group + 1;
        _isAwaited = false;
        squares.RequireAgreement();
        _isAwaited = true;
        return squares;
    }

    /// <summary>Ends a step: all ranks get the changes of the blocks that each of them owns, and apply them.</summary>
    /// <exception cref="IncompleteStepException">A rank has failed, the ranks have gradients of different parameters, or they lost each other.</exception>
    public void Complete()
    {
        foreach (var transfer in _outgoing)
            transfer.Run(TransferKind.Pack, ModelTensor.Parameter);
        if (_group is not null)
            Gather(hasFailed: false);
        _isAwaited = false;
        _header?.RequireAgreement();
        AgreeWithAll(hasFailed: false);
        foreach (var transfer in _incoming)
            transfer.Run(SendsDirections ? TransferKind.Add : TransferKind.Unpack, ModelTensor.Parameter);
    }

    /// <summary>Tells the others that this rank cannot go on, unless they know, where they wait for it next.</summary>
    public void Fail()
    {
        // What this rank has failed with is what there is to say.
        if (_isAwaited)
            Try(TellGroup);
        if (_isAwaitedByAll)
            Try(() => AgreeWithAll(hasFailed: true));
        Await(false);
        foreach (var flags in _flags)
            flags.ForgetStep();
    }

    /// <summary>Forgets what was said of earlier steps and not read yet: another state is loaded.</summary>
    public void Forget()
    {
        foreach (var flags in _flags)
            flags.Forget();
    }

    /// <summary>Gives all ranks the parameters of the owners of their blocks, as they are. All ranks call it together.</summary>
    public void ShareParameters()
    {
        if (_group is null)
            return;
        foreach (var blocks in _groups.SelectMany(group => group.Blocks).GroupBy(block => block.Parameter.Kind))
        {
            using var buffer = new FlatBuffer(new FlatLayout(blocks, _size, header: 0), (ScalarType)blocks.Key.ElementType, blocks.Key.Device(), _rank);
            foreach (var block in buffer.OwnBlocks)
                Copy(block, buffer, isSent: true);
            _group.all_gather(buffer.All, buffer.Own, buffer.Layout.Counts);
            foreach (var block in buffer.OtherBlocks)
                Copy(block, buffer, isSent: false);
        }
    }

    public void Dispose()
    {
        Release();
        if (_replicas != _world)
            _replicas?.Dispose();
        if (_group != _world)
            _group?.Dispose();
    }

    private static int GroupSize(int declared, int ranks)
    {
        if (declared == -1 || ranks == 1)
            return ranks;
        return ranks % declared == 0 ? declared : throw new ArgumentException(
            $"{ranks} ranks cannot be divided into groups of {declared}, as [Distributed(GroupSize = {declared})] says. "
            + $"Start a multiple of {declared} ranks, or declare a divisor of {ranks}.", "process_group");
    }

    private void Await(bool isAwaited) => (_isAwaited, _isAwaitedByAll) = (isAwaited, isAwaited && _completion is not null);

    private static void Try(Action tell)
    {
        try
        {
            tell();
        }
        catch (Exception)
        {
        }
    }

    // Where the others of the group wait next; and where they still do after that, because they have not read what they were told.
    private void TellGroup()
    {
        if (!_isReduced)
        {
            Try(() => Reduce(searchNonFinite: false, hasFailed: true));
            Await(_isReduced && _agreement!.IsReadLate);
            if (!_isAwaited)
                return; // all ranks have learned of it
        }
        foreach (var squares in _squares.Skip(_nextSquares).OfType<DirectionSquares>())
        {
            squares.Exchange(direction: null);
            if (!squares.IsReadLate)
                return;
        }
        if (_group is not null)
            Gather(hasFailed: true);
    }

    // Headers go round in a group; this goes beyond it.
    private void AgreeWithAll(bool hasFailed)
    {
        if (_completion is null)
            return;
        _completion.Begin(hasFailed);
        _completion.Ask();
        _isAwaitedByAll = false;
        _completion.Reach(mustRead: false, hasChanged: true);
    }

    // Goes on where it was, if it has failed on the way: what the others wait for is what comes next.
    private void Reduce(bool searchNonFinite, bool hasFailed)
    {
        for (; _nextAverage < 2 * _reductions.Count; _nextAverage++)
        {
            var reduction = _reductions[_nextAverage / 2];
            if (_nextAverage % 2 == 1)
            {
                reduction.AverageOverGroups(_replicas);
                continue;
            }
            if (!hasFailed)
                reduction.Pack();
            reduction.AverageInGroup(_group);
        }
        _agreement!.Begin(hasFailed);
        foreach (var reduction in _reductions)
        {
            if (!hasFailed)
                reduction.Report(_agreement, searches: searchNonFinite && reduction.Device.type == DeviceType.CPU, adds: _rules.ClipsGradients);
        }
        _agreement.Ask();
        _isReduced = true;
        Await(_agreement.IsReadLate);
        _agreement.Reach(mustRead: _rules.ClipsGradients, hasChanged: false);
        Await(true);
        foreach (var reduction in _reductions)
        {
            if (!hasFailed)
                reduction.Adopt();
        }
    }

    private void Gather(bool hasFailed)
    {
        Array.Clear(_works);
        try
        {
            if (_nextGather == 0)
                _header?.Write(hasFailed);  // later the others do not hear of it before they wait for this rank again
            for (; _nextGather < _buffers.Count; _nextGather++)
                _works[_nextGather] = _group!.all_gather_async(_buffers[_nextGather].All, _buffers[_nextGather].Own, _buffers[_nextGather].Layout.Counts);
            foreach (var work in _works)
                work?.Wait();
        }
        catch (Exception e)
        {
            foreach (var work in _works)
                work?.LetEnd();
            throw IncompleteStepException.OfRanks($"The ranks could not exchange what they have computed. {e.Message}", e);
        }
    }

    private void Build()
    {
        var parameters = _groups.SelectMany(group => group.Parameters).ToArray();
        var blocks = _groups.SelectMany(group => group.Blocks).ToArray();
        var travelAsTheyAre = blocks.All(block => Travels(block.Parameter.Kind) == block.Parameter.Kind);
        foreach (var travelling in _size == 1 && !SendsDirections && travelAsTheyAre ? [] : blocks.GroupBy(block => Travels(block.Parameter.Kind)))
        {
            var header = _buffers.Count == 0 && _size == _world.Size ? StepHeader.ElementsFor(parameters.Length) : 0;
            AddBuffer(new FlatLayout(travelling, _size, header), travelling.Key);
        }
        if (_size < _world.Size)
            _completion = new GradientAgreement(_groups, _world, _size, parameters.Length > 0 ? parameters[0].Kind.Device() : torch.CPU);
        else if (_buffers.Count > 0 && _group is not null)
            _header = new StepHeader(_buffers[0], parameters, _rank, isLate: _world.RunsAheadOf(_buffers[0].All.device_type));
        _works = new CollectiveWork?[_buffers.Count];
        _squares = [.. _groups.Select(group => _rules.ScalesLayers && _group is not null && group.Blocks.Length > 0 ? new DirectionSquares(group, _group, _world.Rank - _rank) : null)];
        if (ReducesGradients)
            BuildReductions(blocks, sharesMemory: travelAsTheyAre && _buffers.Count > 0);
        _flags = [.. new LateFlags?[] { _agreement, _header, _completion }.OfType<LateFlags>()];
        _isBuilt = true;
    }

    private void AddBuffer(FlatLayout layout, StorageKind kind)
    {
        var buffer = new FlatBuffer(layout, (ScalarType)kind.ElementType, kind.Device(), _rank);
        _buffers.Add(buffer);
        if (SendsDirections)
        {
            SendUpdates(buffer);
            _incoming.Add(new BlockTransfer(buffer.All, 0, layout.Blocks));
            return;
        }
        // What is rounded on its way is rounded for its owner, too.
        var received = Array.FindAll(layout.Blocks, block => block.Owner != _rank || block.Parameter.Kind.ElementType != kind.ElementType);
        _outgoing.Add(new BlockTransfer(buffer.All, 0, buffer.OwnBlocks));
        _incoming.Add(new BlockTransfer(buffer.All, 0, received));
    }

    // The blocks of a bucket lie one after the other.
    private void SendUpdates(FlatBuffer buffer)
    {
        foreach (var bucket in _groups.SelectMany(group => group.Buckets))
        {
            var (parameter, number) = bucket.Members[0];
            var first = Array.FindIndex(buffer.Layout.Blocks, block => block.Parameter == parameter && block.Block == number);
            if (first >= 0)
                bucket.SendUpdates(buffer.Stack(buffer.Layout.Blocks[first].Offset, [bucket.Count, .. bucket.BlockShape]));
        }
    }

    // Where parameters travel in their own dtype, gradients can use the same memory: they have been averaged when the step begins to compute.
    private void BuildReductions(OwnedBlock[] blocks, bool sharesMemory)
    {
        if (sharesMemory)
            _reductions.AddRange(_buffers.Select(buffer => new GradientReduction(buffer, ownsBuffer: false, _rank)));
        foreach (var kind in sharesMemory ? [] : blocks.GroupBy(block => block.Parameter.Kind))
        {
            var buffer = new FlatBuffer(new FlatLayout(kind, _size, header: 0), (ScalarType)kind.Key.ElementType, kind.Key.Device(), _rank);
            _reductions.Add(new GradientReduction(buffer, ownsBuffer: true, _rank));
        }
        var device = _reductions.Count > 0 ? _reductions[0].Device : torch.CPU;
        _agreement = new GradientAgreement(_groups, _world, _size, device);
    }

    // Without another Communication nothing is rounded: changes are what the arithmetic has made them, parameters what they are.
    private StorageKind Travels(StorageKind kind)
    {
        var stored = (ScalarType)kind.ElementType;
        return kind with { ElementType = (int)_rules.Communication.ToScalarType(SendsDirections ? stored.Arithmetic() : stored) };
    }

    private static void Copy(FlatBlock block, FlatBuffer buffer, bool isSent)
    {
        using var scope = torch.NewDisposeScope();
        var travelling = buffer.All.narrow(0, block.Offset, block.Elements).view([.. block.Region.Size]);
        var parameter = block.Parameter;
        var values = parameter.Parameter.detach().reshape(parameter.Plan.MergedShape);
        if (isSent)
        {
            travelling.copy_(block.Region.Of(values));
            return;
        }
        block.Region.Of(values).copy_(travelling);
        parameter.Parameter.copy_(values.reshape(parameter.Shape)); // which changes nothing where the values are a view
    }

    private void Release()
    {
        foreach (var disposable in _outgoing.Concat<IDisposable?>(_incoming).Concat(_reductions).Concat(_squares).Concat(_buffers))
            disposable?.Dispose();
        _agreement?.Dispose();
        _completion?.Dispose();
        _header?.Dispose();
        _outgoing.Clear();
        _incoming.Clear();
        _reductions.Clear();
        _squares = [];
        _buffers.Clear();
        _header = null;
        _agreement = null;
        _completion = null;
        _flags = [];
        _isBuilt = false;
    }
}
