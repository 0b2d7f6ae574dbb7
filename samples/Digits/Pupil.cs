using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace Digits;

/// <summary>One network in training, with all that its seed decides: the initial weights and the order of the batches.</summary>
internal sealed class Pupil : IDisposable
{
    private readonly Network network;
    private readonly Optimizer optimizer;
    private readonly LRScheduler schedule;
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
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        schedule.step();
        return loss.item<float>();
    }

    /// <summary>Share of the images that are recognised.</summary>
    public double Accuracy(DigitImages images)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var recognised = network.call(images.Images).argmax(1).eq(images.Labels).sum();
        return (double)recognised.item<long>() / images.Count;
    }

    public void Dispose()
    {
        batches.Dispose();
        optimizer.Dispose();
        network.Dispose();
    }

    private static IEnumerable<Batch> Epochs(DigitImages images, int batchSize, Random random)
    {
        while (true)
        {
            foreach (var batch in images.Batches(batchSize, random))
                yield return batch;
        }
    }
}
