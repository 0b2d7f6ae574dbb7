using System.Globalization;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>The step: one method that lists the stages, in the order of the algorithm, and one short method for each of them.</summary>
internal sealed class StepEmitter(Declaration declaration, SourceWriter writer)
{
    private readonly StepGraph _graph = new(declaration);
    private readonly TorchPrinter _printer = new(writer);

    /// <summary>The scalars of the step, in the order in which they are first used.</summary>
    public IReadOnlyList<Scalar> Scalars => _graph.Stages.SelectMany(static s => s.Scalars).Concat(_graph.FactorScalars).Append(Numbers.MinusLearningRate).Distinct().ToList();

    private bool HasState => StateEmitter.HasState(declaration);

    private Preconditioning Schedule => declaration.Preconditioning;

    public void Emit()
    {
        StepGroup();
        StepBlocks();
        foreach (Stage stage in _graph.Stages.Where(stage => stage != _graph.Graft))
        {
            writer.Line();
            _printer.Method(stage);
        }
        if (_graph.Graft is not null)
            PreconditionedDirection(_graph.Graft);
    }

    private bool UsesGraftingDirection => _graph.GraftingDirection is not null;

    private void StepGroup()
    {
        writer.Line("/// <inheritdoc/>");
        using (writer.Block($"protected override void StepGroup({Names.Runtime}BlockSlices slices, Options options, long t)"))
        {
            writer.Line("using var n = new Numbers(options, t);");
            writer.Line("foreach (var blocks in slices)");
            using (writer.Indented())
                writer.Line($"StepBlocks({string.Join(", ", Arguments().Select(static a => a.Name == "state" ? "(State)blocks.State" : a.Name))});");
        }
    }

    private IEnumerable<(string Type, string Name)> Arguments()
    {
        yield return ($"{Names.Runtime}BlockSlice", "blocks");
        if (HasState) yield return ("State", "state");
        if (declaration.RootInverse is not null) yield return ("Options", "options");
        yield return ("Numbers", "n");
        if (declaration.RootInverse is { Debiases: true } || RefreshCondition() is not null) yield return ("long", "t");
    }

    private void StepBlocks()
    {
        writer.Line();
        writer.Line("/// <summary>Step t, counted from 1, of a stack of blocks [blocks, …] that have a gradient.</summary>");
        using (writer.Block($"private static void StepBlocks({string.Join(", ", Arguments().Select(static a => $"{a.Type} {a.Name}"))})"))
        {
            writer.Line("var gradient = blocks.GatherGradients();");
            if (_graph.ReadsParameters) writer.Line("var parameters = blocks.GatherParameters();");
            Call(_graph.AddWeightDecayToGradient);
            if (declaration.RootInverse is { } rootInverse) Statistics(rootInverse);
            Call(_graph.UpdateGraftingStatistic);
            if (declaration.RootInverse is not null) Refresh(declaration.RootInverse);
            Call(_graph.FilterGradient, StepGraph.FilteredGradient.Name);
            string direction = Direction();
            Call(_graph.AddWeightDecay);
            Call(_graph.ApplyMomentum);
            writer.Line();
            writer.Line("// W ← W − lr·P");
            writer.Line($"blocks.UpdateParameters({direction}, n.{Numbers.MinusLearningRate.Name});");
        }
    }

    private void Call(Stage? stage, string? result = null)
    {
        if (stage is null) return;
        writer.Line();
        writer.Line($"// {stage.Summary}  [{stage.Attribute}]");
        writer.Line(stage.Result is null ? $"{TorchPrinter.Call(stage)};" : $"using var {result} = {TorchPrinter.Call(stage)};");
    }

    private void Statistics(RootInverse rootInverse)
    {
        writer.Line();
        writer.Line(rootInverse.Beta2 is null
            ? "// L_k ← L_k + G₍ₖ₎G₍ₖ₎ᵀ for every dimension k  [RootInverse(Eigh, Beta2 = 1)]"
            : "// L_k ← β₂L_k + (1 − β₂)G₍ₖ₎G₍ₖ₎ᵀ for every dimension k  [RootInverse(Eigh)]");
        writer.Line(rootInverse.Beta2 is null
            ? "state.factor_matrices.Accumulate(gradient);"
            : "state.factor_matrices.Accumulate(gradient, n.beta2, n.one_minus_beta2);");
    }

    private void Refresh(RootInverse rootInverse)
    {
        string debiased = rootInverse.Debiases ? "L_k / (1 − β₂ᵗ)" : "L_k";
        string correction = rootInverse.Debiases ? $"1 - global::System.Math.Pow({Numbers.Value("beta2")}, t)" : "1";
        writer.Line();
        writer.Line($"// X_k ← ({debiased} + εI)^(−1/2d), d the order of the blocks  [RootInverse(Eigh)]");
        string refresh = $"state.factor_matrices.Refresh(new {Names.Runtime}Eigh({Numbers.Value("epsilon")}), {correction});";
        if (RefreshCondition() is not { } condition)
        {
            writer.Line(refresh);
            return;
        }
        writer.Line($"if ({condition})");
        using (writer.Indented())
            writer.Line(refresh);
    }

    /// <summary>Step Start, and every multiple of Frequency after it; null if that is every step.</summary>
    private string? RefreshCondition() => declaration.RootInverse is null ? null : (Schedule.Start, Schedule.Frequency) switch
    {
        (1, 1) => null,
        (var start, 1) => $"t >= {Text(start)}",
        var (start, frequency) when start == frequency => $"t % {Text(frequency)} == 0",
        var (start, frequency) => $"t == {Text(start)} || t > {Text(start)} && t % {Text(frequency)} == 0",
    };

    /// <summary>Makes P and returns its name.</summary>
    private string Direction()
    {
        string filtered = _graph.Filtered.Name;
        string grafted = UsesGraftingDirection ? TorchPrinter.Call(_graph.GraftingDirection!) : $"{filtered}.clone()";
        writer.Line();
        if (declaration.RootInverse is null)
        {
            bool changed = _graph.AddWeightDecay is not null || _graph.ApplyMomentum is not null;
            writer.Line(UsesGraftingDirection ? $"// P = {_graph.GraftingDirection!.Summary.Substring("P_g = ".Length)}  [{_graph.GraftingDirection.Attribute}]" : "// P = Ĝ");
            if (UsesGraftingDirection || changed) writer.Line($"using var direction = {grafted};");
            return UsesGraftingDirection || changed ? "direction" : filtered;
        }
        string preconditioned = _graph.Graft is null ? $"state.factor_matrices.Precondition({filtered})" : DirectionCall(_graph.Graft);
        string product = $"P = Ĝ ×₁ X₁ … ×_d X_d{(_graph.Graft is null ? "" : $", then {_graph.Graft.Summary}")}";
        if (Schedule.Start == 1)
        {
            writer.Line($"// {product}  [RootInverse(Eigh)]");
            writer.Line($"using var direction = {preconditioned};");
            return "direction";
        }
        writer.Line($"// {product}  [RootInverse(Eigh)]; before step {Text(Schedule.Start)} {(UsesGraftingDirection ? "P_g" : "Ĝ")} itself  [Preconditioning]");
        writer.Line($"using var direction = t < {Text(Schedule.Start)}");
        using (writer.Indented())
        {
            writer.Line($"? {grafted}");
            writer.Line($": {preconditioned};");
        }
        return "direction";
    }

    private IEnumerable<(string Type, string Name)> DirectionParameters(Stage graft)
    {
        yield return ($"{Names.Runtime}BlockSlice", "blocks");
        yield return ("State", "state");
        if (!_graph.Filtered.Name.StartsWith("state.", StringComparison.Ordinal)) yield return (Names.Tensor, _graph.Filtered.Name);
        if (graft.Scalars.Any()) yield return ("Numbers", "n");
    }

    private string DirectionCall(Stage graft) => $"PreconditionedDirection({string.Join(", ", DirectionParameters(graft).Select(static p => p.Name))})";

    private void PreconditionedDirection(Stage graft)
    {
        writer.Line();
        writer.Line($"/// <summary>{SourceText.Xml(graft.Summary)}  [{graft.Attribute}]</summary>");
        using (writer.Block($"private static {Names.Tensor} PreconditionedDirection({string.Join(", ", DirectionParameters(graft).Select(static p => $"{p.Type} {p.Name}"))})"))
        {
            writer.Line($"var direction = state.factor_matrices.Precondition({_graph.Filtered.Name});");
            _printer.Body(graft);
            writer.Line("return direction;");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
