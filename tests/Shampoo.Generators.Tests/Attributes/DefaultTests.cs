using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Attributes;

/// <summary>A default is written twice, in the attribute and in the generator. They are the same.</summary>
public sealed class DefaultTests
{
    public static TheoryData<string, string, double> Defaults => new()
    {
        { "[FirstMoment]", "beta1", new FirstMomentAttribute().Beta1 },
        { "[RootInverse(Eigh)]", "beta2", new RootInverseAttribute(Solver.Eigh).Beta2 },
        { "[RootInverse(Eigh)]", "epsilon", new RootInverseAttribute(Solver.Eigh).Epsilon },
        { "[Eigendecomposed(Eigh)]", "beta2", new EigendecomposedAttribute(Solver.Eigh).Beta2 },
        { "[Eigendecomposed(Eigh)]", "epsilon", new EigendecomposedAttribute(Solver.Eigh).Epsilon },
        { "[EigenvalueCorrected(Eigh)]", "beta2", new EigenvalueCorrectedAttribute(Solver.Eigh).Beta2 },
        { "[EigenvalueCorrected(Eigh)]", "epsilon", new EigenvalueCorrectedAttribute(Solver.Eigh).Epsilon },
        { "[Soap]", "beta1", new SoapAttribute().Beta1 },
        { "[Soap]", "beta2", new SoapAttribute().Beta2 },
        { "[Soap]", "epsilon", new SoapAttribute().Epsilon },
        { "[SignDescent]", "scale", new SignDescentAttribute().Scale },
        { "[Grafting(Adam)]", "beta2", new GraftingAttribute(GraftingMethod.Adam).Beta2 },
        { "[Grafting(RMSProp)]", "beta2", new GraftingAttribute(GraftingMethod.RMSProp).Beta2 },
        { "[Grafting(Adagrad)]", "epsilon", new GraftingAttribute(GraftingMethod.Adagrad).Epsilon },
        { "[RootInverse(Eigh)] [Grafting(Adam)]", "grafting_beta2", new GraftingAttribute(GraftingMethod.Adam).Beta2 },
        { "[RootInverse(Eigh)] [Grafting(Adam)]", "grafting_epsilon", new GraftingAttribute(GraftingMethod.Adam).Epsilon },
        { "[Momentum]", "momentum", new MomentumAttribute().Momentum },
        { "[WeightDecay(Decoupled)]", "weight_decay", new WeightDecayAttribute(WeightDecayKind.Decoupled).WeightDecay },
        { "[WeightDecay(L2)]", "weight_decay", new WeightDecayAttribute(WeightDecayKind.L2).WeightDecay },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public void Of_numbers(string attributes, string argument, double expected) =>
        Assert.Equal([expected, expected, expected], ArgumentDefaults(Generation.Of(TestProject.Declaring(attributes)).Source, argument));

    [Fact]
    public void Of_blocking_and_schedule()
    {
        var attribute = new PreconditioningAttribute();
        string written = string.Create(CultureInfo.InvariantCulture, $"""
            [RootInverse(Eigh)]
            [Preconditioning(MaxDimension = {attribute.MaxDimension}, TargetDimensionality = {attribute.TargetDimensionality}, Frequency = {attribute.Frequency},
                Start = {attribute.Start}, ToleratedFailures = {attribute.ToleratedFailures})]
            """);
        Assert.Equal(Generated("[RootInverse(Eigh)]"), Generated(written));
    }

    /// <summary>A value that an attribute has by itself may be written down: it is available, has its effect, and changes nothing.</summary>
    [Theory]
    [InlineData("[RootInverse(Eigh)]", "[RootInverse(Eigh, Beta2 = 0.999, Epsilon = 1e-12, BiasCorrection = true, Statistics = OuterProducts, RankDeficiency = PerturbBefore, ExponentMultiplier = 1)]")]
    [InlineData("[RootInverse(CoupledNewton)] [Precision(Factors = Float64)]", "[RootInverse(CoupledNewton, MaxIterations = 0)] [Precision(Factors = Float64)]")]
    [InlineData("[RootInverse(CoupledHigherOrder)] [Precision(Factors = Float64)]", "[RootInverse(CoupledHigherOrder, MaxIterations = 0, Order = 0)] [Precision(Factors = Float64)]")]
    [InlineData("[Eigendecomposed(QR)]", "[Eigendecomposed(QR, Beta2 = 0.999, Epsilon = 1e-12, BiasCorrection = true, Statistics = OuterProducts, RankDeficiency = PerturbBefore, MaxIterations = 1)]")]
    [InlineData("[Eigendecomposed(Eigh)]", "[Eigendecomposed(Eigh, Tolerance = 0)]")]
    [InlineData("[EigenvalueCorrected(Eigh)] [InverseExponent(2, 1)]", "[EigenvalueCorrected(Eigh, Exponent = 0.5)] [InverseExponent(2, 1, Dimension = -1)]")]
    [InlineData("[EigenvalueCorrected(QR)]", "[EigenvalueCorrected(QR, Beta2 = 0.999, Epsilon = 1e-12, BiasCorrection = true, Exponent = 0.5, TransportEigenvalues = false, RankDeficiency = PerturbBefore, MaxIterations = 1)]")]
    [InlineData("[Soap]", "[Soap(Beta1 = 0.95, Beta2 = 0.95, Epsilon = 1e-8, BiasCorrection = true)]")]
    [InlineData("[SpectralDescent(NewtonSchulz)] [Preconditioning(TargetDimensionality = 2)]", "[SpectralDescent(NewtonSchulz, Iterations = 5)] [Preconditioning(TargetDimensionality = 2)]")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2)]", "[SpectralDescent(SVD, ScaleByNuclearNorm = false, Scaling = Unscaled)] [Preconditioning(TargetDimensionality = 2)]")]
    [InlineData("[SignDescent]", "[SignDescent(Scale = 1, Scaling = Constant)]")]
    [InlineData("[Eigendecomposed(Eigh)] [FirstMoment]", "[Eigendecomposed(Eigh)] [FirstMoment] [Precision(Factors = SameAsParameter, Roots = SameAsParameter, Eigenvectors = SameAsParameter, Moments = SameAsParameter)]")]
    [InlineData("[RootInverse(Eigh)]", "[RootInverse(Eigh)] [Preconditioning(LargeDimensions = Blocked, SymmetricPacking = false, Refresh = Together, StatisticsInterval = 1, SkipRankBelow = 0, SkipSizeAbove = PreconditioningAttribute.Unlimited)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 9, Refresh = Overlapped)]", "[RootInverse(Eigh)] [Preconditioning(Frequency = 9, Refresh = Overlapped, Staleness = 4)]")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 9, Start = 16, Refresh = Overlapped)]", "[RootInverse(Eigh)] [Preconditioning(Frequency = 9, Start = 16, Refresh = Overlapped, Staleness = 2)]")]
    [InlineData("[WeightDecay(Decoupled)]", "[WeightDecay(Decoupled, Cautious = false)]")]
    [InlineData("[FirstMoment]", "[FirstMoment(Beta1 = 0.9, BiasCorrection = true)]")]
    [InlineData("[Momentum]", "[Momentum(0.9, Nesterov = false)]")]
    [InlineData("[Grafting(SGD)]", "[Grafting(SGD)] [GradientChecks(true)]")]
    [InlineData("[Grafting(SGD)]", "[Grafting(SGD)] [Elementwise(Automatic)]")]
    public void Written_down_they_change_nothing(string attributes, string written) => Assert.Equal(Generated(attributes), Generated(written));

    private static string Generated(string attributes) => Generation.Of(TestProject.Declaring(attributes)).Reporting().Source;

    /// <summary>The default of an argument in each of the three constructors.</summary>
    internal static IEnumerable<double> ArgumentDefaults(string source, string argument) => CSharpSyntaxTree.ParseText(source).GetRoot()
        .DescendantNodes().OfType<ParameterSyntax>().Where(p => p.Identifier.Text == argument)
        .Select(static p => double.Parse(p.Default!.Value.ToString(), CultureInfo.InvariantCulture));
}
