using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Benchmarks.Train;

/// <summary>Something to be learnt: a network, batches to learn from, and a measure of what was learnt.</summary>
internal interface ITask
{
    string Name { get; }

    /// <summary>How often the loss is measured, in steps.</summary>
    int MeasureEvery { get; }

    /// <summary>A network with fresh weights, drawn from torch's generator.</summary>
    nn.Module<Tensor, Tensor> CreateNetwork();

    /// <summary>A batch to learn from; in the scope of the caller.</summary>
    (Tensor Input, Tensor Target) Batch(Random random);

    /// <summary>The batches that the validation loss is the mean of; in the scope of the caller.</summary>
    IEnumerable<(Tensor Input, Tensor Target)> Validation();
}
