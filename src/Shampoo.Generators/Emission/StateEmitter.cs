using System.Globalization;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Emission;

/// <summary>The state of a bucket and the scalars of a step: nested classes with what the declaration uses, and nothing else.</summary>
internal sealed class StateEmitter(Declaration declaration, SourceWriter writer)
{
    public static bool HasState(Declaration declaration) =>
        declaration.FirstMoment is not null || declaration.Momentum is not null || declaration.RootInverse is not null
        || declaration.Grafting is { Epsilon: not null };

    public void Create()
    {
        writer.Line("/// <inheritdoc/>");
        writer.Line($"protected override {Names.Runtime}BlockState CreateState({Names.Runtime}StateSource source) => new State(source);");
    }

    public void State()
    {
        List<(string Name, string Documentation)> arrays = Arrays().ToList();
        writer.Line();
        writer.Line("/// <summary>State of a stack of blocks.</summary>");
        using (writer.Block($"private sealed class State : {Names.Runtime}BlockState"))
        {
            foreach ((string name, string documentation) in arrays)
                writer.Line($"public readonly {Names.Runtime}BlockArray {name};  // {documentation}");
            if (declaration.RootInverse is not null)
                writer.Line($"public readonly {Names.Runtime}FactorMatrices factor_matrices;  // L_k and X_k, [blocks, n_k, n_k]");
            if (HasState(declaration)) writer.Line();
            using (writer.Block($"public State({Names.Runtime}StateSource source) : base(source)"))
            {
                foreach ((string name, _) in arrays)
                    writer.Line($"{name} = source.Array(\"{name}\");");
                if (declaration.RootInverse is not null)
                    writer.Line($"factor_matrices = source.FactorMatrices({Names.Precision}{declaration.Precision.Factors}, {Names.Precision}{declaration.Precision.Roots}, toleratedFailures: {declaration.Preconditioning.ToleratedFailures.ToString(CultureInfo.InvariantCulture)});");
            }
        }
    }

    public void Numbers(IReadOnlyList<Scalar> scalars)
    {
        writer.Line();
        writer.Line("/// <summary>The scalars of a step, the same for all blocks of a parameter group.</summary>");
        using (writer.Block("private readonly struct Numbers"))
        {
            foreach (Scalar scalar in scalars)
                writer.Line($"public readonly double {scalar.Name};{(scalar.Remark == "" ? "" : $"  // {scalar.Remark}")}");
            writer.Line();
            using (writer.Block("public Numbers(Options options, long t)"))
                foreach (Scalar scalar in scalars)
                    writer.Line($"{scalar.Name} = {scalar.Definition};");
        }
    }

    private IEnumerable<(string Name, string Documentation)> Arrays()
    {
        if (declaration.Grafting is { Epsilon: not null }) yield return (Array.SecondMoment.Name, "V, [blocks, …]");
        if (declaration.FirstMoment is not null) yield return (Array.FirstMoment.Name, "m, [blocks, …]");
        if (declaration.Momentum is not null) yield return (Array.MomentumBuffer.Name, "M, [blocks, …]");
    }
}
