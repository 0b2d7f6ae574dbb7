using Shampoo.Tests.Preconditioners;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Updates;

/// <summary>Spectral descent: its scales, and what it refuses before there is a step.</summary>
public sealed class SpectralTests
{
    private const double Lr = 0.1;

    private static readonly long[][] Shapes = [[6, 2], [3, 8], [4, 4], [5, 2, 3]];

    /// <summary>d_out × d_in, when merged.</summary>
    private static readonly double[][] Sizes = [[6, 2], [3, 8], [4, 4], [5, 6]];

    public static TheoryData<string> Scalings => [nameof(ScaledByAspectRatio), nameof(ScaledAsAdamW), nameof(ScaledBySpectralNorm)];

    [Theory, MemberData(nameof(Scalings))]
    public void DirectionsAreScaledByTheShapeOfTheirBlock(string name)
    {
        using Model model = new(Shapes), twin = new(Shapes);
        double[][] before = [.. Shapes.Select((_, p) => model.Values(p))];
        using OptimizerHelper plain = new BySvd(twin.Parameters, lr: Lr), scaled = name switch
        {
            nameof(ScaledByAspectRatio) => new ScaledByAspectRatio(model.Parameters, lr: Lr),
            nameof(ScaledAsAdamW) => new ScaledAsAdamW(model.Parameters, lr: Lr),
            _ => new ScaledBySpectralNorm(model.Parameters, lr: Lr),
        };
        model.NewGradients();
        model.CopyGradientsTo(twin);
        plain.step();
        scaled.step();
        for (int p = 0; p < Shapes.Length; p++)
        {
            (double rows, double columns) = (Sizes[p][0], Sizes[p][1]);
            double scale = name switch
            {
                nameof(ScaledByAspectRatio) => rows > columns ? Math.Sqrt(rows / columns) : 1,
                nameof(ScaledAsAdamW) => 0.2 * Math.Sqrt(rows > columns ? rows : columns),
                _ => Math.Sqrt(rows) / Math.Sqrt(columns),
            };
            Rounding.AssertClose([.. before[p].Zip(twin.Values(p), (w, moved) => w + scale * (moved - w))], model.Values(p), 1e-13);
        }
    }

    [Fact]
    public void VectorsAreRefusedBeforeThereIsAStep()
    {
        using var model = new Model([[6, 2], [7], [1, 4, 1]]);
        AssertRefused(Assert.Throws<ArgumentException>(() => new BySvd(model.Parameters)), "'p1'", "[7]", "SkipRankBelow = 2", "another optimizer");
        using var optimizer = new BySvd(model.Parameters[..1], lr: Lr);
        AssertRefused(Assert.Throws<ArgumentException>(() => optimizer.add_param_group(new BySvd.ParamGroup(model.Parameters[2..]))), "'p2'", "[1, 4, 1]", "SkipRankBelow = 2");
        Assert.Single(optimizer.ParamGroups);
        Assert.Single(optimizer.parameters());
    }

    [Fact]
    public void WhatIsNotMergedToAMatrixIsRefused()
    {
        using var model = new Model([[2, 3, 4]]);
        AssertRefused(Assert.Throws<ArgumentException>(() => new CutMatrices(model.Parameters)), "'p0'", "[2, 3, 4]", "MaxDimension = PreconditioningAttribute.Unlimited");
    }

    private static void AssertRefused(Exception error, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
}
