using System.Text;
using TorchSharp.Modules;

namespace Shampoo.Runtime;

/// <summary>
/// The part that all optimizers have in common: parameters, groups, checks, buckets, state dictionaries. A derived class says what
/// state a block has and what a step does with it.
/// </summary>
/// <remarks>Like every optimizer of torch, one is not to be used by two threads at the same time.</remarks>
/// <typeparam name="TOptions">The numbers of a parameter group.</typeparam>
public abstract class BlockedOptimizer<TOptions> : OptimizerHelper, IBucketed
    where TOptions : BlockedOptions, new()
{
    private const string LostParameters =
        "If a module with parameters gave none, it may register them by reflection (RegisterComponents), which finds nothing under NativeAOT: use register_module and register_parameter instead.";

    private readonly BlockingRules _blocking;
    private readonly TOptions _numbers;
    private readonly bool _searchNonFinite;
    private readonly Shards? _shards;
    private readonly WorkspacePool _workspaces = new();
    private readonly List<OptimizerGroup<TOptions>> _groups = [];
    private readonly Func<StateSource, BlockState> _createState;
    private readonly Func<BlockSlice, BlockSweeps> _createSweeps;
    private bool _usesOperators;
    private bool _isDisposed;

    /// <summary>Creates an optimizer without parameters; the constructor of the derived class adds them.</summary>
    /// <param name="blocking">How parameters become blocks.</param>
    /// <param name="defaults">The numbers of groups that have none of their own; all of them, and the learning rate.</param>
    /// <param name="searchNonFinite">Whether every step looks for NaN and infinity in gradients: on the CPU before it changes anything; on
    /// a GPU the device looks, and a later step reads what it found.</param>
    /// <param name="sharding">How state and work are divided among ranks; null if each has all of it.</param>
    /// <param name="processGroup">The ranks, if they are divided; null for <see cref="ProcessGroup.World"/>.</param>
    /// <exception cref="ArgumentException">The ranks cannot be divided into groups of the declared size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">One of the numbers is not in its range.</exception>
    protected BlockedOptimizer(
        BlockingRules blocking, TOptions defaults, bool searchNonFinite = true, ShardingRules? sharding = null, ProcessGroup? processGroup = null)
    {
        ArgumentNullException.ThrowIfNull(blocking);
        ArgumentNullException.ThrowIfNull(defaults);
        defaults.RequireValid(new OptionCheck(where: null));
        defaults.InitialLearningRate = defaults.LearningRate!.Value;
        _blocking = blocking;
        _numbers = defaults;
        _searchNonFinite = searchNonFinite;
        _shards = sharding is null ? null : new Shards(sharding, processGroup ?? ProcessGroup.World);
        _createState = CreateState;
        _createSweeps = CreateSweeps;
        _defaults = defaults;
        _parameter_groups = [];
    }

    /// <summary>The parameter groups.</summary>
    protected IEnumerable<BlockedParamGroup<TOptions>> Groups => _groups.Select(group => group.ParamGroup);

    /// <summary>The kernels of <see cref="Dialect.Cuda"/>; null if there are none.</summary>
    protected virtual string? CudaText => null;

    /// <summary>The dialect that the declaration asks for.</summary>
    protected virtual ElementwiseDialect DeclaredDialect => ElementwiseDialect.Automatic;

    /// <summary>When blocks are refreshed, if that is staggered; null if not.</summary>
    protected virtual StaggeredRefresh? Staggering => null;

    /// <summary>How many elements a slice of a bucket may have (one block at least); null for what suits the device.</summary>
    internal virtual long? WorkspaceElements => null;

    /// <summary>Whether NaN and infinity in gradients of this kind are looked for on their device, and reported after the step.</summary>
    internal virtual bool SearchesLate(StorageKind kind) => kind.DeviceType != (int)DeviceType.CPU;

    /// <summary>Whether tensors on the CPU are read and written in memory, not by operators.</summary>
    internal virtual bool UsesMemory => NativeTensor.IsAvailable;

    /// <summary>The groups as checkpoints see them.</summary>
    internal IReadOnlyList<ISavedGroup> SavedGroups => _groups;

    internal IEnumerable<Bucket> Buckets => _groups.SelectMany(group => group.Buckets);

    IEnumerable<Bucket> IBucketed.Buckets => Buckets;

    /// <summary>Makes the state of a range of blocks.</summary>
    /// <param name="source">Where it gets its arrays from.</param>
    protected abstract BlockState CreateState(StateSource source);

    /// <summary>Makes the sweeps of a slice.</summary>
    /// <param name="slice">Its arrays, and the dialect to write the sweeps in.</param>
    protected abstract BlockSweeps CreateSweeps(BlockSlice slice);

    /// <summary>One step of a parameter group.</summary>
    /// <param name="slices">The blocks that have a gradient.</param>
    /// <param name="options">The group's numbers; none is null.</param>
    /// <param name="t">The number of the step, from 1.</param>
    protected abstract void StepGroup(BlockSlices slices, TOptions options, long t);

    /// <summary>Runs the step of a group. Measurements override it to run a part of one.</summary>
    internal virtual void RunGroup(BlockSlices slices, TOptions options, long t) => StepGroup(slices, options, t);

    /// <summary>Switches the parameters between Y, where gradients are taken, and the average X of the iterates Z: W ← W + coefficient·(Z − W).</summary>
    /// <remarks>
    /// Parameters of 16 bits cannot hold X exactly, so Y would come back changed: it is put aside, and brought back as it was.
    /// </remarks>
    /// <param name="isEvaluating">Whether they are to hold X. Groups whose parameters already hold what they are to hold are left alone.</param>
    /// <param name="array">The name of Z in the state.</param>
    /// <param name="coefficient">1 − 1/μ_y from Y to X, and 1 − μ_y back.</param>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    protected void SwitchIterates(bool isEvaluating, string array, Func<TOptions, double> coefficient)
    {
        ArgumentNullException.ThrowIfNull(coefficient);
        RequireUnmoved();
        using var noGrad = torch.no_grad();
        foreach (var group in _groups.Where(group => group.Average.IsEvaluating != isEvaluating))
        {
            group.Switch(isEvaluating, array, coefficient(group.Options));
            group.Average.IsEvaluating = isEvaluating;
        }
        _shards?.ShareParameters();
    }

    /// <summary>Adds the groups that a constructor was given.</summary>
    /// <param name="groups">At least one.</param>
    /// <exception cref="ArgumentException">There is no group or no parameter; see <see cref="add_param_group"/> for the rest.</exception>
    protected void AddParameterGroups(IEnumerable<BlockedParamGroup<TOptions>> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        try
        {
            foreach (var group in groups)
                add_param_group(group);
            if (_groups.Count == 0)
                throw new ArgumentException($"The optimizer has no parameters. {LostParameters}", nameof(groups));
        }
        catch
        {
            Dispose(); // nobody will get the optimizer whose state this is
            throw;
        }
    }

    /// <summary>Adds a group of parameters. Nothing is added if it is refused.</summary>
    /// <param name="param_group">A group of this optimizer's own kind. Its numbers that are null get the optimizer's.</param>
    /// <exception cref="ArgumentException">The group has no parameters, or one that is null, disposed, there twice, does not require grad,
    /// overlaps itself, shares its memory with another one, or is no matrix where only matrices can be preconditioned; or the group is of another
    /// optimizer.</exception>
    /// <exception cref="ArgumentOutOfRangeException">One of the numbers is not in its range.</exception>
    /// <exception cref="NotSupportedException">A parameter is sparse, or neither float32, float64, bfloat16 nor float16.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override void add_param_group(ParamGroup param_group)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(param_group);
        if (param_group is not BlockedParamGroup<TOptions> group)
            throw new ArgumentException($"The group is a {param_group.GetType().FullName}; use the ParamGroup of {GetType().Name}.", nameof(param_group));
        var number = _groups.Count;
        if (group.IsInUse)
            throw new ArgumentException($"Group {number} belongs to an optimizer already. Dispose that one first, or make another group of the parameters.", nameof(param_group));

        var named = NameParameters(group, number);
        var check = new ParameterCheck(number, _groups.SelectMany(known => known.Parameters));
        foreach (var (name, parameter) in named)
            check.Require(name, parameter);
        var options = group.Options ??= new TOptions();
        options.FillFrom(_numbers);
        options.RequireValid(new OptionCheck($"group {number}"));
        options.InitialLearningRate = options.LearningRate!.Value;
        Add(Block(number, group, named));
    }

    /// <summary>The parameters of all groups, in order.</summary>
    public override IEnumerable<Parameter> parameters() =>
        _groups.SelectMany(group => group.Parameters).Select(parameter => parameter.Parameter);

    /// <summary>Sets all gradients to zero.</summary>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override void zero_grad()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var noGrad = torch.no_grad();
        foreach (var group in _groups)
        {
            foreach (var parameter in group.Parameters)
            {
                parameter.RequireUnmoved();
                using var gradient = parameter.Parameter.grad;
                gradient?.zero_();
            }
        }
    }

    /// <summary>Takes one step.</summary>
    /// <remarks>
    /// Everything is checked before anything is changed: after any exception but <see cref="IncompleteStepException"/> parameters and state
    /// are as before. Gradients on a GPU are searched for NaN and infinity there, without waiting for it: what is found is reported by
    /// the next step, or by a later one where the device has not come so far.
    /// </remarks>
    /// <param name="closure">Computes the loss and its gradients anew; evaluated once, before the step, with gradients enabled. What it
    /// throws goes through to the caller.</param>
    /// <returns>The loss that <paramref name="closure"/> returned; null without one.</returns>
    /// <exception cref="InvalidOperationException">A parameter was replaced, disposed or changed, or a gradient is sparse or not like its
    /// parameter.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of a group was set to null or to a value that is not in its range.</exception>
    /// <exception cref="NotFiniteNumberException">A gradient on the CPU contains NaN or infinity.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed, or <paramref name="closure"/> disposed it.</exception>
    /// <exception cref="IncompleteStepException">The step failed when it had begun, and has changed parameters and state in part; for
    /// instance, inverse roots could not be computed, or another rank has failed. Or an earlier one had NaN or infinity in a gradient on a
    /// GPU. Load a saved state before going on.</exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var loss = closure is null ? null : Evaluate(closure);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var operators = _usesOperators ? new OperatorScope() : null;
        try
        {
            _shards?.Begin();
            foreach (var group in _groups)
                group.BeginStep(_searchNonFinite && _shards is not { ReducesGradients: true }); // which looks at the averages
            _shards?.ReduceGradients(_searchNonFinite);
            foreach (var group in _groups)
                Step(group);
            _shards?.Complete();
        }
        catch when (_shards is not null)
        {
            _shards.Fail();
            throw;
        }
        finally
        {
            foreach (var group in _groups)
                group.EndStep();
        }
        return loss!;
    }

    /// <summary>
    /// How well inverse roots and eigenbases fit the factor matrices, of every block and dimension that has been refreshed since the optimizer
    /// was made or a state was loaded, which does not say how it was refreshed: directly after a refresh this is the error of the solver. Empty where nothing has matrices.
    /// </summary>
    /// <remarks>
    /// Computed when it is called, by two eigendecompositions in float64 for each matrix; a step does nothing for it. On a GPU it waits for the
    /// device.
    /// </remarks>
    /// <returns>In the order of parameters, blocks and dimensions.</returns>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public IReadOnlyList<RootResidual> RootResiduals()
    {
        RequireUnmoved();
        return [.. _groups.SelectMany(static group => group.RootResiduals())];
    }

    /// <summary>
    /// The state of all parameters, and the numbers and step counts of all groups. The states are the optimizer's own, not copies; the
    /// options can be read as they are now, and are brought up to date when they are saved or loaded by another optimizer.
    /// </summary>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public override StateDictionary state_dict()
    {
        RequireUnmoved();
        var own = base.state_dict();
        var load = new StagedLoad(own.Options.Count + own.State.Count);
        for (var g = 0; g < _groups.Count; g++)
        {
            _groups[g].Part = new StagedPart(load, g, $"the numbers of group {g}");
            _groups[g].Saved.Refresh();
            own.Options[g] = _groups[g].Saved;
        }
        var index = own.Options.Count;
        foreach (var state in own.State.Cast<BlockedParameterState>())
            state.Part = new StagedPart(load, index++, $"the state of '{state.Name}'");
        return own;
    }

    /// <summary>Takes over the state and the numbers of another optimizer of the same declaration for parameters of the same shapes.</summary>
    /// <param name="state_dict">What <see cref="state_dict"/> of the other one returned.</param>
    /// <exception cref="InvalidDataException">It does not fit; the message says what differs. Nothing was changed.</exception>
    public override void load_state_dict(StateDictionary state_dict)
    {
        ArgumentNullException.ThrowIfNull(state_dict);
        var own = this.state_dict();
        RequireCounts(state_dict.Options.Count, state_dict.State.Count, own);
        for (var g = 0; g < own.Options.Count; g++)
            ((BlockedOptions)own.Options[g]).RequireSameOptimizer(state_dict.Options[g]);
        for (var p = 0; p < own.State.Count; p++)
            ((BlockedParameterState)own.State[p]).RequireSameState(state_dict.State[p]);

        using var noGrad = torch.no_grad();
        for (var g = 0; g < own.Options.Count; g++)
            own.Options[g].LoadStateDict(state_dict.Options[g]);
        for (var p = 0; p < own.State.Count; p++)
            own.State[p].LoadStateDict(state_dict.State[p]);
    }

    /// <summary>Saves the state and the numbers to a file, which has its old content until the new one is complete.</summary>
    /// <remarks>Called on a variable of type <see cref="OptimizerHelper"/>, TorchSharp's own method runs, which begins by emptying the file.</remarks>
    /// <param name="location">The path of the file, which is replaced. Another file beside it is written first.</param>
    /// <exception cref="IncompleteStepException">The last step had NaN or infinity in a gradient on a GPU; the file has its old content.</exception>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public new void save_state_dict(string location)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        RequireUnmoved();
        AtomicFile.Write(location, stream =>
        {
            using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
                save_state_dict(writer);
            // What was copied from a device came after what it reported.
            foreach (var group in _groups)
                group.RequireNothingFound();
        });
    }

    /// <summary>Loads what <see cref="save_state_dict(string)"/> wrote.</summary>
    /// <param name="location">The path of the file.</param>
    /// <exception cref="InvalidDataException">It does not fit or is damaged; the message says what differs. Nothing was changed.</exception>
    public new void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    /// <summary>Loads what <c>save_state_dict</c> wrote.</summary>
    /// <remarks>Called on a variable of type <see cref="OptimizerHelper"/>, TorchSharp's own method runs: it changes nothing on failure
    /// either, but has messages of its own where the class or the counts differ.</remarks>
    /// <param name="reader">Where from.</param>
    /// <exception cref="InvalidDataException">It does not fit or is damaged; the message says what differs. Nothing was changed.</exception>
    public new void load_state_dict(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var own = state_dict();
        var (name, groups, parameters) = StagedLoad.Read(
            "its header", () => (reader.ReadString(), Options: reader.Read7BitEncodedInt64(), States: reader.Read7BitEncodedInt64()));
        if (name != GetType().Name)
            throw new InvalidDataException($"The state was saved by the optimizer '{name}', not by '{GetType().Name}'. Load it into an optimizer of that class, or start without it.");
        RequireCounts(groups, parameters, own);
        foreach (var options in own.Options)
            options.LoadStateDict(reader);
        foreach (var state in own.State)
            state.LoadStateDict(reader);
    }

    /// <summary>
    /// Saves the state and the numbers as safetensors, by the names of parameters, in a form that any number of ranks can load. The old
    /// checkpoint is there until the new one is complete.
    /// </summary>
    /// <param name="path">A file, such as <c>optimizer.safetensors</c>, which is replaced. Several ranks write one file each beside it, and
    /// its index, <c>optimizer.safetensors.index.json</c>.</param>
    /// <param name="group">The ranks that have the state together, all of which make this call; they see the same folder. Its tensors are on
    /// the parameters' device. Null for the optimizer's own: its process group if it is distributed, and this process alone otherwise.</param>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed, two parameters have one name, or the ranks do not have
    /// the state of all blocks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of a group was set to null or to a value that is not in its range.</exception>
    /// <exception cref="IOException">Writing failed, here or on another rank.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void save_checkpoint(string path, ProcessGroup? group = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireUnmoved();
        Checkpoint(group).Save(path);
    }

    /// <summary>Loads what <see cref="save_checkpoint"/> wrote, on as many ranks as there are now.</summary>
    /// <param name="path">The path that it was saved to.</param>
    /// <param name="rename">For parameters that have other names now: from the name in the checkpoint to the name in this optimizer.</param>
    /// <param name="group">The ranks that have the state together, all of which make this call. Null for the optimizer's own, as in <see cref="save_checkpoint"/>.</param>
    /// <exception cref="InvalidDataException">It does not fit, is damaged, or is no checkpoint; the message says what differs. Nothing was changed.</exception>
    /// <exception cref="FileNotFoundException">It is not there, or not complete. Nothing was changed.</exception>
    /// <exception cref="ArgumentException"><paramref name="rename"/> names what the checkpoint does not have. Nothing was changed.</exception>
    /// <exception cref="IOException">Another rank failed, and nothing was changed; or a file changed while it was read, and the message says
    /// that the state is loaded in part.</exception>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed, or two have one name.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void load_checkpoint(string path, IReadOnlyDictionary<string, string>? rename = null, ProcessGroup? group = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireUnmoved();
        Checkpoint(group).Load(path, rename);
    }

    /// <summary>Moves the state to another device. For parameters that have stayed where they are, as the way back.</summary>
    /// <param name="device">Where to.</param>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public new void to(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        RequireUnmoved();
        base.to(device);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            foreach (var group in _groups)
                group.Dispose();
            _workspaces.Dispose();
            _shards?.Dispose();
        }
        base.Dispose(disposing);
    }

    private static Tensor Evaluate(Func<Tensor> closure)
    {
        using var grad = torch.enable_grad();
        return closure();
    }

    private static (string Name, Parameter Parameter)[] NameParameters(BlockedParamGroup<TOptions> group, int number)
    {
        var named = group.NamedParameters();
        if (named.Length == 0)
            throw new ArgumentException($"Group {number} has no parameters. {LostParameters}", "parameters");
        var result = new (string, Parameter)[named.Length];
        for (var i = 0; i < named.Length; i++)
            result[i] = (named[i].Name ?? $"parameter {i} of group {number}", named[i].Parameter);
        return result;
    }

    // The same for every member that looks at all parameters.
    private void RequireUnmoved()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        foreach (var group in _groups)
        {
            foreach (var parameter in group.Parameters)
                parameter.RequireUnmoved();
        }
    }

    private OptimizerCheckpoint Checkpoint(ProcessGroup? group) =>
        new(GetType().Name, _groups, new CheckpointRanks(group ?? _shards?.Ranks, _groups[0].Parameters[0].Kind.Device(), _shards?.Writers(group)));

    private void Step(OptimizerGroup<TOptions> group)
    {
        var t = group.CountStep();
        try
        {
            group.BeginSearches();
            RunGroup(new BlockSlices(group.Buckets, group.Average, group.Norms), group.Options, t);
        }
        catch (Exception e)
        {
            group.RequireNothingFound(); // what made the step fail, it may be
            throw new IncompleteStepException(t, group.Number, e);
        }
    }

    private void Add(OptimizerGroup<TOptions> group)
    {
        for (var p = 0; p < group.Parameters.Length; p++)
        {
            var parameter = group.Parameters[p];
            var places = parameter.Plan.Places.Where(place => place.Bucket >= 0).Select(place => (group.Buckets[place.Bucket], place.Position));
            _state[parameter.Key] = new BlockedParameterState(parameter, [.. places]);
        }
        group.ParamGroup.Parameters = Array.ConvertAll(group.Parameters, parameter => parameter.Parameter);
        group.ParamGroup.IsInUse = true;
        _groups.Add(group);
        _usesOperators |= Array.Exists(group.Buckets, bucket => !bucket.Dialect.IsVector()) || Array.Exists(group.Parameters, parameter => parameter is OperatorParameter);
        _parameter_groups.Add(group.ParamGroup);
    }

    private OptimizerGroup<TOptions> Block(int number, BlockedParamGroup<TOptions> group, (string Name, Parameter Parameter)[] named)
    {
        var all = BlockPlan.Create(_blocking, named.Select(entry => (entry.Parameter.shape, BlockedParameter.KindOf(entry.Parameter))));
        for (var i = 0; i < named.Length; i++)
            _blocking.RequireMatrix(named[i].Name, named[i].Parameter.shape, all.Parameters[i]);
        var owners = _shards?.Assign(all, _blocking) ?? [];
        var plan = _shards?.Own(all, owners) ?? all;
        var turns = Staggering is { } staggering ? new RefreshTurns(all, staggering) : null;
        var parameters = new BlockedParameter[named.Length];
        for (var i = 0; i < named.Length; i++)
            parameters[i] = Block(named[i].Name, named[i].Parameter, plan.Parameters[i]);

        var buckets = new List<Bucket>();
        try
        {
            foreach (var bucket in plan.Buckets)
                buckets.Add(new Bucket(bucket, parameters, _createState, _workspaces, WorkspaceElements, _createSweeps, CudaText, DeclaredDialect, turns));
        }
        catch
        {
            buckets.ForEach(bucket => bucket.Dispose());
            throw;
        }
        var norms = _shards?.Add(all, owners, parameters, [.. buckets]) ?? new GroupNorms(GroupNorms.Order(all, parameters), [.. buckets]);
        return new OptimizerGroup<TOptions>(number, group, parameters, [.. buckets], norms, _shards?.Name(owners) ?? "");
    }

    private BlockedParameter Block(string name, Parameter parameter, ParameterPlan plan) =>
        UsesMemory && parameter.device_type == DeviceType.CPU
            ? new MemoryParameter(parameter, name, plan) { IsSearchedLate = IsSearchedLate(parameter) }
            : new OperatorParameter(parameter, name, plan) { IsSearchedLate = IsSearchedLate(parameter) };

    private bool IsSearchedLate(Parameter parameter) => _searchNonFinite && SearchesLate(BlockedParameter.KindOf(parameter));

    private static void RequireCounts(long groups, long parameters, StateDictionary own)
    {
        if (groups != own.Options.Count)
            throw new InvalidDataException($"The state has {groups} parameter groups, but this optimizer has {own.Options.Count}.");
        if (parameters != own.State.Count)
            throw new InvalidDataException($"The state has {parameters} parameters, but this optimizer has {own.State.Count}.");
    }
}
