using Shampoo.Runtime;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Digits;

/// <summary>One network in training, with all that its seed decides: the initial weights and the order of the batches.</summary>
internal class Pupil : IDisposable
{
    protected readonly Network network;
    protected readonly Optimizer optimizer;
    protected readonly LRScheduler schedule;
    private readonly IEnumerator<Batch> batches;

    public Pupil(Contender contender, int seed, DigitImages images, int batchSize, int steps)
    {
        manual_seed(seed);
        network = new Network();
        optimizer = contender.Create(network.named_parameters(), contender.LearningRate);
        schedule = CosineAnnealingLR(optimizer, T_max: steps);
        batches = Epochs(images, batchSize, new Random(seed)).GetEnumerator();
    }

    /// <summary>Learns from the next batch; the loss before.</summary>
    public double Step()
    {
        batches.MoveNext();
        using var scope = NewDisposeScope();
        using var batch = batches.Current;
        var loss = nn.functional.cross_entropy(network.call(batch.Images), batch.Labels);
        Learn(loss);
        return Mean(loss);
    }

    /// <summary>Share of the images that are recognised.</summary>
    public double Accuracy(DigitImages images)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var recognised = network.call(images.Images).argmax(1).eq(images.Labels).sum();
        return (double)recognised.item<long>() / images.Count;
    }

    /// <summary>A step of the optimizer.</summary>
    protected virtual void Learn(Tensor loss)
    {
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        schedule.step();
    }

    /// <summary>The loss of the whole batch.</summary>
    protected virtual double Mean(Tensor loss) => loss.item<float>();

    public virtual void Dispose()
    {
        batches.Dispose();
        optimizer.Dispose();
        network.Dispose();
    }

    private static IEnumerable<Batch> Epochs(DigitImages images, int batchSize, Random random)
    {
        while (true)
        {
            foreach (var batch in images.Batches(batchSize, random, ProcessGroup.World.Rank, ProcessGroup.World.Size))
                yield return batch;
        }
    }
}
