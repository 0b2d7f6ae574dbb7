using TorchSharp.Modules;

namespace Shampoo.Runtime;

/// <summary>
/// The part that all optimizers have in common: parameters, groups, checks, buckets, state dictionaries. A derived class says what
/// state a block has and what a step does with it.
/// </summary>
/// <remarks>Like every optimizer of torch, one is not to be used by two threads at the same time.</remarks>
/// <typeparam name="TOptions">The numbers of a parameter group.</typeparam>
public abstract class BlockedOptimizer<TOptions> : OptimizerHelper
    where TOptions : BlockedOptions, new()
{
    private const string LostParameters =
        "If a module with parameters gave none, it may register them by reflection (RegisterComponents), which finds nothing under NativeAOT: use register_module and register_parameter instead.";

    private readonly BlockingRules _blocking;
    private readonly TOptions _numbers;
    private readonly bool _searchNonFinite;
    private readonly WorkspacePool _workspaces = new();
    private readonly List<Group> _groups = [];
    private readonly Dictionary<nint, BlockedParameter> _byHandle = [];
    private readonly Func<StateSource, BlockState> _createState;
    private bool _isDisposed;

    /// <summary>Creates an optimizer without parameters; the constructor of the derived class adds them.</summary>
    /// <param name="blocking">How parameters become blocks.</param>
    /// <param name="defaults">The numbers of groups that have none of their own; all of them, and the learning rate.</param>
    /// <param name="searchNonFinite">Whether every step looks for NaN and infinity in gradients before it changes anything. On the
    /// CPU only: on a GPU that would make every step wait for the device, and is left to a later version.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of the numbers is not in its range.</exception>
    protected BlockedOptimizer(BlockingRules blocking, TOptions defaults, bool searchNonFinite = true)
    {
        ArgumentNullException.ThrowIfNull(blocking);
        ArgumentNullException.ThrowIfNull(defaults);
        defaults.RequireValid();
        defaults.InitialLearningRate = defaults.LearningRate!.Value;
        _blocking = blocking;
        _numbers = defaults;
        _searchNonFinite = searchNonFinite;
        _createState = CreateState;
        _defaults = defaults;
        _parameter_groups = [];
    }

    /// <summary>The parameter groups.</summary>
    protected IEnumerable<BlockedParamGroup<TOptions>> Groups => _groups.Select(group => group.ParamGroup);

    /// <summary>How many elements a slice of a bucket may have (one block at least).</summary>
    internal virtual long WorkspaceElements => 1L << 24;

    /// <summary>Whether tensors on the CPU are read and written in memory, not by operators.</summary>
    internal virtual bool UsesMemory => NativeTensor.IsAvailable;

    internal IEnumerable<Bucket> Buckets => _groups.SelectMany(group => group.Buckets);

    /// <summary>Makes the state of a range of blocks.</summary>
    /// <param name="source">Where it gets its arrays from.</param>
    protected abstract BlockState CreateState(StateSource source);

    /// <summary>One step of a parameter group.</summary>
    /// <param name="slices">The blocks that have a gradient.</param>
    /// <param name="options">The group's numbers; none is null.</param>
    /// <param name="t">The number of the step, from 1.</param>
    protected abstract void StepGroup(BlockSlices slices, TOptions options, long t);

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
    /// <exception cref="ArgumentException">The group has no parameters, or one that is null, disposed, there twice, or does not require
    /// grad; or the group is of another optimizer.</exception>
    /// <exception cref="ArgumentOutOfRangeException">One of the numbers is not in its range.</exception>
    /// <exception cref="NotSupportedException">A parameter is neither float32 nor float64.</exception>
    public override void add_param_group(ParamGroup param_group)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(param_group);
        if (param_group is not BlockedParamGroup<TOptions> group)
            throw new ArgumentException($"The group is a {param_group.GetType().FullName}; use the ParamGroup of {GetType().Name}.", nameof(param_group));

        var number = _groups.Count;
        var named = NameParameters(group, number);
        RequireUsable(named, number);
        var options = group.Options ??= new TOptions();
        options.FillFrom(_numbers);
        options.RequireValid($"group {number}");
        options.InitialLearningRate = options.LearningRate!.Value;
        options.ParameterCount = named.Length;
        Add(Block(group, named));
    }

    /// <summary>The parameters of all groups, in order.</summary>
    public override IEnumerable<Parameter> parameters() =>
        _groups.SelectMany(group => group.Parameters).Select(parameter => parameter.Parameter);

    /// <summary>Sets all gradients to zero.</summary>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed.</exception>
    public override void zero_grad()
    {
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
    /// <param name="closure">Computes the loss and its gradients anew; evaluated once, before the step, with gradients enabled.</param>
    /// <returns>The loss that <paramref name="closure"/> returned; null without one.</returns>
    /// <exception cref="InvalidOperationException">A parameter was replaced, disposed or changed, or a gradient is sparse or not like its
    /// parameter. Parameters and state are as before.</exception>
    /// <exception cref="NotFiniteNumberException">A gradient contains NaN or infinity (parameters and state are as before), or a factor
    /// matrix or one of its roots does.</exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var loss = closure is null ? null : Evaluate(closure);
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();

        foreach (var group in _groups)
            group.BeginStep(_searchNonFinite);
        foreach (var group in _groups)
            StepGroup(new BlockSlices(group.Buckets), group.Options, ++group.Options.step);
        return loss!;
    }

    /// <summary>The state of all parameters and the numbers of all groups. They are the optimizer's own, not copies.</summary>
    /// <exception cref="InvalidOperationException">A parameter was replaced or disposed.</exception>
    public override StateDictionary state_dict()
    {
        foreach (var group in _groups)
        {
            foreach (var parameter in group.Parameters)
                parameter.RequireUnmoved();
        }
        return base.state_dict();
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

    /// <summary>Saves the state and the numbers to a file.</summary>
    /// <param name="location">The path of the file, which is replaced.</param>
    public new void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    /// <summary>Saves the state and the numbers, in TorchSharp's order: type, counts, options, states.</summary>
    /// <param name="writer">Where to.</param>
    public new void save_state_dict(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var own = state_dict();
        writer.Write(GetType().Name);
        writer.Write7BitEncodedInt64(own.Options.Count);
        writer.Write7BitEncodedInt64(own.State.Count);
        foreach (var options in own.Options)
            options.SaveStateDict(writer);
        foreach (var state in own.State)
            state.SaveStateDict(writer);
    }

    /// <summary>Loads what <see cref="save_state_dict(string)"/> wrote.</summary>
    /// <param name="location">The path of the file.</param>
    /// <exception cref="InvalidDataException">It does not fit or is damaged; the message says what differs. Nothing was changed.</exception>
    public new void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    /// <summary>Loads what <see cref="save_state_dict(BinaryWriter)"/> wrote.</summary>
    /// <remarks>Called on a variable of type <see cref="OptimizerHelper"/>, TorchSharp's own method runs: it loads the same data, but part by
    /// part, so that what came before an error stays loaded.</remarks>
    /// <param name="reader">Where from.</param>
    /// <exception cref="InvalidDataException">It does not fit or is damaged; the message says what differs. Nothing was changed.</exception>
    public new void load_state_dict(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var own = state_dict();
        var options = new List<TOptions>();
        var states = new List<IReadOnlyList<SavedArray>>();
        var reading = "its header";
        try
        {
            ReadHeader(reader, own);
            for (var g = 0; g < own.Options.Count; g++)
            {
                reading = $"the numbers of group {g}";
                var staged = new TOptions { ParameterCount = _groups[g].Parameters.Length };
                staged.LoadStateDict(reader);
                options.Add(staged);
            }
            foreach (var state in own.State.Cast<BlockedParameterState>())
            {
                reading = $"the state of '{state.Name}'";
                states.Add(state.Stage(reader));
            }
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException($"The saved state ends or is damaged in {reading}. Nothing was loaded.", e);
        }

        using var noGrad = torch.no_grad();
        for (var g = 0; g < options.Count; g++)
            own.Options[g].LoadStateDict(options[g]);
        for (var p = 0; p < states.Count; p++)
            ((BlockedParameterState)own.State[p]).Commit(states[p]);
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

    private void RequireUsable((string Name, Parameter Parameter)[] parameters, int number)
    {
        var names = new Dictionary<nint, string>();
        foreach (var (name, parameter) in parameters)
        {
            if (parameter is null)
                throw new ArgumentException($"The parameter '{name}' is null.", nameof(parameters));
            if (parameter.IsInvalid)
                throw new ArgumentException($"The parameter '{name}' is disposed; moving a module (module.to(…)) replaces its parameters.", nameof(parameters));
            if (!names.TryAdd(parameter.Handle, name))
                throw new ArgumentException($"The parameter '{name}' is in group {number} twice; the other time as '{names[parameter.Handle]}'.", nameof(parameters));
            if (_byHandle.TryGetValue(parameter.Handle, out var known))
                throw new ArgumentException($"The parameter '{name}' is in another group already, as '{known.Name}'.", nameof(parameters));
            if (!parameter.requires_grad)
                throw new ArgumentException($"The parameter '{name}' does not require grad. Leave it out, or set requires_grad to true before the optimizer is made.", nameof(parameters));
            if (parameter.dtype is not (ScalarType.Float32 or ScalarType.Float64))
                throw new NotSupportedException($"The parameter '{name}' is {parameter.dtype}; parameters must be Float32 or Float64.");
        }
    }

    private void Add(Group group)
    {
        for (var p = 0; p < group.Parameters.Length; p++)
        {
            var parameter = group.Parameters[p];
            var places = Array.ConvertAll(parameter.Plan.Places, place => (group.Buckets[place.Bucket], place.Position));
            _byHandle[parameter.Key] = parameter;
            _state[parameter.Key] = new BlockedParameterState(parameter, places);
        }
        group.ParamGroup.Parameters = Array.ConvertAll(group.Parameters, parameter => parameter.Parameter);
        _groups.Add(group);
        _parameter_groups.Add(group.ParamGroup);
    }

    private Group Block(BlockedParamGroup<TOptions> group, (string Name, Parameter Parameter)[] named)
    {
        var plan = BlockPlan.Create(_blocking, named.Select(entry => (entry.Parameter.shape, BlockedParameter.KindOf(entry.Parameter))));
        var parameters = new BlockedParameter[named.Length];
        for (var i = 0; i < named.Length; i++)
            parameters[i] = Block(named[i].Name, named[i].Parameter, plan.Parameters[i]);

        var buckets = new List<Bucket>();
        try
        {
            foreach (var bucket in plan.Buckets)
                buckets.Add(new Bucket(bucket, parameters, _createState, _workspaces, WorkspaceElements));
        }
        catch
        {
            buckets.ForEach(bucket => bucket.Dispose());
            throw;
        }
        return new Group(group, parameters, [.. buckets]);
    }

    private BlockedParameter Block(string name, Parameter parameter, ParameterPlan plan) =>
        UsesMemory && parameter.device_type == DeviceType.CPU
            ? new MemoryParameter(parameter, name, plan)
            : new OperatorParameter(parameter, name, plan);

    private void ReadHeader(BinaryReader reader, StateDictionary own)
    {
        var name = reader.ReadString();
        if (name != GetType().Name)
            throw new InvalidDataException($"The state was saved by the optimizer '{name}', not by '{GetType().Name}'.");
        RequireCounts(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), own);
    }

    private static void RequireCounts(long groups, long parameters, StateDictionary own)
    {
        if (groups != own.Options.Count)
            throw new InvalidDataException($"The state has {groups} parameter groups, but this optimizer has {own.Options.Count}.");
        if (parameters != own.State.Count)
            throw new InvalidDataException($"The state has {parameters} parameters, but this optimizer has {own.State.Count}.");
    }

    private sealed class Group(BlockedParamGroup<TOptions> paramGroup, BlockedParameter[] parameters, Bucket[] buckets) : IDisposable
    {
        public BlockedParamGroup<TOptions> ParamGroup => paramGroup;

        public TOptions Options => paramGroup.Options;

        public BlockedParameter[] Parameters => parameters;

        public Bucket[] Buckets => buckets;

        public void BeginStep(bool searchNonFinite)
        {
            foreach (var bucket in buckets)
                bucket.RequireStateBesideParameters();
            foreach (var parameter in parameters)
                parameter.BeginStep(searchNonFinite);
        }

        public void Dispose()
        {
            foreach (var parameter in parameters)
                parameter.Dispose();
            foreach (var bucket in buckets)
                bucket.Dispose();
        }
    }
}
