using Shampoo.Runtime;
using Shampoo.Tests.Preconditioners;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Updates;

using NamedParameters = IEnumerable<(string name, Parameter parameter)>;

/// <summary>Parameters that are not preconditioned: what they get is another optimizer, and they have no matrices.</summary>
public sealed class SkippingTests
{
    private const double Lr = 0.01;

    /// <summary>Two matrices, one of them with a dimension above 8, and what has fewer than two dimensions.</summary>
    private static readonly long[][] Shapes = [[6, 5], [12, 3], [7], [1, 6, 1], []];

    public static TheoryData<string> All => [nameof(SkippingVectors), nameof(SkippingByMuon), nameof(SkippingByDecomposition), nameof(SkippingInEigenbases), nameof(SkippingLarge)];

    [Theory, MemberData(nameof(All))]
    public void TheyGetAnotherOptimizer(string name)
    {
        int skipped = name == nameof(SkippingByDecomposition) ? 1 : 2;
        using Model model = new(Shapes), twin = new(Shapes);
        using OptimizerHelper optimizer = Create(name, model.Parameters), preconditioned = Alone(name, twin.Parameters[..skipped]), others = Others(name, twin.Parameters[skipped..]);
        for (int step = 0; step < 6; step++)
        {
            model.NewGradients(missing: step == 3 ? [2] : []);
            model.CopyGradientsTo(twin);
            foreach (OptimizerHelper each in new[] { optimizer, preconditioned, others })
                each.step();
        }
        Rounding.AssertClose(twin.Values(), model.Values(), 1e-12);
    }

    [Theory, MemberData(nameof(All))]
    public void TheyHaveNoMatrices(string name)
    {
        using var model = new Model(Shapes);
        using OptimizerHelper optimizer = Create(name, model.Parameters);
        var buckets = (IEnumerable<Bucket>)optimizer.GetType().BaseType!.GetProperty("Buckets", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(optimizer)!;
        foreach (Bucket bucket in buckets)
        {
            Assert.Equal(bucket.BlockShape is not ([6, 5] or [12, 3]) || (name == nameof(SkippingByDecomposition) && bucket.BlockShape is [12, 3]), bucket.IsSkipped);
            Assert.Equal(name != nameof(SkippingByMuon) && !bucket.IsSkipped && !bucket.IsLarge, bucket.Arrays.Any(static array => array.Name.StartsWith("factor_matrices", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void TheyShareNoBucketWithOthersOfTheSameShape()
    {
        using var model = new Model([[30], [6, 5]]);
        using var optimizer = new SkippingMerged(model.Parameters, lr: Lr); // merged, the matrix has 30 elements, too
        model.NewGradients();
        double[] before = model.Values(0), gradient;
        using (Tensor g = model[0].grad!) gradient = Model.Values(g);
        optimizer.step();
        Rounding.AssertClose([.. before.Zip(gradient, static (w, g) => w - Lr * g)], model.Values(0), 1e-14);
        Assert.Equal(2, optimizer.Buckets.Count());
    }

    private static OptimizerHelper Create(string name, NamedParameters p) => name switch
    {
        nameof(SkippingVectors) => new SkippingVectors(p, lr: Lr),
        nameof(SkippingByMuon) => new SkippingByMuon(p, lr: Lr),
        nameof(SkippingByDecomposition) => new SkippingByDecomposition(p, lr: Lr),
        nameof(SkippingInEigenbases) => new SkippingInEigenbases(p, lr: Lr),
        _ => new SkippingLarge(p, lr: Lr),
    };

    private static OptimizerHelper Alone(string name, NamedParameters p) => name switch
    {
        nameof(SkippingVectors) => new NotSkippingVectors(p, lr: Lr),
        nameof(SkippingByMuon) => new NotSkippingByMuon(p, lr: Lr),
        nameof(SkippingByDecomposition) => new NotSkippingByDecomposition(p, lr: Lr),
        nameof(SkippingInEigenbases) => new NotSkippingInEigenbases(p, lr: Lr),
        _ => new NotSkippingLarge(p, lr: Lr),
    };

    /// <summary>Momentum alone, Adam, or Adagrad.</summary>
    private static OptimizerHelper Others(string name, NamedParameters p) => name switch
    {
        nameof(SkippingByDecomposition) => new PlainMomentum(p, lr: Lr),
        nameof(SkippingLarge) => new PlainAdagrad(p, lr: Lr),
        _ => new PlainAdamW(p, lr: Lr),
    };
}
