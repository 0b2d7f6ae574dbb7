using System.Collections.Concurrent;
using System.Globalization;
using Shampoo.Runtime;

namespace Shampoo.Tests.Distribution;

/// <summary>What the ranks of a group have of a model: counted block by block, and not by the costs that blocks are assigned by.</summary>
internal sealed record ModelLoads(int Ranks, RankLoads Memory, RankLoads Work)
{
    private const int Arrays = 3, Matrices = 2;

    private static readonly StorageKind Float = new((int)TorchSharp.torch.ScalarType.Float32, 0, -1);

    private static readonly ConcurrentDictionary<(string Model, BlockCost Cost, int MaxDimension, int Ranks), ModelLoads> Known = [];

    /// <summary>Assigns the blocks of one of <see cref="ModelShapes"/>.</summary>
    public static ModelLoads Of(string model, BlockCost cost, int maxDimension, int ranks) =>
        Known.GetOrAdd((model, cost, maxDimension, ranks), static key => Of(ModelShapes.Of(key.Model), key.Cost, new BlockingRules(key.MaxDimension), key.Ranks));

    private static ModelLoads Of(IReadOnlyList<long[]> shapes, BlockCost cost, BlockingRules blocking, int ranks)
    {
        var rules = new ShardingRules(cost: cost, arrays: Arrays, matrices: Matrices);
        var plan = BlockPlan.Create(blocking, shapes.Select(static shape => (shape, Float)));
        long[][] blocks = [.. plan.Members.Select(static member => member.Bucket.BlockShape)];
        int[] owners = new BlockAssignment(ranks).Assign([.. plan.Members.Select(member => rules.CostOf(blocking, member.Bucket))]);
        return new ModelLoads(ranks, RankLoads.Of([.. blocks.Select(MemoryOf)], owners, ranks), RankLoads.Of([.. blocks.Select(WorkOf)], owners, ranks));
    }

    public override string ToString() => $"{Ranks} ranks, memory {Memory}, work {Work}";

    /// <summary>Bytes of the state and of what is sent.</summary>
    private static double MemoryOf(long[] block) =>
        sizeof(float) * ((Arrays + 1) * block.Aggregate(1d, static (product, size) => product * size) + Matrices * block.Sum(static size => Math.Pow(size, 2)));

    private static double WorkOf(long[] block) => block.Sum(static size => Math.Pow(size, 3));
}

/// <summary>What the ranks of a group have of one quantity, as parts of the mean.</summary>
/// <param name="Least">Any of them has.</param>
/// <param name="Most">Any of them has.</param>
/// <param name="LargestBlock">Which one of them has to have.</param>
/// <param name="Bound">What one of them has at least, whatever the assignment: of k·ranks + 1 blocks one rank has k + 1.</param>
internal sealed record RankLoads(double Least, double Most, double LargestBlock, double Bound)
{
    /// <summary>Whether all ranks are within 10 % of the mean.</summary>
    public bool IsEven => Least >= 0.9 && Most <= 1.1;

    public static RankLoads Of(double[] blocks, int[] owners, int ranks)
    {
        double mean = blocks.Sum() / ranks;
        var loads = new double[ranks];
        foreach ((double block, int owner) in blocks.Zip(owners))
            loads[owner] += block / mean;
        double[] sorted = [.. blocks.OrderDescending()];
        double bound = Enumerable.Range(0, (sorted.Length - 1) / ranks + 1).Max(k => (k + 1) * sorted[k * ranks] / mean);
        return new RankLoads(loads.Min(), loads.Max(), sorted[0] / mean, Math.Max(1, bound));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Least:F3} to {Most:F3} (largest block {LargestBlock:F3}, at least {Bound:F3})");
}
