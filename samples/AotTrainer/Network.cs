using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AotTrainer;

/// <summary>A point of the plane in, the scores of three arms out.</summary>
internal sealed class Network : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(2, 32);
    private readonly Linear second = Linear(32, 32);
    private readonly Linear scores = Linear(32, Spirals.Arms);

    public Network() : base(nameof(Network))
    {
        // One by one: RegisterComponents looks for them by reflection, and finds none in a trimmed program.
        register_module(nameof(first), first);
        register_module(nameof(second), second);
        register_module(nameof(scores), scores);
    }

    public override Tensor forward(Tensor points)
    {
        using var scope = NewDisposeScope();
        var features = functional.relu(first.call(points));
        features = functional.relu(second.call(features));
        return scores.call(features).MoveToOuterDisposeScope();
    }
}
