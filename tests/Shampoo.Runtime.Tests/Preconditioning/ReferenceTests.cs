using System.Globalization;
using System.Text.Json;

namespace Shampoo.Runtime.Tests;

/// <summary>The preconditioners of the runtime along the trajectories of the reference implementation; tolerances are those of its README.</summary>
public sealed class ReferenceTests
{
    private const double Tolerance = 1e-9, BasisTolerance = 1e-6;

    [Theory]
    [InlineData("root-inverse-eigen-adam-graft")]
    [InlineData("root-inverse-eigen-no-graft")]
    [InlineData("inverse-exponent-override")]
    [InlineData("one-sided-override")]
    [InlineData("legacy-exponent-multiplier")]
    [InlineData("legacy-exponent-override")]
    [InlineData("kl-root-inverse")]
    [InlineData("trace-scaling")]
    [InlineData("perturb-after")]
    [InlineData("pseudo-inverse")]
    public void Root_inverse(string name)
    {
        var run = new ReferenceRun(name);
        var exponents = ExponentsOf(run);
        run.AssertMet(source => new RootInverse(source, exponents), step =>
        {
            var matrices = ((RootInverse)step.Slice.State).Matrices;
            if (name.StartsWith("kl-", StringComparison.Ordinal))
                matrices.AccumulateKullbackLeibler(step.Slice.Gradient, run.Beta2, 1 - run.Beta2);
            else
                matrices.Accumulate(step.Slice.Gradient, run.Beta2, 1 - run.Beta2);
            if (!step.IsPreconditioned)
                return [];
            if (step.IsRefresh)
                Refresh(name, run, matrices, step.BiasCorrection2);
            return step.Apply(matrices.Precondition, step.Filtered);
        }, Tolerance);
    }

    private static void Refresh(string name, ReferenceRun run, FactorMatrices matrices, double biasCorrection)
    {
        var solver = new Eigh(run.Epsilon);
        switch (name)
        {
            case "trace-scaling": matrices.Refresh(new TraceScaled<Eigh>(solver, 0.5, run.Epsilon), biasCorrection); break;
            case "perturb-after": matrices.Refresh(new Eigh<PerturbAfter>(new(run.Epsilon)), biasCorrection); break;
            case "pseudo-inverse": matrices.Refresh(new Eigh<PseudoInverse>(new(1e-8)), biasCorrection); break;
            default: matrices.Refresh(solver, biasCorrection); break;
        }
    }

    [Theory]
    [InlineData("eigendecomposed")]
    [InlineData("kl-eigendecomposed")]
    public void Eigendecomposed(string name)
    {
        var run = new ReferenceRun(name);
        run.AssertMet(source => new Decomposed(source), step =>
        {
            var matrices = ((Decomposed)step.Slice.State).Matrices;
            if (name.StartsWith("kl-", StringComparison.Ordinal))
                matrices.AccumulateKullbackLeibler(step.Slice.Gradient, run.Beta2, 1 - run.Beta2);
            else
                matrices.Accumulate(step.Slice.Gradient, run.Beta2, 1 - run.Beta2);
            matrices.Refresh(new EighBasis(), new PerturbBefore(run.Epsilon), step.BiasCorrection2);
            return step.Apply(matrices.Precondition, step.Filtered);
        }, Tolerance);
    }

    [Theory]
    [InlineData("soap-eigh")]
    [InlineData("soap-eigh-frequency")]
    [InlineData("soap-adaptive-eigh")]
    [InlineData("soap-ignored-dims")]
    [InlineData("soap-qr")]
    public void Eigenvalue_corrected(string name)
    {
        var run = new ReferenceRun(name);
        var ignored = IgnoredOf(run);
        run.AssertMet(source => new Corrected(source, ignored), step =>
        {
            var bases = ((Corrected)step.Slice.State).Bases;
            bases.Accumulate(step.Slice.Gradient, run.Beta2, 1 - run.Beta2);
            if (step.IsRefresh)
                Refresh(name, run, bases, step.BiasCorrection2);
            var rotated = step.Apply((_, destination) => bases.Rotate(step.Slice.Gradient, destination), step.Gradient);
            var e = step.Average("corrected_eigenvalues", [.. rotated.Select(g => g * g)], run.Beta2);

            // Before the first refresh too, where there is no grafting: the basis is the identity then.
            rotated = step.Apply(bases.Rotate, step.Filtered);
            return step.Apply(bases.RotateBack, [.. rotated.Select((g, i) => g / (Math.Sqrt(e[i] / step.BiasCorrection2) + run.Epsilon))]);
        }, BasisTolerance);
    }

    private static void Refresh(string name, ReferenceRun run, FactorEigenbases bases, double biasCorrection)
    {
        switch (name)
        {
            case "soap-qr": bases.Refresh(new QRBasis(maxIterations: 1), new PerturbBefore(run.Epsilon), biasCorrection); break;
            case "soap-adaptive-eigh": bases.Refresh(new AdaptiveBasis<EighBasis>(new(), 0.5), new PerturbBefore(run.Epsilon), biasCorrection); break;
            default: bases.Refresh(new EighBasis(), new PerturbBefore(run.Epsilon), biasCorrection); break;
        }
    }

    [Fact]
    public void Spectral_descent_by_Newton_Schulz() => new ReferenceRun("muon-newton-schulz").AssertMet(
        source => new NoState(source),
        step => step.Apply((source, destination) => OrthogonalFactors.Compute(new NewtonSchulz(iterations: 5), source, destination), step.Filtered),
        Tolerance);

    [Fact]
    public void Spectral_descent_by_singular_values() => new ReferenceRun("spectral-svd").AssertMet(
        source => new NoState(source),
        step => step.Apply((source, destination) => OrthogonalFactors.Compute(new Svd(), source, destination), step.Filtered),
        BasisTolerance);

    [Fact]
    public void Large_dimensions_element_by_element()
    {
        var run = new ReferenceRun("legacy-large-dim-adagrad");
        run.AssertMet(source => source.IsLarge ? new NoState(source) : new RootInverse(source, new InverseExponents()), step =>
        {
            if (step.Slice.State is not RootInverse state)
            {
                var v = step.Average("second_moment", [.. step.Gradient.Select(g => g * g)], run.Beta2);
                return [.. step.Filtered.Select((g, i) => g / (Math.Sqrt(v[i] / step.BiasCorrection2) + run.Epsilon))];
            }
            state.Matrices.Accumulate(step.Slice.Gradient, run.Beta2, 1 - run.Beta2);
            state.Matrices.Refresh(new Eigh(run.Epsilon), step.BiasCorrection2);
            return step.Apply(state.Matrices.Precondition, step.Filtered);
        }, Tolerance, LargeDimensions.Elementwise);
    }

    private static InverseExponents ExponentsOf(ReferenceRun run)
    {
        if (run.Configuration.TryGetProperty("exponent_multiplier", out var multiplier))
            return new InverseExponents(multiplier.GetDouble());
        var exponents = new InverseExponents();
        if (run.Configuration.TryGetProperty("exponent_override", out var root))
            return exponents.Override(1, 1 / root.GetDouble()).Override(2, 1 / root.GetDouble());
        if (!run.Configuration.GetProperty("preconditioner").TryGetProperty("inverse_exponent_override", out var orders))
            return exponents;
        foreach (var order in orders.EnumerateObject())
        {
            var d = int.Parse(order.Name, CultureInfo.InvariantCulture);
            exponents = order.Value.ValueKind == JsonValueKind.Number
                ? exponents.Override(d, order.Value.GetDouble())
                : order.Value.EnumerateObject().Aggregate(
                    exponents, (all, k) => all.Override(d, int.Parse(k.Name, CultureInfo.InvariantCulture), k.Value.GetDouble()));
        }
        return exponents;
    }

    private static IgnoredDimensions IgnoredOf(ReferenceRun run)
    {
        var ignored = new IgnoredDimensions();
        if (!run.Configuration.GetProperty("preconditioner").TryGetProperty("ignored_basis_change_dims", out var orders))
            return ignored;
        foreach (var order in orders.EnumerateObject())
            ignored = ignored.Ignore(int.Parse(order.Name, CultureInfo.InvariantCulture), [.. order.Value.EnumerateArray().Select(k => k.GetInt32())]);
        return ignored;
    }

    private sealed class RootInverse(StateSource source, InverseExponents exponents) : BlockState(source)
    {
        public FactorMatrices Matrices { get; } = source.FactorMatrices(exponents: exponents);
    }

    private sealed class Decomposed(StateSource source) : BlockState(source)
    {
        public Eigendecomposition Matrices { get; } = source.Eigendecomposition();
    }

    private sealed class Corrected(StateSource source, IgnoredDimensions ignored) : BlockState(source)
    {
        public FactorEigenbases Bases { get; } = source.FactorEigenbases(ignored: ignored);
    }

    private sealed class NoState(StateSource source) : BlockState(source);
}
