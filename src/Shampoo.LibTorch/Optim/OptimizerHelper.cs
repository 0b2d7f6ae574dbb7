using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>What optimizers written in C# have in common: groups, states, and files of them.</summary>
public abstract class OptimizerHelper : Optimizer
{
    protected OptimizerOptions _defaults = null!;

    /// <summary>The states by the handles of their parameters.</summary>
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

#pragma warning disable CA1012 // public, because TorchSharp's is
    public OptimizerHelper()
    {
    }
#pragma warning restore CA1012

    public void save_state_dict(string location)
    {
        using var stream = File.Create(location);
        using var writer = new BinaryWriter(stream);
        save_state_dict(writer);
    }

    public void load_state_dict(string location)
    {
        using var stream = File.OpenRead(location);
        using var reader = new BinaryReader(stream);
        load_state_dict(reader);
    }

    /// <summary>Writes the name of the class, the counts, the options of the groups, and the states in the order of the parameters.</summary>
    public void save_state_dict(BinaryWriter writer)
    {
        writer.Write(GetType().Name);
        var own = state_dict();
        writer.Encode(own.Options.Count);
        writer.Encode(own.State.Count);
        foreach (var options in own.Options) options.SaveStateDict(writer);
        foreach (var state in own.State) state.SaveStateDict(writer);
    }

    /// <summary>Reads what <c>save_state_dict</c> wrote, for the same class with the same groups and parameters.</summary>
    public void load_state_dict(BinaryReader reader)
    {
        string name = reader.ReadString();
        if (name != GetType().Name)
            throw new InvalidDataException($"Mismatched optimizer type: expected '{GetType().Name}', but found '{name}' in the loaded stream.");
        long options = reader.Decode();
        long states = reader.Decode();
        var own = state_dict();
        CheckCounts(own, options, states);
        foreach (var o in own.Options) o.LoadStateDict(reader);
        foreach (var s in own.State) s.LoadStateDict(reader);
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        CheckCounts(own, state_dict.Options.Count, state_dict.State.Count);
        for (int i = 0; i < own.Options.Count; i++)
            if (own.Options[i] != state_dict.Options[i]) own.Options[i].LoadStateDict(state_dict.Options[i]);
        for (int i = 0; i < own.State.Count; i++)
            if (own.State[i] != state_dict.State[i]) own.State[i].LoadStateDict(state_dict.State[i]);
    }

    /// <summary>The options and the states themselves, not copies of them.</summary>
    public virtual StateDictionary state_dict()
    {
        var result = new StateDictionary();
        foreach (var group in _parameter_groups) {
            result.Options.Add(group.Options);
            var indices = new List<int>();
            foreach (var parameter in group.Parameters) {
                indices.Add(result.State.Count);
                result.State.Add(_state[parameter.Handle]);
            }
            result.StateIndexRef.Add(indices);
        }
        return result;
    }

    /// <summary>Moves the states to a device.</summary>
    public void to(Device device)
    {
        foreach (var group in _parameter_groups)
            foreach (var parameter in group.Parameters) _state[parameter.Handle].to(device);
    }

    /// <summary>Sets the gradients to zero in place.</summary>
    public override void zero_grad()
    {
        using var mode = no_grad();
        foreach (var group in _parameter_groups) {
            foreach (var parameter in group.Parameters) {
                using var grad = parameter.grad;
                grad?.zero_();
            }
        }
    }

    public override IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

    public override void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

    /// <summary>A step: the closure with gradients on, then the body for each group, without gradients and in a dispose scope.</summary>
    protected Tensor? _step<T>(Action<T> body, Func<Tensor>? loss_closure = null) where T : ParamGroup
    {
        Tensor? loss = null;
        if (loss_closure is not null) {
            using var on = enable_grad();
            loss = loss_closure();
        }
        using var off = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in _parameter_groups) body((T)group);
        return loss;
    }

    private static void CheckCounts(StateDictionary own, long options, long states)
    {
        if (options != own.Options.Count) throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.");
        if (states != own.State.Count) throw new ArgumentException("Invalid optimizer state -- different number of states.");
    }
}
