using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The mean squared difference.</summary>
public sealed class MSELoss : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly nn.Reduction _reduction;
    internal MSELoss(nn.Reduction reduction) : base(nameof(MSELoss)) => _reduction = reduction;
    public override Tensor forward(Tensor input, Tensor target) => nn.functional.mse_loss(input, target, _reduction);
}

/// <summary>The mean absolute difference.</summary>
public sealed class L1Loss : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly nn.Reduction _reduction;
    internal L1Loss(nn.Reduction reduction) : base(nameof(L1Loss)) => _reduction = reduction;
    public override Tensor forward(Tensor input, Tensor target) => nn.functional.l1_loss(input, target, _reduction);
}

/// <summary>The negative log likelihood of log probabilities.</summary>
public sealed class NLLLoss : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly Tensor? _weight;
    private readonly nn.Reduction _reduction;

    internal NLLLoss(Tensor? weight, nn.Reduction reduction) : base(nameof(NLLLoss))
    {
        _weight = weight;
        _reduction = reduction;
    }

    public override Tensor forward(Tensor input, Tensor target) => nn.functional.nll_loss(input, target, _weight, _reduction);
}

/// <summary>The cross entropy of logits.</summary>
public sealed class CrossEntropyLoss : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly Tensor? _weight;
    private readonly long _ignoreIndex;
    private readonly nn.Reduction _reduction;

    internal CrossEntropyLoss(Tensor? weight, long? ignoreIndex, nn.Reduction reduction) : base(nameof(CrossEntropyLoss))
    {
        _weight = weight;
        _ignoreIndex = ignoreIndex ?? -100;
        _reduction = reduction;
    }

    public override Tensor forward(Tensor input, Tensor target) => nn.functional.cross_entropy(input, target, _weight, _ignoreIndex, _reduction);
}
