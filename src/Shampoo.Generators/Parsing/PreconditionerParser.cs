using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>The preconditioner, and what other attributes say of its dimensions.</summary>
/// <param name="attribute">The preconditioner's own.</param>
/// <param name="dimensions">What is declared of single dimensions.</param>
/// <param name="inFloat64">Whether the factor matrices are float64, whatever the parameters are.</param>
/// <param name="grafts">Whether grafting replaces the direction's length.</param>
/// <param name="highestOrder">That of the blocks, as far as it is known.</param>
internal sealed class PreconditionerParser(AttributeReader attribute, DimensionParser dimensions, bool inFloat64, bool grafts, int highestOrder)
{
    private static readonly string[] Statistics = ["OuterProducts", "KullbackLeibler"];
    private static readonly string[] RankDeficiencies = Enum.GetNames(typeof(RankDeficiency));

    public Preconditioner Parse()
    {
        switch (attribute.Name)
        {
            case "RootInverse": return RootInverse();
            case "Eigendecomposed": return Eigendecomposed();
            case "EigenvalueCorrected": return EigenvalueCorrected();
            case "Soap": return Soap();
            case "SignDescent": return SignDescent();
            default: return SpectralDescent();
        }
    }

    private string Solver => attribute.MemberAt(0) ?? "Eigh";

    private MatrixPreconditioner RootInverse()
    {
        SolverCheck.Check(attribute, MatrixFunctions.InverseRoots, SolverTraits.All);
        bool iterates = Solver is "CoupledNewton" or "CoupledHigherOrder", isHigherOrder = Solver == "CoupledHigherOrder";
        RankDeficiency rank = Rank();
        if (!iterates)
        {
            attribute.WithoutEffect("Tolerance", $"{Solver} has none; coupled iterations do");
            attribute.WithoutEffect("MaxIterations", $"{Solver} does not iterate until a test is met");
        }
        if (!isHigherOrder)
            foreach (string property in new[] { "Order", "AbsoluteEpsilon" })
                attribute.WithoutEffect(property, "only CoupledHigherOrder has it");
        bool hasEpsilon = !isHigherOrder || attribute.Declares("TraceScalingExponent");
        attribute.WithoutEffectIf(!hasEpsilon, "Epsilon", "CoupledHigherOrder has RelativeEpsilon and AbsoluteEpsilon");
        attribute.WithoutEffectIf(!isHigherOrder && Solver != "NewtonSchulz", "RelativeEpsilon", "only CoupledHigherOrder and NewtonSchulz have it");
        RejectIgnored();
        MatrixPreconditioner matrices = Matrices(MatrixMethod.RootInverse, rank, hasEpsilon && rank != RankDeficiency.PseudoInverse) with
        {
            TraceScalingExponent = attribute.Number("TraceScalingExponent", Range.Positive),
            ExponentMultiplier = attribute.Number("ExponentMultiplier", 1, Range.Positive),
            Exponents = dimensions.Exponents(),
        };
        if (SolverTraits.All.FirstOrDefault(s => s.Name == Solver) is { } solver && solver.Computes.HasFlag(MatrixFunctions.InverseRoots))
            new ExponentCheck(attribute, solver, matrices.ExponentMultiplier.Value, dimensions.Declared).Check(highestOrder);
        return matrices;
    }

    private MatrixPreconditioner Eigendecomposed()
    {
        SolverCheck.Check(attribute, MatrixFunctions.Eigenbases, SolverTraits.All);
        CheckIterations();
        RejectIgnored();
        RankDeficiency rank = Rank();
        return Matrices(MatrixMethod.Eigendecomposed, rank, hasEpsilon: rank != RankDeficiency.PseudoInverse) with
        {
            TraceScalingExponent = attribute.Number("TraceScalingExponent", Range.Positive),
            Exponents = dimensions.Exponents(),
        };
    }

    private MatrixPreconditioner EigenvalueCorrected()
    {
        SolverCheck.Check(attribute, MatrixFunctions.Eigenbases, SolverTraits.All);
        CheckIterations();
        Number exponent = attribute.Number("Exponent", 0.5, Range.Positive);
        RankDeficiency rank = Rank();
        Number? scaling = attribute.Number("TraceScalingExponent", Range.Positive);
        if (rank != RankDeficiency.PerturbBefore) attribute.WithoutEffect("TraceScalingExponent", "eigenvectors do not depend on a matrix's scale, to which nothing is added");
        return Matrices(MatrixMethod.EigenvalueCorrected, rank, hasEpsilon: true) with
        {
            TraceScalingExponent = rank == RankDeficiency.PerturbBefore ? scaling : null,
            CorrectionExponent = exponent,
            CorrectionExponents = dimensions.CorrectionExponents(exponent),
            Ignored = dimensions.Ignored(),
            TransportsEigenvalues = attribute.Flag("TransportEigenvalues", false),
        };
    }

    private MatrixPreconditioner Soap()
    {
        dimensions.RejectExponents("Soap divides by √v, in all dimensions");
        return new MatrixPreconditioner(
            "Soap",
            MatrixMethod.Soap,
            new SolverChoice("Eigh", RankDeficiency.PerturbBefore, Tolerance: null, MaxIterations: null, Order: null, RelativeEpsilon: null, AbsoluteEpsilon: null),
            attribute.Number("Beta2", 0.95, Range.Decay),
            attribute.Number("Epsilon", 1e-8, Range.Positive),
            BiasCorrection: false, KullbackLeibler: false, TraceScalingExponent: null, CorrectionExponent: null, Number.Of(1), default,
            dimensions.Ignored(),
            Moments: new SoapMoments(attribute.Number("Beta1", 0.95, Range.Decay), attribute.Number("ShampooBeta", Range.Decay), attribute.Flag("BiasCorrection", true)));
    }

    private SignDescent SignDescent()
    {
        RejectDimensions();
        RejectLength("Scale");
        RejectLength("Scaling");
        return new SignDescent(attribute.Number("Scale", 1, Range.Positive), Scaling<SignScaling>());
    }

    private SpectralDescent SpectralDescent()
    {
        RejectDimensions();
        SolverCheck.Check(attribute, MatrixFunctions.OrthogonalFactors, SolverTraits.All);
        if (Solver == "SVD") attribute.WithoutEffect("Iterations", "SVD does not iterate");
        if (Solver == "SVD") RejectLength("ScaleByNuclearNorm");
        else attribute.WithoutEffect("ScaleByNuclearNorm", "only SVD knows the nuclear norm");
        RejectLength("Scaling");
        return new SpectralDescent(Text, Solver, attribute.Integer("Iterations", 5, Range.Count), attribute.Flag("ScaleByNuclearNorm", false), Scaling<SpectralScaling>());
    }

    /// <summary>Of the first name where none is declared.</summary>
    private T Scaling<T>() where T : struct, Enum
    {
        string[] names = Enum.GetNames(typeof(T));
        return (T)Enum.Parse(typeof(T), attribute.Enum("Scaling", names[0], names));
    }

    private string Text => $"{attribute.Name}({Solver})";

    private MatrixPreconditioner Matrices(MatrixMethod method, RankDeficiency rank, bool hasEpsilon)
    {
        Number beta2 = attribute.Number("Beta2", 0.999, Range.DecayOrSum, inFloat64);
        if (beta2.Value == 1) attribute.WithoutEffect("BiasCorrection", "a plain sum (Beta2 = 1) has no bias");
        Number epsilon = attribute.Number("Epsilon", 1e-12, hasEpsilon && rank == RankDeficiency.PseudoInverse ? Range.NotNegative : Range.Positive, inFloat64);
        if (!hasEpsilon && rank == RankDeficiency.PseudoInverse) attribute.WithoutEffect("Epsilon", "the pseudo-inverse adds nothing to eigenvalues");
        bool divergence = method != MatrixMethod.EigenvalueCorrected && attribute.Enum("Statistics", "OuterProducts", Statistics) == "KullbackLeibler";
        return new MatrixPreconditioner(
            beta2.Value == 1 ? $"{attribute.Name}({Solver}, Beta2 = 1)" : Text,
            method,
            new SolverChoice(
                Solver, rank, attribute.Number("Tolerance", method == MatrixMethod.RootInverse ? Range.NotNegative : Range.Fraction), MaxIterations(method), Positive("Order", Range.Order),
                attribute.Number("RelativeEpsilon", Range.NotNegative), attribute.Number("AbsoluteEpsilon", Range.NotNegative),
                attribute.Number("RankTolerance", Range.NotNegative), attribute.Number("AbsoluteRankTolerance", Range.NotNegative)),
            beta2.Value == 1 ? null : beta2,
            hasEpsilon ? epsilon : null,
            attribute.Flag("BiasCorrection", true),
            divergence,
            TraceScalingExponent: null, CorrectionExponent: null, Number.Of(1), default, default);
    }

    private RankDeficiency Rank()
    {
        string name = attribute.Enum("RankDeficiency", "PerturbBefore", RankDeficiencies);
        bool hasChoice = attribute.Name != "RootInverse" || Solver == "Eigh";
        if (!hasChoice) attribute.WithoutEffect("RankDeficiency", $"{Solver} always adds ε to the diagonal; Eigh has a choice");
        RankDeficiency rank = hasChoice ? (RankDeficiency)Enum.Parse(typeof(RankDeficiency), name) : RankDeficiency.PerturbBefore;
        if (rank != RankDeficiency.PseudoInverse)
            foreach (string property in new[] { "RankTolerance", "AbsoluteRankTolerance" })
                attribute.WithoutEffect(property, "only the pseudo-inverse leaves eigenvalues out");
        return rank;
    }

    private void CheckIterations()
    {
        if (Solver != "QR") attribute.WithoutEffect("MaxIterations", $"{Solver} does not iterate");
    }

    /// <summary>Eigenbases have a limit of their own, which QR needs.</summary>
    private int? MaxIterations(MatrixMethod method) => method == MatrixMethod.RootInverse
        ? Positive("MaxIterations", Range.CountOrZero)
        : attribute.Integer("MaxIterations", 1, Range.Count) is var limit && Solver == "QR" ? limit : null;

    private int? Positive(string property, Range range) => attribute.Integer(property, 0, range) is var value and > 0 ? value : null;

    /// <summary>What only changes the length of the direction.</summary>
    private void RejectLength(string property)
    {
        if (grafts) attribute.WithoutEffect(property, "grafting decides the length of the direction");
    }

    private void RejectDimensions()
    {
        dimensions.RejectExponents($"{attribute.Name} has no factor matrices");
        RejectIgnored();
    }

    private void RejectIgnored() => dimensions.RejectIgnored(
        $"it is for [EigenvalueCorrected] and [Soap]{(attribute.Name is "RootInverse" or "Eigendecomposed" ? "; [InverseExponent] with exponent 0 leaves a dimension alone" : "")}");
}
