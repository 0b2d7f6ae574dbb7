using System.Globalization;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Emission;

/// <summary>The state of a bucket and the scalars of a step: nested classes with what the declaration uses, and nothing else.</summary>
internal sealed class StateEmitter(Declaration declaration, SourceWriter writer)
{
    private IReadOnlyList<(string Type, string Name, string Make, string Documentation)> Fields => [.. Arrays(), .. Matrices()];

    public static bool HoldsDirection(Declaration declaration) => declaration.Grafting is { } grafting && GraftingRule.Of(grafting.Method).Layerwise;

    private bool HasLarge => declaration.Preconditioning.LargeDimensions == LargeDimensions.Elementwise;

    /// <summary>The blocks whose state has no factor matrices; null where all have them. Eigenbases of skipped parameters are there, without matrices.</summary>
    private string? WithoutMatrices => (HasLarge, declaration.Preconditioning.Skips && declaration.Matrices is { HasEigenbases: false }) switch
    {
        (true, true) => "source.IsLarge || source.IsSkipped",
        (true, false) => "source.IsLarge",
        (false, true) => "source.IsSkipped",
        _ => null,
    };

    public static bool HasState(Declaration declaration) =>
        declaration.FirstMoment is not null || declaration.Momentum is not null || declaration.Matrices is not null
        || declaration.Grafting is { Epsilon: not null } || HoldsDirection(declaration) || declaration.Averaging is not null;

    /// <summary>How many arrays of the state are as large as a block, whether it is large or not.</summary>
    public static int ArrayCount(Declaration declaration)
    {
        var emitter = new StateEmitter(declaration, new SourceWriter());
        return emitter.Arrays().Count() - (emitter.HasLarge && declaration.Grafting is { Epsilon: not null } ? 1 : 0);
    }

    /// <summary>How many matrices each dimension of a block has: L, what is computed of it, and that once more if it is computed beside the steps.</summary>
    public static int MatrixCount(Declaration declaration)
    {
        if (declaration.Matrices is not { } matrices) return 0;
        int computed = matrices.Method == MatrixMethod.Eigendecomposed ? 2 : 1;
        return 1 + (declaration.Preconditioning.Refresh == Refresh.Overlapped ? 2 : 1) * computed;
    }

    public void Create()
    {
        writer.Line("/// <inheritdoc/>");
        writer.Line($"protected override {Names.Runtime}BlockState CreateState({Names.Runtime}StateSource source) => new State(source);");
    }

    /// <summary>When blocks are refreshed, if they have their turns.</summary>
    public void Staggering()
    {
        if (declaration.Matrices is not { } matrices || declaration.Preconditioning.Refresh != Refresh.Staggered) return;
        string exponents = matrices.HasDefaultExponents ? "" : ", exponents: Exponents", ignored = matrices.Ignored.Count == 0 ? "" : ", ignored: Ignored";
        int start = Math.Max(declaration.Preconditioning.Start, declaration.Preconditioning.Frequency); // SOAP has bases before, but follows nothing
        string diagonals = declaration.Preconditioning.LargeDimensions == LargeDimensions.DiagonalFactor ? MaxDimension : "";
        writer.Line();
        writer.Line("/// <inheritdoc/>");
        writer.Line($"protected override {Names.Runtime}StaggeredRefresh Staggering {{ get; }} = new {Names.Runtime}StaggeredRefresh("
            + $"start: {Text(start)}, frequency: {Text(declaration.Preconditioning.Frequency)}{exponents}{ignored}{diagonals});");
    }

    private string MaxDimension => $", maxDimension: {Text(declaration.Preconditioning.MaxDimension)}";

    public void State()
    {
        writer.Line();
        writer.Line("/// <summary>State of a stack of blocks.</summary>");
        using (writer.Block($"private sealed class State : {Names.Runtime}BlockState"))
        {
            foreach ((string type, string name, _, string documentation) in Fields)
                writer.Line($"public readonly {Names.Runtime}{type} {name};  // {documentation}");
            if (Fields.Count > 0) writer.Line();
            using (writer.Block($"public State({Names.Runtime}StateSource source) : base(source)"))
            {
                foreach ((string type, string name, string make, _) in Fields)
                    writer.Line($"{name} = {(WithoutMatrices is { } others && type != "BlockArray" ? $"{others} ? null! : " : "")}source.{make};");
                if (declaration.Matrices?.Moments is not null) writer.Line("source.CountGradients();");
            }
        }
    }

    public void Numbers(IReadOnlyList<Scalar> scalars)
    {
        writer.Line();
        writer.Line($"/// <summary>The scalars of a step, the same for all blocks of a parameter group{(declaration.Matrices is { CorrectsByOrder: true } ? " that have the same order" : "")}.</summary>");
        using (writer.Block("private readonly struct Numbers"))
        {
            foreach (Scalar scalar in scalars)
                writer.Line($"public readonly double {scalar.Name};{(scalar.Remark == "" ? "" : $"  // {scalar.Remark}")}");
            writer.Line();
            string average = declaration.Averaging?.Power is null ? "" : ", float evaluation_interpolation", norm = declaration.MaxGradientNorm is null ? "" : ", double gradient_norm";
            string exponent = declaration.Matrices is { CorrectsByOrder: true } ? ", double correction_exponent" : "";
            using (writer.Block($"public Numbers(Options options, long t{average}{norm}{exponent})"))
                foreach (Scalar scalar in scalars)
                    writer.Line($"{scalar.Name} = {scalar.Definition};");
        }
    }

    private IEnumerable<(string, string, string, string)> Arrays()
    {
        if (HasLarge) yield return ("BlockArray", Array.LargeSecondMoment.Name, $"ArrayOf(large: true, \"{Array.LargeSecondMoment.Name}\"{Stored(Array.LargeSecondMoment)})", "U, [blocks, …], of large blocks");
        if (declaration.Grafting is { Epsilon: not null })
            yield return HasLarge ? ("BlockArray", Array.SecondMoment.Name, $"ArrayOf(large: false, \"{Array.SecondMoment.Name}\"{Stored(Array.SecondMoment)})", "V, [blocks, …], of all others") : Of(Array.SecondMoment);
        if (declaration.Matrices is { Method: MatrixMethod.EigenvalueCorrected }) yield return Of(Array.CorrectedEigenvalues);
        if (declaration.FirstMoment is not null || declaration.Matrices?.Moments is not null) yield return Of(Array.FirstMoment);
        if (declaration.Matrices?.Moments is not null) yield return Of(Array.RotatedSecondMoment);
        if (declaration.Momentum is not null) yield return Of(Array.MomentumBuffer);
        if (HoldsDirection(declaration)) yield return ("BlockArray", Array.HeldDirection.Name, $"Held(\"{Array.HeldDirection.Name}\")", "P, [blocks, …], until the step ends");
        if (declaration.Averaging is not null) yield return ("BlockArray", Array.WeightBuffer.Name, $"Parameters(\"{Array.WeightBuffer.Name}\")", "Z, [blocks, …], initially W");

        (string, string, string, string) Of(Array array) => ("BlockArray", array.Name, $"Array(\"{array.Name}\"{Stored(array)})", $"{array.Symbol}, [blocks, …]");

        // What is divided by never has 8 bits: with one scale for several numbers the small ones are 0.
        string Stored(Array array) => (array.IsDivisor ? declaration.Precision.SweptMoments : declaration.Precision.Moments) is not Precision.SameAsParameter and var precision
            ? $", {Names.Precision}{precision}" : "";
    }

    private IEnumerable<(string, string, string, string)> Matrices()
    {
        if (declaration.Matrices is not { } matrices) yield break;
        string precision = $"{Names.Precision}{declaration.Precision.Factors}", roots = $"{Names.Precision}{declaration.Precision.Roots}", eigenvectors = $"{Names.Precision}{declaration.Precision.Eigenvectors}";
        string failures = $"toleratedFailures: {declaration.Preconditioning.ToleratedFailures.ToString(CultureInfo.InvariantCulture)}";
        string exponents = matrices.HasDefaultExponents ? "" : ", exponents: Exponents";
        if (declaration.Preconditioning.LargeDimensions == LargeDimensions.DiagonalFactor)
            exponents += MaxDimension;
        string packed = declaration.Preconditioning.PacksSymmetric ? ", packed: true" : "", together = packed == "" ? "" : ", L_k and X_k in one array";
        string overlapped = declaration.Preconditioning.Refresh != Refresh.Overlapped ? "" : matrices.Moments is null ? ", overlapped: true" : ", overlapped: true, sorted: true";
        yield return matrices.Method switch
        {
            MatrixMethod.RootInverse => ("FactorMatrices", Name(matrices), $"FactorMatrices({precision}, {roots}, {failures}{exponents}{overlapped}{packed})", $"L_k and X_k, [blocks, n_k, n_k]{together}"),
            MatrixMethod.Eigendecomposed => ("Eigendecomposition", Name(matrices), $"Eigendecomposition({precision}, {eigenvectors}, {roots}, {failures}{exponents}{overlapped}{packed})", $"L_k, its eigenvectors, and X_k, [blocks, n_k, n_k]{together}"),
            _ => ("FactorEigenbases", Name(matrices), $"FactorEigenbases({precision}, {eigenvectors}, {failures}{(matrices.Ignored.Count == 0 ? "" : ", ignored: Ignored")}{overlapped})", "L_k and Q_k, [blocks, n_k, n_k]"),
        };
    }

    /// <summary>The member of the state that holds the matrices.</summary>
    public static string Name(MatrixPreconditioner matrices) => matrices.Method switch
    {
        MatrixMethod.RootInverse => "factor_matrices",
        MatrixMethod.Eigendecomposed => "eigendecomposition",
        _ => "factor_eigenbases",
    };

    /// <summary>What is fixed of single dimensions.</summary>
    public void Dimensions()
    {
        if (declaration.Matrices is not { } matrices) return;
        if (!matrices.HasDefaultExponents)
            Fixed("InverseExponents", "Exponents", matrices.ExponentMultiplier.Value == 1 ? "" : $"multiplier: {matrices.ExponentMultiplier.Text}", matrices.Exponents.Select(static e =>
                $".Override(order: {Text(e.Order)}, {(e.Dimension < 0 ? "" : $"dimension: {Text(e.Dimension)}, ")}exponent: {e.Exponent.Text})"));
        if (matrices.CorrectsByOrder)
            Fixed("CorrectionExponents", "Exponents", $"exponent: {matrices.CorrectionExponent!.Text}", matrices.CorrectionExponents.Select(static e =>
                $".Override(order: {Text(e.Order)}, exponent: {e.Exponent.Text})"));
        if (matrices.Ignored.Count > 0)
            Fixed("IgnoredDimensions", "Ignored", "", matrices.Ignored.Select(static e => $".Ignore({Text(e.Order)}, {Text(e.Dimension)})"));
    }

    private void Fixed(string type, string name, string argument, IEnumerable<string> calls)
    {
        writer.Line($"private static readonly {Names.Runtime}{type} {name} = new {Names.Runtime}{type}({argument}){string.Concat(calls)};");
        writer.Line();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
