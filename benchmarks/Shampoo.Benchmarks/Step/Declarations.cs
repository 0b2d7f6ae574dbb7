using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static Shampoo.GraftingMethod;
using static Shampoo.Solver;
using static Shampoo.WeightDecayKind;

namespace Shampoo.Benchmarks.Step;

using Parameters = IEnumerable<(string name, Parameter parameter)>;

/// <summary>The declarations that are measured, by solver and size of a block. All refresh at every fifth step.</summary>
internal static class Declarations
{
    public const int Frequency = 5;

    public static IReadOnlyDictionary<(Solver Solver, int Block), Func<Parameters, torch.optim.Optimizer>> All { get; } =
        new Dictionary<(Solver, int), Func<Parameters, torch.optim.Optimizer>>
        {
            [(Eigh, 128)] = p => new Eigh128(p),
            [(Eigh, 256)] = p => new Eigh256(p),
            [(Eigh, 384)] = p => new Eigh384(p),
            [(Eigh, 512)] = p => new Eigh512(p),
            [(Eigh, 1024)] = p => new Eigh1024(p),
            [(Eigh, 2048)] = p => new Eigh2048(p),
            [(CoupledNewton, 384)] = p => new CoupledNewton384(p),
            [(CoupledNewton, 1024)] = p => new CoupledNewton1024(p),
            [(MinimaxNewton, 384)] = p => new MinimaxNewton384(p),
            [(MinimaxNewton, 1024)] = p => new MinimaxNewton1024(p),
            [(MinimaxNewton, 2048)] = p => new MinimaxNewton2048(p),
        };

    /// <summary>The same declarations with refreshes that are spread over the period, and with such that are computed beside the steps.</summary>
    public static IReadOnlyDictionary<(Solver Solver, int Block), (Func<Parameters, torch.optim.Optimizer> Staggered, Func<Parameters, torch.optim.Optimizer> Overlapped)> Spread { get; } =
        new Dictionary<(Solver, int), (Func<Parameters, torch.optim.Optimizer>, Func<Parameters, torch.optim.Optimizer>)>
        {
            [(Eigh, 384)] = (p => new Staggered384(p), p => new Overlapped384(p)),
            [(Eigh, 1024)] = (p => new Staggered1024(p), p => new Overlapped1024(p)),
        };

    /// <summary>The same declarations with matrices that share memory in pairs.</summary>
    public static IReadOnlyDictionary<(Solver Solver, int Block), Func<Parameters, torch.optim.Optimizer>> Packed { get; } =
        new Dictionary<(Solver, int), Func<Parameters, torch.optim.Optimizer>>
        {
            [(Eigh, 384)] = p => new Packed384(p),
            [(Eigh, 1024)] = p => new Packed1024(p),
        };
}

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = Declarations.Frequency, Refresh = Refresh.Staggered)]
public sealed partial class Staggered384;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 1024, Frequency = Declarations.Frequency, Refresh = Refresh.Staggered)]
public sealed partial class Staggered1024;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = Declarations.Frequency, Refresh = Refresh.Overlapped)]
public sealed partial class Overlapped384;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 1024, Frequency = Declarations.Frequency, Refresh = Refresh.Overlapped)]
public sealed partial class Overlapped1024;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = Declarations.Frequency, SymmetricPacking = true)]
public sealed partial class Packed384;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 1024, Frequency = Declarations.Frequency, SymmetricPacking = true)]
public sealed partial class Packed1024;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 128, Frequency = Declarations.Frequency)]
public sealed partial class Eigh128;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 256, Frequency = Declarations.Frequency)]
public sealed partial class Eigh256;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = Declarations.Frequency)]
public sealed partial class Eigh384;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 512, Frequency = Declarations.Frequency)]
public sealed partial class Eigh512;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 1024, Frequency = Declarations.Frequency)]
public sealed partial class Eigh1024;

[Grafting(Adam), RootInverse(Eigh), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 2048, Frequency = Declarations.Frequency)]
public sealed partial class Eigh2048;

[Grafting(Adam), RootInverse(CoupledNewton), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = Declarations.Frequency)]
public sealed partial class CoupledNewton384;

[Grafting(Adam), RootInverse(CoupledNewton), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 1024, Frequency = Declarations.Frequency)]
public sealed partial class CoupledNewton1024;

[Grafting(Adam), RootInverse(MinimaxNewton), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 384, Frequency = Declarations.Frequency)]
public sealed partial class MinimaxNewton384;

[Grafting(Adam), RootInverse(MinimaxNewton), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 1024, Frequency = Declarations.Frequency)]
public sealed partial class MinimaxNewton1024;

[Grafting(Adam), RootInverse(MinimaxNewton), FirstMoment, WeightDecay(Decoupled), Preconditioning(MaxDimension = 2048, Frequency = Declarations.Frequency)]
public sealed partial class MinimaxNewton2048;

/// <summary>What all of them are without a preconditioner: AdamW.</summary>
[Grafting(Adam), FirstMoment, WeightDecay(Decoupled)]
public sealed partial class DeclaredAdamW;
