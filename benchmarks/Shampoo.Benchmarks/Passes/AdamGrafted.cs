using static Shampoo.GraftingMethod;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Benchmarks.Passes;

/// <summary>The declaration whose elementwise work is measured.</summary>
[Grafting(Adam)]
[RootInverse(Eigh)]
[FirstMoment]
[WeightDecay(Decoupled)]
[Preconditioning(MaxDimension = 1024)]
[GradientChecks(false)]
public sealed partial class AdamGrafted
{
    /// <summary>Whether the sweeps are vector code, or operators of torch one after another.</summary>
    internal static bool Vectorised { get; set; } = true;

    internal override bool UsesMemory => base.UsesMemory && Vectorised;

    /// <summary>The sweeps alone, from step Start on: the directions are whatever the workspace holds, which makes no difference to their time.</summary>
    internal override void RunGroup(Runtime.BlockSlices slices, Options options, long t)
    {
        var n = new Numbers(options, t);
        foreach (var slice in slices)
        {
            var blocks = (Blocks)slice.Sweeps;
            blocks.Prepare(n);
            blocks.Measure();
            blocks.Update(n);
        }
    }
}

/// <summary>The same declaration as a whole, with its products. Steps 101 to 199 precondition and refresh nothing.</summary>
[Grafting(Adam)]
[RootInverse(Eigh)]
[FirstMoment]
[WeightDecay(Decoupled)]
[Preconditioning(MaxDimension = 64, Frequency = 100)]
public sealed partial class WholeStep;
