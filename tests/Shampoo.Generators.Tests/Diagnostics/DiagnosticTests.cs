using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators.Parsing;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Diagnostics;

/// <summary>Every diagnostic: where it points, how it is worded, how severe it is. An error leaves no generated code behind.</summary>
public sealed class DiagnosticTests
{
    [Theory]
    [InlineData("[Grafting(SGD)] public class Mine { }", "Mine", "'Mine' must be partial, so that its step can be generated into it")]
    [InlineData("public class Outer { [Grafting(SGD)] public partial class Mine { } }", "Outer", "'Outer' must be partial, so that its step can be generated into it")]
    public void SHMP001_not_partial(string source, string squiggle, string message) => Expect(source, "SHMP001", squiggle, message);

    [Theory]
    [InlineData("[Grafting(SGD)] public static partial class Mine { }", "it is static")]
    [InlineData("[Grafting(SGD)] public abstract partial class Mine { }", "it is abstract")]
    [InlineData("[Grafting(SGD)] public partial record Mine { }", "it is a record")]
    [InlineData("[Grafting(SGD)] file partial class Mine { }", "it is local to its file, where nothing can be generated into it")]
    [InlineData("file partial class Outer { [Grafting(SGD)] public partial class Mine { } }", "Outer is local to its file, where nothing can be generated into it")]
    [InlineData("public class Parent { } [Grafting(SGD)] public partial class Mine : Parent { }", "it derives from Parent, but its base class is generated")]
    public void SHMP002_unsupported_types(string source, string reason) => Expect(source, "SHMP002", "Mine", $"'Mine' cannot be an optimizer: {reason}");

    [Theory]
    [InlineData("Options")]
    [InlineData("ParamGroup")]
    [InlineData("State")]
    [InlineData("Numbers")]
    public void SHMP002_names_of_generated_classes(string name) => Expect($"[Grafting(SGD)] public partial class {name} {{ }}",
        "SHMP002", name, $"'{name}' cannot be an optimizer: its generated part has a member {name}");

    [Theory]
    [InlineData("[RootInverse(Eigh)] [Precision(Roots = EightBit)]", "Roots = EightBit", "Precision.EightBit is not available in this version of Shampoo; available: SameAsParameter, Float32, Float64, BFloat16, Float16")]
    [InlineData("[FirstMoment] [Precision(Moments = FourBit)]", "Moments = FourBit", "Precision.FourBit is not available in this version of Shampoo; available: SameAsParameter, Float32, Float64, BFloat16, Float16, EightBit")]
    [InlineData("[RootInverse(Eigh)] [Precision(Factors = FourBit)]", "Factors = FourBit", "Precision.FourBit is not available in this version of Shampoo; available: SameAsParameter, Float32, Float64, BFloat16, Float16")]
    [InlineData("[Distributed(FSDP)]", "FSDP", "Parallelism.FSDP is not available in this version of Shampoo; available: DDP, ReduceScatter")]
    public void SHMP003_not_available(string attributes, string squiggle, string message) => ExpectOf(attributes, "SHMP003", squiggle, message);

    [Theory]
    [InlineData("[Grafting((GraftingMethod)77)]", "(GraftingMethod)77", "(GraftingMethod)77 is no value of GraftingMethod")]
    [InlineData("[Grafting(method: (GraftingMethod)(-1))]", "method: (GraftingMethod)(-1)", "(GraftingMethod)(-1) is no value of GraftingMethod")]
    [InlineData("[RootInverse(Eigh)] [Precision(Roots = (Precision)99)]", "Roots = (Precision)99", "(Precision)99 is no value of Precision")]
    public void SHMP004_undefined_value(string attributes, string squiggle, string message) => ExpectOf(attributes, "SHMP004", squiggle, message);

    [Theory]
    [InlineData("[Grafting(Adam, Beta2 = 1.5)]", "Beta2 = 1.5", "Beta2 is 1.5, but it must be in (0, 1]")]
    [InlineData("[Grafting(RMSProp, Beta2 = 0)]", "Beta2 = 0", "Beta2 is 0, but it must be in (0, 1]")]
    [InlineData("[Grafting(Adam, Beta2 = -0.0)]", "Beta2 = -0.0", "Beta2 is -0, but it must be in (0, 1]")]
    [InlineData("[Grafting(Adam, Epsilon = double.NaN)]", "Epsilon = double.NaN", "Epsilon is NaN, but it must be a finite number > 0")]
    [InlineData("[Grafting(Adam, Epsilon = double.PositiveInfinity)]", "Epsilon = double.PositiveInfinity", "Epsilon is Infinity, but it must be a finite number > 0")]
    [InlineData("[FirstMoment(Beta1 = 1)]", "Beta1 = 1", "Beta1 is 1, but it must be in [0, 1)")]
    [InlineData("[FirstMoment(Beta1 = -1e-3)]", "Beta1 = -1e-3", "Beta1 is -0.001, but it must be in [0, 1)")]
    [InlineData("[Momentum(0)]", "0", "momentum is 0, but it must be in (0, 1)")]
    [InlineData("[Momentum(momentum: 1)]", "momentum: 1", "momentum is 1, but it must be in (0, 1)")]
    [InlineData("[Momentum(Dampening = 1)]", "Dampening = 1", "Dampening is 1, but it must be in [0, 1)")]
    [InlineData("[Momentum(Dampening = double.NaN)]", "Dampening = double.NaN", "Dampening is NaN, but it must be in [0, 1)")]
    [InlineData("[WeightDecay(L2, WeightDecay = double.NegativeInfinity)]", "WeightDecay = double.NegativeInfinity", "WeightDecay is -Infinity, but it must be a finite number >= 0")]
    [InlineData("[RootInverse(Eigh, Epsilon = 0)]", "Epsilon = 0", "Epsilon is 0, but it must be a finite number > 0")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(MaxDimension = 0)]", "MaxDimension = 0", "MaxDimension is 0, but it must be at least 1")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = -3)]", "Frequency = -3", "Frequency is -3, but it must be at least 1")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Start = 0)]", "Start = 0", "Start is 0, but it must be -1 or at least 1")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(ToleratedFailures = -1)]", "ToleratedFailures = -1", "ToleratedFailures is -1, but it must be at least 0")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 4, Refresh = Overlapped, Staleness = 4)]", "Staleness = 4", "Staleness is 4, but it must be -1 or from 1 to 3, less than Frequency")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 4, Refresh = Overlapped, Staleness = 0)]", "Staleness = 0", "Staleness is 0, but it must be -1 or from 1 to 3, less than Frequency")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 2, Refresh = Overlapped, Staleness = 2)]", "Staleness = 2", "Staleness is 2, but it must be -1 or 1, less than Frequency")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 10, Start = 15, Refresh = Overlapped, Staleness = 6)]", "Staleness = 6", "Staleness is 6, but it must be -1 or from 1 to 5, so that what is adopted at Start (15) is computed before the next refresh begins")]
    [InlineData("[RootInverse(CoupledHigherOrder, Order = 1)] [Precision(Factors = Float64)]", "Order = 1", "Order is 1, but it must be 0 (the solver's own) or at least 2")]
    [InlineData("[RootInverse(Eigh, TraceScalingExponent = 0)]", "TraceScalingExponent = 0", "TraceScalingExponent is 0, but it must be a finite number > 0")]
    [InlineData("[RootInverse(Eigh, TraceScalingExponent = double.NaN)]", "TraceScalingExponent = double.NaN", "TraceScalingExponent is NaN, but it must be a finite number > 0")]
    [InlineData("[Eigendecomposed(Eigh, TraceScalingExponent = -1)]", "TraceScalingExponent = -1", "TraceScalingExponent is -1, but it must be a finite number > 0")]
    [InlineData("[EigenvalueCorrected(QR, TraceScalingExponent = 0)]", "TraceScalingExponent = 0", "TraceScalingExponent is 0, but it must be a finite number > 0")]
    [InlineData("[EigenvalueCorrected(QR, RankDeficiency = PerturbAfter, Epsilon = 0)]", "Epsilon = 0", "Epsilon is 0, but it must be a finite number > 0")]
    [InlineData("[EigenvalueCorrected(QR, RankDeficiency = PseudoInverse, Epsilon = -1)]", "Epsilon = -1", "Epsilon is -1, but it must be a finite number >= 0")]
    [InlineData("[RootInverse(NewtonSchulz, RelativeEpsilon = -1)] [InverseExponent(3, 0.5)] [InverseExponent(5, 0.5)]", "RelativeEpsilon = -1", "RelativeEpsilon is -1, but it must be a finite number >= 0")]
    [InlineData("[RootInverse(Eigh, ExponentMultiplier = -1)]", "ExponentMultiplier = -1", "ExponentMultiplier is -1, but it must be a finite number > 0")]
    [InlineData("[Eigendecomposed(QR, Tolerance = 2)]", "Tolerance = 2", "Tolerance is 2, but it must be in [0, 1]")]
    [InlineData("[EigenvalueCorrected(QR, MaxIterations = 0)]", "MaxIterations = 0", "MaxIterations is 0, but it must be at least 1")]
    [InlineData("[EigenvalueCorrected(Eigh, Exponent = 0)]", "Exponent = 0", "Exponent is 0, but it must be a finite number > 0")]
    [InlineData("[EigenvalueCorrected(Eigh)] [InverseExponent(2, 0)]", "0", "exponent is 0, but it must be a finite number > 0")]
    [InlineData("[SpectralDescent(NewtonSchulz, Iterations = 0)] [Preconditioning(TargetDimensionality = 2)]", "Iterations = 0", "Iterations is 0, but it must be at least 1")]
    [InlineData("[SignDescent(Scale = 0)]", "Scale = 0", "Scale is 0, but it must be a finite number > 0")]
    [InlineData("[FirstMoment(Beta3 = 1)]", "Beta3 = 1", "Beta3 is 1, but it must be in [0, 1)")]
    [InlineData("[RootInverse(Eigh)] [InverseExponent(0, 0.5)]", "0", "order is 0, but it must be at least 1")]
    [InlineData("[RootInverse(Eigh)] [InverseExponent(2, -0.5)]", "-0.5", "exponent is -0.5, but it must be a finite number >= 0")]
    [InlineData("[RootInverse(Eigh)] [InverseExponent(2, 0.5, Dimension = 2)]", "Dimension = 2", "Dimension is 2, but it must be -1 (all dimensions) or from 0 to 1 in blocks of order 2")]
    [InlineData("[RootInverse(Eigh)] [InverseExponent(1, 0.5, Dimension = 1)]", "Dimension = 1", "Dimension is 1, but it must be -1 (all dimensions) or 0 in blocks of order 1")]
    [InlineData("[EigenvalueCorrected(Eigh)] [IgnoredDimensions(2, 0, 2)]", "2", "dimension is 2, but it must be from 0 to 1 in blocks of order 2")]
    [InlineData("[EigenvalueCorrected(Eigh)] [IgnoredDimensions(2, new[] { 0, -1 })]", "new[] { 0, -1 }", "dimension is -1, but it must be from 0 to 1 in blocks of order 2")]
    public void SHMP005_out_of_range(string attributes, string squiggle, string message) => ExpectOf(attributes, "SHMP005", squiggle, message);

    [Fact]
    public void SHMP006_two_preconditioners() => Expect("[RootInverse(Eigh), SignDescent] public sealed partial class Mine;",
        "SHMP006", "SignDescent", "[SignDescent] contradicts [RootInverse]: an optimizer has one preconditioner");

    [Theory]
    [InlineData("[Soap]\n[Grafting(Adam)]", "Grafting(Adam)", "[Grafting] contradicts [Soap]: a step of SOAP has Adam's length already; [EigenvalueCorrected] can be grafted")]
    [InlineData("[FirstMoment]\n[Soap]", "FirstMoment", "[FirstMoment] contradicts [Soap]: SOAP has a first moment of its own, in the eigenbasis; its decay is Soap.Beta1")]
    public void SHMP006_what_SOAP_has_no_place_for(string attributes, string squiggle, string message) => ExpectOf(attributes, "SHMP006", squiggle, message);

    [Fact]
    public void SHMP006_exponent_of_one_dimension_of_corrected_eigenvalues() => ExpectOf("[EigenvalueCorrected(Eigh)] [InverseExponent(2, 1, Dimension = 0)]",
        "SHMP006", "Dimension = 0", "[InverseExponent(2, 1, Dimension = 0)] contradicts [EigenvalueCorrected]: E has one exponent for all dimensions of a block");

    [Fact]
    public void SHMP006_two_exponents_of_an_order_of_corrected_eigenvalues() => ExpectOf("[EigenvalueCorrected(Eigh)] [InverseExponent(2, 1)] [InverseExponent(2, 0.25)]",
        "SHMP006", "InverseExponent(2, 0.25)", "[InverseExponent(2, 0.25)] contradicts [InverseExponent(2, 1)]: a dimension has one exponent");

    [Theory]
    [InlineData("[Eigendecomposed(Eigh)]", "DiagonalFactor", "Eigendecomposed", "where there is no matrix there are no eigenvectors to keep; [RootInverse(Eigh)] has the same direction")]
    [InlineData("[EigenvalueCorrected(QR)]", "Elementwise", "EigenvalueCorrected", "where there is no matrix there are no eigenvectors to rotate by; [IgnoredDimensions] leaves a dimension unrotated, SkipSizeAbove a parameter")]
    [InlineData("[Soap]", "DiagonalFactor", "Soap", "where there is no matrix there are no eigenvectors to rotate by; [IgnoredDimensions] leaves a dimension unrotated, SkipSizeAbove a parameter")]
    [InlineData("[SignDescent] [Grafting(Adam)]", "Elementwise", "SignDescent", "it is for dimensions whose factor matrix would be too large, and there are none")]
    public void SHMP006_large_dimensions_without_roots(string attributes, string value, string preconditioner, string reason) => ExpectOf(
        $"{attributes} [Preconditioning(LargeDimensions = {value})]", "SHMP006", $"LargeDimensions = {value}", $"[LargeDimensions = {value}] contradicts [{preconditioner}]: {reason}");

    [Theory]
    [InlineData("EigenvalueCorrected", "EigenvalueCorrected(QR)")]
    [InlineData("Soap", "Soap")]
    public void SHMP006_packing_without_roots(string preconditioner, string attribute) => ExpectOf(
        $"[{attribute}] [Preconditioning(SymmetricPacking = true)]", "SHMP006", "SymmetricPacking = true",
        $"[SymmetricPacking = true] contradicts [{preconditioner}]: a factor matrix shares an array with its inverse root; here it has none, and eigenvectors are not symmetric");

    [Theory]
    [InlineData("Roots = BFloat16", "Roots = BFloat16", "SameAsParameter", "BFloat16")]
    [InlineData("Factors = Float64", "Factors = Float64", "Float64", "SameAsParameter")]
    [InlineData("Factors = Float64, Roots = Float32", "Roots = Float32", "Float64", "Float32")]
    public void SHMP006_packing_of_two_types(string precision, string squiggle, string factors, string roots) => ExpectOf(
        $"[Eigendecomposed(Eigh)] [Preconditioning(SymmetricPacking = true)] [Precision({precision})]", "SHMP006", squiggle,
        $"[Precision(Factors = {factors}, Roots = {roots})] contradicts [SymmetricPacking = true]: a factor matrix and its inverse root share one array, which has one type; declare the same for both");

    [Fact]
    public void SHMP006_two_exponents_of_a_dimension() => ExpectOf("[RootInverse(Eigh)] [InverseExponent(2, 0.5, Dimension = 1)] [InverseExponent(2, 0.25, Dimension = 1)]",
        "SHMP006", "InverseExponent(2, 0.25, Dimension = 1)", "[InverseExponent(2, 0.25, Dimension = 1)] contradicts [InverseExponent(2, 0.5, Dimension = 1)]: a dimension has one exponent");

    [Fact]
    public void SHMP006_Adam_over_a_sum() => ExpectOf("[Grafting(Adam, Beta2 = 1)]",
        "SHMP006", "Beta2 = 1", "[Grafting(Adam)] contradicts [Beta2 = 1]: a plain sum has no bias to correct; use Adagrad");

    [Fact]
    public void SHMP006_a_refresh_that_overlaps_the_next() => ExpectOf("[RootInverse(Eigh)] [Preconditioning(Refresh = Overlapped)]",
        "SHMP006", "Refresh = Overlapped", "[Refresh = Overlapped] contradicts [Frequency = 1]: a refresh has to be adopted before the next one begins; declare Frequency, 2 at least");

    [Theory]
    [InlineData("Frequency = 8, Refresh = Staggered", "Staggered", "the first root is computed at step 1, but the factor matrices are empty before step 4; declare Start, 11 at least")]
    [InlineData("Frequency = 3, Start = 4, Refresh = Overlapped, Staleness = 2", "Overlapped", "the first root is computed at step 2, but the factor matrices are empty before step 3; declare Start, 5 at least")]
    public void SHMP006_refreshes_before_the_first_statistics(string schedule, string refresh, string reason) =>
        ExpectOf($"[RootInverse(Eigh)] [Preconditioning({schedule}, StatisticsInterval = 4)]", "SHMP006", "StatisticsInterval = 4",
            $"[StatisticsInterval = 4] contradicts [Refresh = {refresh}]: {reason}");

    [Fact]
    public void SHMP006_cautious_decay_of_the_gradient() => ExpectOf("[Grafting(Adam)] [WeightDecay(L2, Cautious = true)]",
        "SHMP006", "Cautious = true", "[WeightDecay(L2)] contradicts [Cautious = true]: L2 decay is a part of the gradient, before there is a direction; use Decoupled");

    [Theory]
    [InlineData("RootInverse", "QR", "Eigh, CoupledNewton, CoupledHigherOrder, NewtonSchulz, MinimaxNewton")]
    [InlineData("RootInverse", "SVD", "Eigh, CoupledNewton, CoupledHigherOrder, NewtonSchulz, MinimaxNewton")]
    [InlineData("Eigendecomposed", "CoupledNewton", "Eigh, QR")]
    [InlineData("EigenvalueCorrected", "NewtonSchulz", "Eigh, QR")]
    [InlineData("SpectralDescent", "Eigh", "NewtonSchulz, SVD", " [Preconditioning(TargetDimensionality = 2)]")]
    public void SHMP007_solver_does_not_fit(string attribute, string solver, string fitting, string others = "") => ExpectOf($"[{attribute}({solver})]{others}",
        "SHMP007", solver, $"Solver.{solver} does not compute what [{attribute}] needs; use {fitting}");

    [Fact]
    public void SHMP008_start_before_the_first_refresh() => ExpectOf("[RootInverse(Eigh)] [Preconditioning(Frequency = 10, Start = 5)]",
        "SHMP008", "Start = 5", "Start is 5, but it must be at least Frequency (10), or -1 for Frequency itself");

    [Theory]
    [InlineData("[Grafting(SGD, Beta2 = 0.9)]", "Beta2 = 0.9", "Beta2 has no effect: SGD grafting has no decay")]
    [InlineData("[Grafting(Adagrad, Beta2 = 0.9)]", "Beta2 = 0.9", "Beta2 has no effect: Adagrad grafting has no decay")]
    [InlineData("[Grafting(SGD, Epsilon = 1e-8)]", "Epsilon = 1e-8", "Epsilon has no effect: SGD grafting does not divide")]
    [InlineData("[EigenvalueCorrected(QR, RankDeficiency = PerturbAfter, TraceScalingExponent = 1)]", "TraceScalingExponent = 1", "TraceScalingExponent has no effect: eigenvectors do not depend on a matrix's scale, to which nothing is added")]
    [InlineData("[RootInverse(Eigh, Beta2 = 1, BiasCorrection = true)]", "BiasCorrection = true", "BiasCorrection has no effect: a plain sum (Beta2 = 1) has no bias")]
    [InlineData("[Preconditioning(Frequency = 5)]", "Preconditioning(Frequency = 5)", "[Preconditioning] has no effect: there is no preconditioner; declare one, for example [RootInverse(Eigh)]")]
    [InlineData("[Precision(Factors = Float64)]", "Factors = Float64", "Factors has no effect: there are no factor matrices")]
    [InlineData("[Precision(Roots = Float64)]", "Roots = Float64", "Roots has no effect: there are no inverse roots")]
    [InlineData("[Grafting(Adam)] [Preconditioning(Frequency = 50)]", "Preconditioning(Frequency = 50)", "[Preconditioning] has no effect: there is no preconditioner; declare one, for example [RootInverse(Eigh)]")]
    [InlineData("[EigenvalueCorrected(Eigh)] [Precision(Roots = Float64)]", "Roots = Float64", "Roots has no effect: there are no inverse roots")]
    [InlineData("[RootInverse(Eigh)] [Precision(Eigenvectors = Float64)]", "Eigenvectors = Float64", "Eigenvectors has no effect: there are no eigenvectors")]
    [InlineData("[RootInverse(Eigh, Tolerance = 1e-6)]", "Tolerance = 1e-6", "Tolerance has no effect: Eigh has none; coupled iterations do")]
    [InlineData("[RootInverse(Eigh, RankDeficiency = PseudoInverse, Tolerance = 1e-6)]", "Tolerance = 1e-6", "Tolerance has no effect: Eigh has none; coupled iterations do")]
    [InlineData("[RootInverse(Eigh, RankTolerance = 1e-6)]", "RankTolerance = 1e-6", "RankTolerance has no effect: only the pseudo-inverse leaves eigenvalues out")]
    [InlineData("[Eigendecomposed(QR, AbsoluteRankTolerance = 1e-6)]", "AbsoluteRankTolerance = 1e-6", "AbsoluteRankTolerance has no effect: only the pseudo-inverse leaves eigenvalues out")]
    [InlineData("[RootInverse(CoupledNewton, RankTolerance = 1e-6)] [Precision(Factors = Float64)]", "RankTolerance = 1e-6", "RankTolerance has no effect: only the pseudo-inverse leaves eigenvalues out")]
    [InlineData("[RootInverse(Eigh, MaxIterations = 5)]", "MaxIterations = 5", "MaxIterations has no effect: Eigh does not iterate until a test is met")]
    [InlineData("[RootInverse(Eigh, Order = 3)]", "Order = 3", "Order has no effect: only CoupledHigherOrder has it")]
    [InlineData("[RootInverse(CoupledHigherOrder, Epsilon = 1e-6)] [Precision(Factors = Float64)]", "Epsilon = 1e-6", "Epsilon has no effect: CoupledHigherOrder has RelativeEpsilon and AbsoluteEpsilon")]
    [InlineData("[RootInverse(CoupledNewton, RankDeficiency = PseudoInverse)] [Precision(Factors = Float64)]", "RankDeficiency = PseudoInverse", "RankDeficiency has no effect: CoupledNewton always adds ε to the diagonal; Eigh has a choice")]
    [InlineData("[RootInverse(Eigh, RankDeficiency = PseudoInverse, Epsilon = 1e-6)]", "Epsilon = 1e-6", "Epsilon has no effect: the pseudo-inverse adds nothing to eigenvalues")]
    [InlineData("[Eigendecomposed(Eigh, MaxIterations = 3)]", "MaxIterations = 3", "MaxIterations has no effect: Eigh does not iterate")]
    [InlineData("[SpectralDescent(SVD, Iterations = 3)] [Preconditioning(TargetDimensionality = 2)]", "Iterations = 3", "Iterations has no effect: SVD does not iterate")]
    [InlineData("[SpectralDescent(NewtonSchulz, ScaleByNuclearNorm = true)] [Preconditioning(TargetDimensionality = 2)]", "ScaleByNuclearNorm = true", "ScaleByNuclearNorm has no effect: only SVD knows the nuclear norm")]
    [InlineData("[SpectralDescent(SVD, ScaleByNuclearNorm = true)] [Preconditioning(TargetDimensionality = 2)] [Grafting(SGD)]", "ScaleByNuclearNorm = true", "ScaleByNuclearNorm has no effect: grafting decides the length of the direction")]
    [InlineData("[SignDescent(Scale = 2)] [Grafting(SGD)]", "Scale = 2", "Scale has no effect: grafting decides the length of the direction")]
    [InlineData("[SignDescent(Scaling = L1Norm)] [Grafting(SGD)]", "Scaling = L1Norm", "Scaling has no effect: grafting decides the length of the direction")]
    [InlineData("[SpectralDescent(NewtonSchulz, Scaling = AspectRatio)] [Preconditioning(TargetDimensionality = 2)] [Grafting(SGD)]", "Scaling = AspectRatio", "Scaling has no effect: grafting decides the length of the direction")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(StatisticsInterval = 2)]", "StatisticsInterval = 2", "StatisticsInterval has no effect: a refresh takes in the gradient of its step, and every step is one; declare Frequency, a multiple of it")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2, StatisticsInterval = 2)]", "StatisticsInterval = 2", "StatisticsInterval has no effect: SpectralDescent has no factor matrices")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2, SymmetricPacking = true)]", "SymmetricPacking = true", "SymmetricPacking has no effect: SpectralDescent has no factor matrices")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2, Frequency = 5)]", "Frequency = 5", "Frequency has no effect: SpectralDescent has nothing to refresh")]
    [InlineData("[SignDescent] [Preconditioning(ToleratedFailures = 1)]", "ToleratedFailures = 1", "ToleratedFailures has no effect: SignDescent has nothing to refresh")]
    [InlineData("[SignDescent] [Preconditioning(Refresh = Staggered)]", "Refresh = Staggered", "Refresh has no effect: SignDescent has nothing to refresh")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Refresh = Staggered)]", "Refresh = Staggered", "Refresh has no effect: with Frequency = 1 every block is refreshed at every step")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 5, Refresh = Staggered, Staleness = 2)]", "Staleness = 2", "Staleness has no effect: only Refresh = Overlapped adopts what was computed before")]
    [InlineData("[SignDescent] [Preconditioning(Start = 5)]", "Start = 5", "Start has no effect: SignDescent needs no statistics, and nothing else is declared for the steps before")]
    [InlineData("[SignDescent] [Preconditioning(MaxDimension = 1)]", "MaxDimension = 1", "MaxDimension has no effect: SignDescent without grafting works on single numbers, whatever blocks they are in")]
    [InlineData("[SignDescent] [Preconditioning(TargetDimensionality = 2)]", "TargetDimensionality = 2", "TargetDimensionality has no effect: SignDescent without grafting works on single numbers, whatever blocks they are in")]
    [InlineData("[SignDescent] [InverseExponent(2, 0.5)]", "InverseExponent(2, 0.5)", "[InverseExponent] has no effect: SignDescent has no factor matrices")]
    [InlineData("[Grafting(SGD)] [InverseExponent(2, 0.5)]", "InverseExponent(2, 0.5)", "[InverseExponent] has no effect: there is no preconditioner; declare one, for example [RootInverse(Eigh)]")]
    [InlineData("[Grafting(Adam)] [Preconditioning(LargeDimensions = Elementwise)]", "Preconditioning(LargeDimensions = Elementwise)", "[Preconditioning] has no effect: there is no preconditioner; declare one, for example [RootInverse(Eigh)]")]
    [InlineData("[RootInverse(Eigh, RelativeEpsilon = 1e-6)]", "RelativeEpsilon = 1e-6", "RelativeEpsilon has no effect: only CoupledHigherOrder and NewtonSchulz have it")]
    [InlineData("[RootInverse(NewtonSchulz, AbsoluteEpsilon = 1e-6)] [InverseExponent(3, 0.5)] [InverseExponent(5, 0.5)]", "AbsoluteEpsilon = 1e-6", "AbsoluteEpsilon has no effect: only CoupledHigherOrder has it")]
    [InlineData("[EigenvalueCorrected(Eigh)] [InverseExponent(2, 0.5)]", "InverseExponent(2, 0.5)", "[InverseExponent] has no effect: EigenvalueCorrected.Exponent is 0.5 already")]
    [InlineData("[EigenvalueCorrected(Eigh)] [InverseExponent(2, 1)] [InverseExponent(2, 1.0)]", "InverseExponent(2, 1.0)", "[InverseExponent] has no effect: it is declared twice")]
    [InlineData("[RootInverse(Eigh)] [InverseExponent(2, 0.5)] [InverseExponent(2, 1d / 2)]", "InverseExponent(2, 1d / 2)", "[InverseExponent] has no effect: it is declared twice")]
    [InlineData("[RootInverse(Eigh)] [IgnoredDimensions(2, 0)]", "IgnoredDimensions(2, 0)", "[IgnoredDimensions] has no effect: it is for [EigenvalueCorrected] and [Soap]; [InverseExponent] with exponent 0 leaves a dimension alone")]
    [InlineData("[Soap] [InverseExponent(2, 0.5)]", "InverseExponent(2, 0.5)", "[InverseExponent] has no effect: Soap divides by √v, in all dimensions")]
    [InlineData("[Soap] [Preconditioning(Start = 5)]", "Start = 5", "Start has no effect: SOAP takes its basis from the first gradient")]
    [InlineData("[Soap] [Preconditioning(Frequency = 10, Start = 5)]", "Start = 5", "Start has no effect: SOAP takes its basis from the first gradient")]
    [InlineData("[Soap] [Precision(Roots = Float32)]", "Roots = Float32", "Roots has no effect: there are no inverse roots")]
    [InlineData("[EigenvalueCorrected(Eigh)] [IgnoredDimensions(2)]", "IgnoredDimensions(2)", "[IgnoredDimensions] has no effect: it names no dimension")]
    [InlineData("[EigenvalueCorrected(Eigh)] [IgnoredDimensions(2, 0)] [IgnoredDimensions(2, 0)]", "IgnoredDimensions(2, 0)", "[IgnoredDimensions] has no effect: these dimensions are ignored already")]
    [InlineData("[RootInverse(Eigh)] [Distributed(DDP, GroupSize = 1, Cost = Work)]", "Cost = Work", "Cost has no effect: with GroupSize = 1 every rank owns all blocks")]
    [InlineData("[Grafting(Adam)] [Distributed(ReduceScatter, Cost = Work)]", "Cost = Work", "Cost has no effect: there are no matrix functions, whose work could be balanced")]
    [InlineData("[Grafting(Adam)] [Distributed(DDP, Cost = Memory)]", "Cost = Memory", "Cost has no effect: there are no matrix functions, whose work could be balanced")]
    public void SHMP009_without_effect(string attributes, string squiggle, string message) =>
        ExpectOf(attributes, "SHMP009", squiggle, message, DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("BFloat16", 256)]
    [InlineData("Float16", 2048)]
    public void SHMP031_rounded_parameters(string precision, int share) => ExpectOf(
        $"[Distributed(DDP, Communicates = UpdatedParameters, Communication = {precision})]", "SHMP031", $"Communication = {precision}",
        $"The parameters travel in {precision}, so that every step rounds them: what changes them by less than 1/{share} of their size is lost; send directions, or declare Communication = Float32",
        DiagnosticSeverity.Warning);

    [Fact]
    public void SHMP011_language_version() => Expect(
        TestProject.OfFiles("[Shampoo.Grafting(Shampoo.GraftingMethod.SGD)] public partial class Mine { }") with { LanguageVersion = LanguageVersion.CSharp11 },
        "SHMP011", "Mine", "'Mine' needs C# 12.0 or later, but the language version is 11.0");

    [Fact]
    public void SHMP012_missing_runtime() => Expect(
        TestProject.Of("[Grafting(SGD)] public partial class Mine { }") with { References = [.. References.Framework, .. References.Abstractions, .. References.Torch] },
        "SHMP012", "Mine", "'Mine' needs a reference to Shampoo.Runtime, which defines 'Shampoo.Runtime.BlockedOptimizer`1'");

    [Fact]
    public void SHMP012_missing_torch() => Expect(
        TestProject.Of("[Grafting(SGD)] public partial class Mine { }") with { References = [.. References.Framework, .. References.Abstractions, .. References.Runtime] },
        "SHMP012", "Mine", "'Mine' needs a reference to TorchSharp, which defines 'TorchSharp.torch'");

    [Theory]
    [InlineData("Start = PreconditioningAttribute.Unlimited", "2147483647")]
    [InlineData("Start = 100_000_000", "100000000")]
    [InlineData("Frequency = 100_000_000", "100000000")]
    [InlineData("Frequency = 100_000_000", "100000000", "Start = -1, MaxDimension = 8, ")]
    public void SHMP013_never_starts(string option, string step, string others = "") => ExpectOf($"[RootInverse(Eigh)] [Preconditioning({others}{option})]",
        "SHMP013", option, $"Preconditioning starts at step {step}, which no training reaches: the preconditioner costs memory and time, and is never used", DiagnosticSeverity.Warning);

    [Fact]
    public void SHMP013_leaves_the_rest_of_the_schedule_without_effect() => Expect(
        TestProject.Declaring("[RootInverse(Eigh)] [Preconditioning(Frequency = 50, Start = int.MaxValue)]"), "SHMP009", "Frequency = 50",
        "Frequency has no effect: preconditioning never starts", DiagnosticSeverity.Warning, others: ["SHMP013"]);

    [Theory]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-50)]", "Epsilon = 1e-50", "Epsilon is 1e-50, but in float32 that is 0")]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-50)] [Precision(Factors = Float32)]", "Epsilon = 1e-50", "Epsilon is 1e-50, but in float32 that is 0")]
    [InlineData("[RootInverse(Eigh, Epsilon = double.Epsilon)]", "Epsilon = double.Epsilon", "Epsilon is 5e-324, but in float32 that is 0")]
    [InlineData("[RootInverse(Eigh, Beta2 = 0.999_999_999)]", "Beta2 = 0.999_999_999", "Beta2 is 0.999999999, but in float32 that is 1")]
    [InlineData("[Grafting(Adam, Epsilon = 1e-40)]", "Epsilon = 1e-40", "Epsilon is 1e-40, but in float32 that is 0")]
    [InlineData("[Grafting(Adam, Epsilon = 1e300)]", "Epsilon = 1e300", "Epsilon is 1e300, but in float32 that is infinity")]
    [InlineData("[Momentum(0.99999999)]", "0.99999999", "momentum is 0.99999999, but in float32 that is 1")]
    [InlineData("[FirstMoment(Beta1 = 0.99999999)]", "Beta1 = 0.99999999", "Beta1 is 0.99999999, but in float32 that is 1")]
    [InlineData("[WeightDecay(L2, WeightDecay = 1e-46)]", "WeightDecay = 1e-46", "WeightDecay is 1e-46, but in float32 that is 0")]
    public void SHMP014_rounded_away(string attributes, string squiggle, string message) =>
        ExpectOf(attributes, "SHMP014", squiggle, message, DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("Start = 99_999_999")]
    [InlineData("Frequency = 99_999_999, ToleratedFailures = 0")]
    public void SHMP013_spares_long_training(string options) => Generation.Of(TestProject.Declaring($"[RootInverse(Eigh)] [Preconditioning({options})]")).Reporting().Compiling();

    [Theory]
    [InlineData("[RootInverse(Eigh, Epsilon = 1e-50, Beta2 = 0.99999999)] [Precision(Factors = Float64)]")]
    [InlineData("[RootInverse(Eigh, Epsilon = 1.2e-38, Beta2 = 0.9999999)]")]
    [InlineData("[WeightDecay(L2, WeightDecay = 0)] [FirstMoment(Beta1 = 0)] [Momentum(Dampening = 0)]")]
    public void SHMP014_spares_what_float32_can_tell_apart(string attributes) => Generation.Of(TestProject.Declaring(attributes)).Reporting().Compiling();

    [Fact]
    public void SHMP007_knows_every_solver()
    {
        Assert.Equal(Enum.GetNames<Solver>(), SolverTraits.All.Select(static s => s.Name));
        foreach (SolverTraits solver in SolverTraits.All)
        {
            string[] expected = !solver.Computes.HasFlag(MatrixFunctions.InverseRoots) ? ["SHMP007"]
                : !solver.IsAvailable ? ["SHMP003"] : [];
            Generation.Of(TestProject.Declaring($"[RootInverse({solver.Name})] [InverseExponent(3, 0.5)] [InverseExponent(5, 0.5)]")).Reporting(expected);
        }
    }

    [Theory]
    [InlineData("MaxDimension = 1", "MaxDimension = 1 cuts every parameter into single numbers: each has matrices of one number, and nothing is gained over grafting alone")]
    [InlineData("MaxDimension = PreconditioningAttribute.Unlimited", "MaxDimension = Unlimited merges all dimensions of a parameter into one: n numbers then have a matrix of n × n; declare TargetDimensionality = 2, too")]
    public void SHMP016_extreme_blocks(string option, string message) =>
        ExpectOf($"[RootInverse(Eigh)] [Preconditioning({option})]", "SHMP016", option, message, DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("MaxDimension = 2")]
    [InlineData("MaxDimension = int.MaxValue - 1")]
    [InlineData("MaxDimension = int.MaxValue, TargetDimensionality = 2")]
    [InlineData("TargetDimensionality = PreconditioningAttribute.Unlimited, MaxDimension = PreconditioningAttribute.Unlimited")]
    public void SHMP016_spares_blocks_of_a_size(string options) => Generation.Of(TestProject.Declaring($"[RootInverse(Eigh)] [Preconditioning({options})]")).Reporting().Compiling();

    [Theory]
    [InlineData("[RootInverse(Eigh)]", "Roots", "inverse roots", "Float32")]
    [InlineData("[RootInverse(Eigh)]", "Roots", "inverse roots", "BFloat16")]
    [InlineData("[EigenvalueCorrected(Eigh)]", "Eigenvectors", "eigenvectors", "Float32")]
    public void SHMP017_matrices_beyond_their_factors(string attribute, string property, string name, string factors) =>
        ExpectOf($"{attribute} [Precision(Factors = {factors}, {property} = Float64)]", "SHMP017", $"{property} = Float64",
            $"The {name} have the precision Float64, but they are computed from factor matrices of {factors}", DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("[Eigendecomposed(Eigh)] [Precision(Factors = Float64, Roots = Float64, Eigenvectors = Float64)]")]
    [InlineData("[Eigendecomposed(Eigh)] [Precision(Factors = BFloat16, Roots = Float32, Eigenvectors = Float32)]")]
    public void SHMP017_spares_the_precision_that_factors_have(string attributes) => Generation.Of(TestProject.Declaring(attributes)).Reporting().Compiling();

    [Theory]
    [InlineData("[RootInverse(Eigh)]")]
    [InlineData("[Eigendecomposed(QR)]")]
    [InlineData("[EigenvalueCorrected(Eigh)]")]
    public void SHMP021_factors_in_float16(string attribute) => ExpectOf($"{attribute} [Precision(Factors = Float16)]",
        "SHMP021", "Factors = Float16", "Factor matrices are sums of squares, which float16 has no numbers for below 6e-8 and above 65504; declare Factors = BFloat16, with 16 bits too");

    [Theory]
    [InlineData("[Eigendecomposed(Eigh)] [FirstMoment] [Precision(Roots = Float16, Eigenvectors = Float16, Moments = Float16)]")]
    [InlineData("[EigenvalueCorrected(Eigh)] [Precision(Eigenvectors = Float16, Moments = BFloat16)]")]
    [InlineData("[Soap] [Precision(Eigenvectors = Float16, Moments = BFloat16)]")]
    [InlineData("[Grafting(LAMB)] [Precision(Moments = Float32)]")]
    [InlineData("[Momentum] [Precision(Moments = Float64)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(LargeDimensions = Elementwise)] [Precision(Moments = BFloat16)]")]
    public void SHMP021_spares_everything_else(string attributes) => Generation.Of(TestProject.Declaring(attributes)).Reporting().Compiling();

    [Theory]
    [InlineData("[RootInverse(Eigh)]")]
    [InlineData("[RootInverse(Eigh)] [Grafting(SGD)]")]
    [InlineData("[Grafting(LARS)] [IterateAveraging(ScheduleFree)]")]
    public void SHMP009_precision_of_no_moments(string attributes) =>
        ExpectOf($"{attributes} [Precision(Moments = BFloat16)]", "SHMP009", "Moments = BFloat16", "Moments has no effect: there are no moments", DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("[Grafting(Adam)]")]
    [InlineData("[EigenvalueCorrected(Eigh)] [Grafting(RMSProp)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(LargeDimensions = Elementwise)]")]
    public void SHMP009_eight_bits_of_second_moments(string attributes) => ExpectOf($"{attributes} [Precision(Moments = EightBit)]", "SHMP009", "Moments = EightBit",
        "Moments has no effect: 8 bits are for first moments and momentum, and there are neither; second moments keep the precision of the arithmetic", DiagnosticSeverity.Warning);

    [Fact]
    public void SHMP009_eight_bits_of_no_moments() => ExpectOf("[RootInverse(Eigh)] [Precision(Moments = EightBit)]",
        "SHMP009", "Moments = EightBit", "Moments has no effect: there are no moments", DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("[FirstMoment]")]
    [InlineData("[Momentum]")]
    [InlineData("[Soap]")]
    [InlineData("[Grafting(Adam)] [FirstMoment]")]
    public void SHMP009_spares_moments_that_nothing_is_divided_by(string attributes) =>
        Generation.Of(TestProject.Declaring($"{attributes} [Precision(Moments = EightBit)]")).Reporting().Compiling();

    [Theory]
    [InlineData("[SpectralDescent(SVD)]", "SpectralDescent(SVD)")]
    [InlineData("[SpectralDescent(NewtonSchulz)] [Preconditioning(MaxDimension = PreconditioningAttribute.Unlimited)]", "Preconditioning(MaxDimension = PreconditioningAttribute.Unlimited)")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(MaxDimension = 64, TargetDimensionality = 1)]", "TargetDimensionality = 1")]
    public void SHMP018_merged_matrices(string attributes, string squiggle) => ExpectOf(attributes, "SHMP018", squiggle,
        "[SpectralDescent] needs matrices, but with TargetDimensionality = 1 small ones become vectors; declare [Preconditioning(TargetDimensionality = 2)]");

    [Theory]
    [InlineData("TargetDimensionality = 2")]
    [InlineData("TargetDimensionality = PreconditioningAttribute.Unlimited")]
    public void SHMP018_spares_matrices(string options) => Generation.Of(TestProject.Declaring($"[SpectralDescent(SVD)] [Preconditioning({options})]")).Reporting().Compiling();

    [Theory]
    [InlineData("CoupledNewton", "0.75", "1/p with p up to 64")]
    [InlineData("CoupledNewton", "1d / 65", "1/p with p up to 64", "0.015384615384615385")]
    [InlineData("NewtonSchulz", "1d / 3", "1/p with p one of 1, 2, 4, 8, 16, 32, 64", "0.3333333333333333")]
    [InlineData("MinimaxNewton", "0.7071", "q/p with q and p up to 64")]
    [InlineData("CoupledHigherOrder", "65", "q/p with q and p up to 64")]
    public void SHMP019_exponent_does_not_fit(string solver, string exponent, string taken, string? text = null) => ExpectOf(
        $"[RootInverse({solver})] [InverseExponent(3, 0.5)] [InverseExponent(5, 0.25)] [InverseExponent(2, {exponent})] [Precision(Factors = Float64)]", "SHMP019", exponent,
        $"Solver.{solver} does not take the exponent {text ?? exponent} of blocks of order 2, only {taken}; Solver.Eigh takes all");

    [Theory]
    [InlineData("CoupledNewton", "1.82", "0.91 of blocks of order 1", "1/p with p up to 64")]
    [InlineData("CoupledNewton", "3", "1.5 of blocks of order 1", "1/p with p up to 64")]
    [InlineData("MinimaxNewton", "1.41421356", "0.70710678 of blocks of order 1", "q/p with q and p up to 64")]
    public void SHMP019_multiplied_exponents_do_not_fit(string solver, string multiplier, string exponent, string taken) => ExpectOf(
        $"[RootInverse({solver}, ExponentMultiplier = {multiplier})] [Precision(Factors = Float64)]", "SHMP019", $"ExponentMultiplier = {multiplier}",
        $"Solver.{solver} does not take the exponent {exponent}, only {taken}; Solver.Eigh takes all");

    [Theory]
    [InlineData("[RootInverse(CoupledNewton, ExponentMultiplier = 2)] [InverseExponent(2, 0.25, Dimension = 1)] [InverseExponent(4, 0)] [Precision(Factors = Float64)]")]
    [InlineData("[RootInverse(MinimaxNewton, ExponentMultiplier = 1.5)] [InverseExponent(2, 0.375)] [Precision(Factors = Float64)]")]
    [InlineData("[RootInverse(NewtonSchulz)] [Preconditioning(MaxDimension = int.MaxValue, TargetDimensionality = 2)] [InverseExponent(2, 1, Dimension = 0)]")]
    [InlineData("[RootInverse(Eigh, ExponentMultiplier = 1.82)] [InverseExponent(2, 0.7071)]")]
    [InlineData("[Eigendecomposed(QR)] [InverseExponent(2, 0.7071)]")]
    public void SHMP019_spares_what_the_solver_takes(string attributes) => Generation.Of(TestProject.Declaring(attributes)).Reporting().Compiling();

    [Theory]
    [InlineData("[RootInverse(NewtonSchulz)]", "1/6 (order 3), 1/10 (order 5)")]
    [InlineData("[RootInverse(NewtonSchulz, ExponentMultiplier = 2)]", "2/6 (order 3), 2/10 (order 5)")]
    [InlineData("[RootInverse(NewtonSchulz)] [InverseExponent(5, 0.125)]", "1/6 (order 3)")]
    [InlineData("[RootInverse(NewtonSchulz)] [InverseExponent(5, 0.125)] [InverseExponent(3, 0.125, Dimension = 0)]", "1/6 (order 3)")]
    [InlineData("[RootInverse(NewtonSchulz)] [Preconditioning(MaxDimension = PreconditioningAttribute.Unlimited, TargetDimensionality = 3)]", "1/6 (order 3)")]
    public void SHMP020_orders_do_not_fit(string attributes, string orders) => ExpectOf(attributes, "SHMP020", "NewtonSchulz",
        $"Solver.NewtonSchulz does not take the exponents {orders}, only 1/p with p one of 1, 2, 4, 8, 16, 32, 64: training stops with an error if the model has such blocks", DiagnosticSeverity.Warning);

    [Fact]
    public void A_project_without_Shampoo_is_none_of_our_business()
    {
        TestProject project = TestProject.OfFiles("public class GraftingAttribute : System.Attribute { } [Grafting] public partial class Mine { }");
        Generation generation = Generation.Of(project with { References = References.Framework }).Reporting().Compiling();
        Assert.Empty(generation.Sources);
    }

    private static void ExpectOf(string attributes, string id, string squiggle, string message, DiagnosticSeverity severity = DiagnosticSeverity.Error) =>
        Expect(TestProject.Declaring(attributes), id, squiggle, message, severity);

    private static void Expect(string source, string id, string squiggle, string message, string[]? others = null) =>
        Expect(TestProject.Of(source), id, squiggle, message, DiagnosticSeverity.Error, others);

    private static void Expect(
        TestProject project, string id, string squiggle, string message, DiagnosticSeverity severity = DiagnosticSeverity.Error, string[]? others = null)
    {
        Generation generation = Generation.Of(project);
        Assert.Equal([id, .. others ?? []], generation.Diagnostics.Select(static d => d.Id).Order(StringComparer.Ordinal).OrderByDescending(other => other == id));
        Diagnostic diagnostic = generation.Diagnostics.Single(d => d.Id == id);
        Assert.Equal(squiggle, diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan));
        Assert.Equal(message, diagnostic.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(severity, diagnostic.Severity);
        Assert.Equal($"docs/diagnostics/{id}.md", diagnostic.Descriptor.HelpLinkUri);
        if (severity == DiagnosticSeverity.Error) Assert.Empty(generation.Sources);
        else generation.Compiling();
    }
}
