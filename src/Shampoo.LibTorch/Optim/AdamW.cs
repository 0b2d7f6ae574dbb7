using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Adam with decoupled weight decay (https://arxiv.org/abs/1711.05101).</summary>
public class AdamW : OptimizerHelper, IBetas
{
    public AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
    {
    }

    public AdamW(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
    {
        if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (eps < 0) throw new ArgumentException($"Invalid ε: {eps}");
        if (beta1 is < 0 or >= 1) throw new ArgumentException($"Invalid beta1: {beta1}");
        if (beta2 is < 0 or >= 1) throw new ArgumentException($"Invalid beta2: {beta2}");
        if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
        _defaults = new Options {
            LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    /// <summary>The averaging rates of the first group; setting them sets those of all groups.</summary>
    public (double, double) Betas
    {
        get => ((ParamGroup)_parameter_groups[0]).Betas;
        set {
            foreach (var group in _parameter_groups) ((ParamGroup)group).Betas = value;
        }
    }

    public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(group => {
        var options = group.Options;
        double lr = options.LearningRate!.Value, beta1 = options.beta1!.Value, beta2 = options.beta2!.Value, eps = options.eps!.Value;
        double decay = options.weight_decay!.Value;
        foreach (var parameter in group.Parameters) {
            var grad = parameter.grad;
            if (grad is null) continue;
            if (options.maximize!.Value) grad = grad.neg();
            var state = (State)_state[parameter.Handle];
            state.step++;
            if (decay != 0) parameter.mul_(1 - lr * decay);
            state.exp_avg.mul_(beta1).add_(grad, 1 - beta1);
            state.exp_avg_sq.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
            var square = state.exp_avg_sq;
            if (options.amsgrad!.Value) {
                using var greatest = maximum(state.max_exp_avg_sq!, square);
                square = state.max_exp_avg_sq!.copy_(greatest);
            }
            double correction1 = 1 - Math.Pow(beta1, state.step), correction2 = 1 - Math.Pow(beta2, state.step);
            using var denominator = square.sqrt().div_(Math.Sqrt(correction2)).add_(eps);
            parameter.addcdiv_(state.exp_avg, denominator, -lr / correction1);
        }
    }, closure);

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var defaults = (Options)_defaults;
        param_group.Options ??= new Options();
        var options = (Options)param_group.Options;
        options.LearningRate ??= defaults.LearningRate;
        options.beta1 ??= defaults.beta1;
        options.beta2 ??= defaults.beta2;
        options.eps ??= defaults.eps;
        options.weight_decay ??= defaults.weight_decay;
        options.amsgrad ??= defaults.amsgrad;
        options.maximize ??= defaults.maximize;
        options.InitialLearningRate = options.LearningRate!.Value;
        param_group.Parameters = param_group.Parameters.ToArray();
        _parameter_groups.Add(param_group);
        foreach (var parameter in param_group.Parameters) {
            var state = new State(parameter);
            state.Initialize(options);
            _state[parameter.Handle] = state;
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        foreach (var (_, state) in _state) ((State)state).Dispose();
        _state.Clear();
    }

    /// <summary>The moments of a parameter.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor exp_avg = null!;
        public Tensor exp_avg_sq = null!;
        public Tensor? max_exp_avg_sq;

        public State(Parameter parameter) : base(parameter)
        {
        }

        public override void Initialize(OptimizerOptions options)
        {
            step = 0;
            exp_avg = zeros_like(_parameter).DetachFromDisposeScope();
            exp_avg_sq = zeros_like(_parameter).DetachFromDisposeScope();
            if (((Options)options).amsgrad == true) max_exp_avg_sq = zeros_like(_parameter).DetachFromDisposeScope();
        }

        public void Dispose()
        {
            exp_avg.Dispose();
            exp_avg_sq.Dispose();
            max_exp_avg_sq?.Dispose();
        }

        public override void to(Device device)
        {
            exp_avg = exp_avg.to(device, disposeAfter: true).DetachFromDisposeScope();
            exp_avg_sq = exp_avg_sq.to(device, disposeAfter: true).DetachFromDisposeScope();
            max_exp_avg_sq = max_exp_avg_sq?.to(device, disposeAfter: true).DetachFromDisposeScope();
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            exp_avg.Save(writer);
            exp_avg_sq.Save(writer);
            SaveConditionalStateTensor(writer, max_exp_avg_sq);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            exp_avg.Load(reader);
            exp_avg_sq.Load(reader);
            LoadConditionalStateTensor(reader, ref max_exp_avg_sq, exp_avg.device);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var other = (State)source;
            using var mode = no_grad();
            step = other.step;
            exp_avg.copy_(other.exp_avg);
            exp_avg_sq.copy_(other.exp_avg_sq);
            if (other.max_exp_avg_sq is not null) {
                max_exp_avg_sq?.Dispose();
                max_exp_avg_sq = other.max_exp_avg_sq.clone().DetachFromDisposeScope();
            }
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state && step == state.step && exp_avg.allclose(state.exp_avg) && exp_avg_sq.allclose(state.exp_avg_sq)
            && (max_exp_avg_sq is null || (state.max_exp_avg_sq is not null && max_exp_avg_sq.allclose(state.max_exp_avg_sq)));
    }

    /// <summary>The numbers of AdamW.</summary>
    public class Options : OptimizerOptions
    {
        public double? beta1;
        public double? beta2;
        public double? eps;
        public double? weight_decay;
        public bool? amsgrad;
        public bool? maximize;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(beta1!.Value);
            writer.Write(beta2!.Value);
            writer.Write(eps!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(amsgrad!.Value);
            writer.Write(maximize!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            beta1 = reader.ReadDouble();
            beta2 = reader.ReadDouble();
            eps = reader.ReadDouble();
            weight_decay = reader.ReadDouble();
            amsgrad = reader.ReadBoolean();
            maximize = reader.ReadBoolean();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            beta1 = other.beta1;
            beta2 = other.beta2;
            eps = other.eps;
            weight_decay = other.weight_decay;
            amsgrad = other.amsgrad;
            maximize = other.maximize;
        }
    }

    /// <summary>Parameters with numbers of their own.</summary>
    public class ParamGroup : ParamGroup<Options>, IBetas
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(parameters, new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize })
        {
        }

        public (double, double) Betas
        {
            get => (Options.beta1!.Value, Options.beta2!.Value);
            set => (Options.beta1, Options.beta2) = value;
        }
    }
}
