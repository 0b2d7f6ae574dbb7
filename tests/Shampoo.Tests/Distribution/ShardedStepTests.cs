using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using Shampoo.Tests.Updates;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>Ranks that divide state and work do together, bit for bit, what one process does alone.</summary>
public sealed class ShardedStepTests
{
    private static readonly (Type Sharded, Type Alone)[] Pairs =
    [
        (typeof(ShardedEverything), typeof(Everything)), (typeof(ShardedEverythingByParameters), typeof(Everything)), (typeof(ShardedSumming), typeof(Summing)),
        (typeof(ShardedUncorrected), typeof(Uncorrected)), (typeof(ShardedIterated), typeof(Iterated)), (typeof(ShardedRotated), typeof(Rotated)),
        (typeof(ShardedRotatedLater), typeof(RotatedLater)), (typeof(ShardedDecomposed), typeof(Decomposed)), (typeof(ShardedSignsGrafted), typeof(SignsGrafted)),
        (typeof(ShardedSpectral), typeof(Spectral)), (typeof(ShardedLarge), typeof(Large)), (typeof(ShardedDiagonal), typeof(Diagonal)),
        (typeof(ShardedPlainAdamW), typeof(PlainAdamW)), (typeof(ShardedClippedWithL2), typeof(ClippedWithL2)), (typeof(ShardedLayers), typeof(Layers)),
        (typeof(ShardedSoap), typeof(PlainSoap)), (typeof(ShardedSoapByParameters), typeof(PlainSoap)), (typeof(ShardedAveragedSoap), typeof(AveragedSoap)),
        (typeof(ShardedScaledLayers), typeof(ScaledLayers)), (typeof(ShardedShortMoments), typeof(ShortMoments)), (typeof(ShardedCodes), typeof(Codes)),
        (typeof(ShardedSkipping), typeof(Skipping)), (typeof(ShardedPacked), typeof(PackedEverything)), (typeof(ShardedTransporting), typeof(Transporting)),
        (typeof(ShardedScheduleFreeAdam), typeof(ScheduleFreeAdam)), (typeof(ShardedAveragedWithDecay), typeof(AveragedWithDecay)), (typeof(ShardedOperators), typeof(Operators)),
        (typeof(ShardedStaggeredRoots), typeof(StaggeredRoots)), (typeof(ShardedStaggeredDivergence), typeof(StaggeredDivergence)), (typeof(ShardedStaggeredSoap), typeof(StaggeredSoap)),
        (typeof(ShardedOverlappedRoots), typeof(OverlappedRoots)), (typeof(ShardedOverlappedBases), typeof(OverlappedBases)), (typeof(ShardedOverlappedSoap), typeof(OverlappedSoap)),
    ];

    public static TheoryData<string, int> All
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach ((Type sharded, _) in Pairs)
                foreach (int ranks in new[] { 1, 2, 3, 4 })
                    data.Add(sharded.Name, ranks);
            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void IsWhatOneProcessDoes(string name, int ranks)
    {
        (Type sharded, Type alone) = Pairs.Single(pair => pair.Sharded.Name == name);
        foreach (ScalarType dtype in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16 })
        {
            List<double[]> expected = Twins.Train(alone, null, dtype);
            Assert.NotEqual(expected[0], expected[^1]);
            foreach (List<double[]> actual in ThreadGroup.Run(ranks, group => Twins.Train(sharded, group, dtype)))
                Twins.AssertEqual(expected, actual);
        }
    }

    [Fact]
    public void IsWhatOneProcessDoesWithoutAProcessGroup() =>
        Twins.AssertEqual(Twins.Train(typeof(Everything), null, ScalarType.Float32), Twins.Train(typeof(ShardedEverything), null, ScalarType.Float32));

    [Theory, InlineData(2), InlineData(4)]
    public void GroupsDoTheSameWork(int ranks)
    {
        List<double[]> expected = Twins.Train(typeof(Everything), null, ScalarType.Float32);
        foreach (List<double[]> actual in ThreadGroup.Run(ranks, static group => Twins.Train(typeof(InPairs), group, ScalarType.Float32)))
            Twins.AssertEqual(expected, actual);
    }

    /// <summary>Whatever the number of ranks, what travels is rounded: all have the same parameters, and near those that are not rounded.</summary>
    [Theory]
    [InlineData(typeof(RoundedToBFloat16), ScalarType.Float32, 1d / 256)]
    [InlineData(typeof(RoundedToFloat16), ScalarType.Float32, 1d / 1024)]
    [InlineData(typeof(RoundedToFloat32), ScalarType.Float64, 1d / (1 << 23))]
    public void DirectionsAreRoundedForAll(Type type, ScalarType dtype, double unit)
    {
        List<double[]> exact = Twins.Train(typeof(Everything), null, dtype), alone = Twins.Train(type, null, dtype);
        Assert.NotEqual(exact[^1], alone[^1]);
        // Each step moves by about lr·10 at most, with momentum, of which the rounding takes its part, and the next steps follow.
        Rounding.AssertClose(exact[^1], alone[^1], Twins.Steps * 0.1 * unit);
        foreach (int ranks in new[] { 2, 3 })
            foreach (List<double[]> actual in ThreadGroup.Run(ranks, group => Twins.Train(type, group, dtype)))
                Twins.AssertEqual(alone, actual);
    }

    [Fact]
    public void ParametersAreRoundedForAll()
    {
        List<double[]> alone = Twins.Train(typeof(RoundedParameters), null, ScalarType.Float32);
        Assert.All(alone[^1], static value => Assert.Equal(value, (double)BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits((float)value) & 0xffff0000)));
        foreach (List<double[]> actual in ThreadGroup.Run(3, static group => Twins.Train(typeof(RoundedParameters), group, ScalarType.Float32)))
            Twins.AssertEqual(alone, actual);
    }

    [Theory]
    [InlineData(typeof(Everything), typeof(ShardedEverything)), InlineData(typeof(PackedEverything), typeof(ShardedPacked))]
    public void OwnersHaveTheState(Type alone, Type sharded)
    {
        (long Bytes, long Blocks) all = CountOf(alone, null);
        (long Bytes, long Blocks)[] parts = ThreadGroup.Run(3, group => CountOf(sharded, group));
        Assert.Equal(all.Bytes, parts.Sum(static part => part.Bytes));
        Assert.Equal(all.Blocks, parts.Sum(static part => part.Blocks));
        Assert.All(parts, part => Assert.InRange(part.Bytes, 0.8 * all.Bytes / 3, 1.2 * all.Bytes / 3));
    }

    private static (long Bytes, long Blocks) CountOf(Type type, ThreadGroup? ranks)
    {
        using Model model = Twins.NewModel(type, ScalarType.Float32);
        using var optimizer = Twins.Create(type, model, ranks);
        Bucket[] buckets = [.. ((IBucketed)optimizer).Buckets];
        return (buckets.Sum(static bucket => bucket.Arrays.Sum(static array => array.Bytes)), buckets.Sum(static bucket => (long)bucket.Count));
    }
}
