using static Shampoo.FactorStatistics;
using static Shampoo.GraftingMethod;
using static Shampoo.LargeDimensions;
using static Shampoo.Solver;

// Every declaration twice, with whole matrices and with such that share memory in pairs.
namespace Shampoo.Tests.Packing;

[RootInverse(Eigh, Epsilon = 0.1)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 64, TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 3)]
public sealed partial class WholeRoots;

[RootInverse(Eigh, Epsilon = 0.1)] [Grafting(Adam)] [FirstMoment] [Preconditioning(MaxDimension = 64, TargetDimensionality = PreconditioningAttribute.Unlimited, Frequency = 3, SymmetricPacking = true)]
public sealed partial class PackedRoots;

[RootInverse(Eigh, Epsilon = 0.1, Statistics = KullbackLeibler)] [Grafting(SGD)] [Preconditioning(MaxDimension = 64, Frequency = 4, Refresh = Refresh.Staggered)]
public sealed partial class WholeStaggered;

[RootInverse(Eigh, Epsilon = 0.1, Statistics = KullbackLeibler)] [Grafting(SGD)] [Preconditioning(MaxDimension = 64, Frequency = 4, Refresh = Refresh.Staggered, SymmetricPacking = true)]
public sealed partial class PackedStaggered;

[RootInverse(Eigh, Epsilon = 0.1)] [Grafting(Adam)] [Preconditioning(MaxDimension = 64, Frequency = 4, Refresh = Refresh.Overlapped)]
public sealed partial class WholeOverlapped;

[RootInverse(Eigh, Epsilon = 0.1)] [Grafting(Adam)] [Preconditioning(MaxDimension = 64, Frequency = 4, Refresh = Refresh.Overlapped, SymmetricPacking = true)]
public sealed partial class PackedOverlapped;

[Eigendecomposed(Eigh, Epsilon = 0.1, Beta2 = 1, Statistics = KullbackLeibler)] [FirstMoment] [Preconditioning(MaxDimension = 64, Frequency = 2)]
public sealed partial class WholeDecomposed;

[Eigendecomposed(Eigh, Epsilon = 0.1, Beta2 = 1, Statistics = KullbackLeibler)] [FirstMoment] [Preconditioning(MaxDimension = 64, Frequency = 2, SymmetricPacking = true)]
public sealed partial class PackedDecomposed;

[RootInverse(CoupledNewton, Epsilon = 0.1)] [Grafting(SGD)] [Precision(Factors = Precision.Float64, Roots = Precision.Float64)] [Preconditioning(MaxDimension = 64, Frequency = 3)]
public sealed partial class WholeNewton;

[RootInverse(CoupledNewton, Epsilon = 0.1)] [Grafting(SGD)] [Precision(Factors = Precision.Float64, Roots = Precision.Float64)] [Preconditioning(MaxDimension = 64, Frequency = 3, SymmetricPacking = true)]
public sealed partial class PackedNewton;

[RootInverse(Eigh, Epsilon = 0.1)] [InverseExponent(2, 0, Dimension = 0)] [Grafting(Adam)] [Preconditioning(MaxDimension = 16, LargeDimensions = DiagonalFactor, SkipRankBelow = 1)]
public sealed partial class WholeOneSided;

[RootInverse(Eigh, Epsilon = 0.1)] [InverseExponent(2, 0, Dimension = 0)] [Grafting(Adam)] [Preconditioning(MaxDimension = 16, LargeDimensions = DiagonalFactor, SkipRankBelow = 1, SymmetricPacking = true)]
public sealed partial class PackedOneSided;

[RootInverse(Eigh, Epsilon = 0.1)] [Grafting(SGD)] [Precision(Factors = Precision.BFloat16, Roots = Precision.BFloat16)] [Preconditioning(MaxDimension = 64)]
public sealed partial class WholeShort;

[RootInverse(Eigh, Epsilon = 0.1)] [Grafting(SGD)] [Precision(Factors = Precision.BFloat16, Roots = Precision.BFloat16)] [Preconditioning(MaxDimension = 64, SymmetricPacking = true)]
public sealed partial class PackedShort;
