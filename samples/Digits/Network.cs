using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Digits;

/// <summary>Two convolutions and two dense layers: 8×8 pixels in, the scores of ten digits out.</summary>
internal sealed class Network : Module<Tensor, Tensor>
{
    private readonly Conv2d strokes = Conv2d(1, 16, kernel_size: 3, padding: 1);
    private readonly Conv2d shapes = Conv2d(16, 32, kernel_size: 3, padding: 1);
    private readonly Linear hidden = Linear(32 * 4 * 4, 64);
    private readonly Linear scores = Linear(64, 10);

    public Network() : base(nameof(Network)) => RegisterComponents();

    /// <summary>[images, 1, 8, 8] → [images, 10].</summary>
    public override Tensor forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var features = functional.relu(strokes.call(images));
        features = functional.max_pool2d(functional.relu(shapes.call(features)), 2);
        features = functional.relu(hidden.call(features.flatten(1)));
        return scores.call(features).MoveToOuterDisposeScope();
    }
}
