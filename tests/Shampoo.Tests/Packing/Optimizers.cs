using static Shampoo.FactorStatistics;
using static Shampoo.GraftingMethod;
using static Shampoo.LargeDimensions;
using static Shampoo.Solver;

// Every declaration twice, by the same name, as if it was changed: with whole matrices, and with such that share memory in pairs.
namespace Shampoo.Tests.Packing.Whole
{
    [RootInverse(Eigh, Epsilon = 0.1)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 64, TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 3)]
    public sealed partial class Roots;

    [RootInverse(Eigh, Epsilon = 0.1, Statistics = KullbackLeibler)] [Grafting(SGD)] [Preconditioning(MaxDimension = 64, Frequency = 4, Refresh = Refresh.Staggered)]
    public sealed partial class Staggered;

    [RootInverse(Eigh, Epsilon = 0.1)] [Grafting(Adam)] [Preconditioning(MaxDimension = 64, Frequency = 4, Refresh = Refresh.Overlapped)]
    public sealed partial class Overlapped;

    [Eigendecomposed(Eigh, Epsilon = 0.1, Beta2 = 1, Statistics = KullbackLeibler)] [FirstMoment] [Preconditioning(MaxDimension = 64, Frequency = 2)]
    public sealed partial class Decomposed;

    [RootInverse(CoupledNewton, Epsilon = 0.1)] [Grafting(SGD)] [Precision(Factors = Precision.Float64, Roots = Precision.Float64)] [Preconditioning(MaxDimension = 64, Frequency = 3)]
    public sealed partial class Newton;

    [RootInverse(Eigh, Epsilon = 0.1)] [InverseExponent(2, 0, Dimension = 0)] [Grafting(Adam)] [Preconditioning(MaxDimension = 16, LargeDimensions = DiagonalFactor, SkipRankBelow = 1)]
    public sealed partial class OneSided;

    [RootInverse(Eigh, Epsilon = 0.1)] [Grafting(SGD)] [Precision(Factors = Precision.BFloat16, Roots = Precision.BFloat16)] [Preconditioning(MaxDimension = 64)]
    public sealed partial class Short;
}

namespace Shampoo.Tests.Packing.Packed
{
    [RootInverse(Eigh, Epsilon = 0.1)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 64, TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 3, SymmetricPacking = true)]
    public sealed partial class Roots;

    [RootInverse(Eigh, Epsilon = 0.1, Statistics = KullbackLeibler)] [Grafting(SGD)] [Preconditioning(MaxDimension = 64, Frequency = 4, Refresh = Refresh.Staggered, SymmetricPacking = true)]
    public sealed partial class Staggered;

    [RootInverse(Eigh, Epsilon = 0.1)] [Grafting(Adam)] [Preconditioning(MaxDimension = 64, Frequency = 4, Refresh = Refresh.Overlapped, SymmetricPacking = true)]
    public sealed partial class Overlapped;

    [Eigendecomposed(Eigh, Epsilon = 0.1, Beta2 = 1, Statistics = KullbackLeibler)] [FirstMoment] [Preconditioning(MaxDimension = 64, Frequency = 2, SymmetricPacking = true)]
    public sealed partial class Decomposed;

    [RootInverse(CoupledNewton, Epsilon = 0.1)] [Grafting(SGD)] [Precision(Factors = Precision.Float64, Roots = Precision.Float64)] [Preconditioning(MaxDimension = 64, Frequency = 3, SymmetricPacking = true)]
    public sealed partial class Newton;

    [RootInverse(Eigh, Epsilon = 0.1)] [InverseExponent(2, 0, Dimension = 0)] [Grafting(Adam)] [Preconditioning(MaxDimension = 16, LargeDimensions = DiagonalFactor, SkipRankBelow = 1, SymmetricPacking = true)]
    public sealed partial class OneSided;

    [RootInverse(Eigh, Epsilon = 0.1)] [Grafting(SGD)] [Precision(Factors = Precision.BFloat16, Roots = Precision.BFloat16)] [Preconditioning(MaxDimension = 64, SymmetricPacking = true)]
    public sealed partial class Short;
}
