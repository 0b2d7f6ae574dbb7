using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Digits;

/// <summary>One network that all processes train together, each with its part of every batch.</summary>
internal sealed class PupilOnRanks : Pupil
{
    private readonly DistributedDataParallel parallel;

    public PupilOnRanks(Contender contender, int seed, DigitImages images, int batchSize, int steps)
        : base(contender, seed, images, batchSize, steps) => parallel = new DistributedDataParallel(network);

    protected override void Learn(Tensor loss)
    {
        optimizer.zero_grad();
        parallel.backward(loss);
        optimizer.step();
        schedule.step();
    }

    protected override double Mean(Tensor loss)
    {
        using var mean = loss.detach().clone();
        ProcessGroup.World.all_reduce(mean, ReduceOp.Average);
        return mean.item<float>();
    }

    public override void Dispose()
    {
        parallel.Dispose();
        base.Dispose();
    }
}
