using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Stochastic gradient descent, with momentum if there is any.</summary>
public class SGD : OptimizerHelper, IMomentum
{
    public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    public SGD(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
    {
        if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (momentum < 0) throw new ArgumentException($"Invalid momentum value: {momentum}");
        if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
        if (nesterov && (momentum == 0 || dampening != 0)) throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
        _defaults = new Options {
            LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    /// <summary>The momentum of the first group; setting it sets that of all groups.</summary>
    public double Momentum
    {
        get => ((ParamGroup)_parameter_groups[0]).Momentum;
        set {
            foreach (var group in _parameter_groups) ((ParamGroup)group).Momentum = value;
        }
    }

    public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(group => {
        var options = group.Options;
        double momentum = options.momentum!.Value, decay = options.weight_decay!.Value, lr = options.LearningRate!.Value;
        foreach (var parameter in group.Parameters) {
            var grad = parameter.grad;
            if (grad is null) continue;
            if (options.maximize!.Value) grad = grad.neg();
            if (decay != 0) grad = grad.add(parameter, decay);
            if (momentum != 0) {
                var state = (State)_state[parameter.Handle];
                if (state.momentum_buffer is null) state.momentum_buffer = grad.clone().DetachFromDisposeScope();
                else state.momentum_buffer.mul_(momentum).add_(grad, 1 - options.dampening!.Value);
                grad = options.nesterov!.Value ? grad.add(state.momentum_buffer, momentum) : state.momentum_buffer;
            }
            parameter.add_(grad, -lr);
        }
    }, closure);

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var defaults = (Options)_defaults;
        param_group.Options ??= new Options();
        var options = (Options)param_group.Options;
        options.LearningRate ??= defaults.LearningRate;
        options.momentum ??= defaults.momentum;
        options.dampening ??= defaults.dampening;
        options.weight_decay ??= defaults.weight_decay;
        options.nesterov ??= defaults.nesterov;
        options.maximize ??= defaults.maximize;
        options.InitialLearningRate = options.LearningRate!.Value;
        param_group.Parameters = param_group.Parameters.ToArray();
        _parameter_groups.Add(param_group);
        foreach (var parameter in param_group.Parameters) _state[parameter.Handle] = new State(parameter);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        foreach (var (_, state) in _state) ((State)state).Dispose();
        _state.Clear();
    }

    /// <summary>The momentum of a parameter.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        public Tensor? momentum_buffer;

        public State(Parameter parameter) : base(parameter)
        {
        }

        public override void Initialize(OptimizerOptions options)
        {
        }

        public void Dispose() => momentum_buffer?.Dispose();

        public override void to(Device device) => momentum_buffer = momentum_buffer?.to(device, disposeAfter: true).DetachFromDisposeScope();

        public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

        public override void LoadStateDict(BinaryReader reader) => LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);

        public override void LoadStateDict(OptimizerState source)
        {
            var other = ((State)source).momentum_buffer;
            momentum_buffer?.Dispose();
            momentum_buffer = other?.clone().DetachFromDisposeScope();
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state && (momentum_buffer is null ? state.momentum_buffer is null : state.momentum_buffer is not null && momentum_buffer.allclose(state.momentum_buffer));
    }

    /// <summary>The numbers of SGD.</summary>
    public class Options : OptimizerOptions
    {
        public double? momentum;
        public double? dampening;
        public double? weight_decay;
        public bool? nesterov;
        public bool? maximize;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(momentum!.Value);
            writer.Write(dampening!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(nesterov!.Value);
            writer.Write(maximize!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            momentum = reader.ReadDouble();
            dampening = reader.ReadDouble();
            weight_decay = reader.ReadDouble();
            nesterov = reader.ReadBoolean();
            maximize = reader.ReadBoolean();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            momentum = other.momentum;
            dampening = other.dampening;
            weight_decay = other.weight_decay;
            nesterov = other.nesterov;
            maximize = other.maximize;
        }
    }

    /// <summary>Parameters with numbers of their own.</summary>
    public class ParamGroup : ParamGroup<Options>, IMomentum
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
            : base(parameters, new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize })
        {
        }

        public double Momentum
        {
            get => Options.momentum!.Value;
            set => Options.momentum = value;
        }
    }
}
