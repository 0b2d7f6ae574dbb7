using System.Globalization;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>The step: the list of sweeps and products, in order, each with its formulas and the attributes that chose them.</summary>
internal sealed class StepEmitter(Declaration declaration, StepGraph graph, SourceWriter writer)
{
    /// <summary>Where every parameter counts its own steps, the first one is 0, and makes the bases.</summary>
    private readonly StatisticsSchedule _statistics = new(declaration.Preconditioning, firstRefresh: graph.CountsOwnSteps ? 0 : declaration.Preconditioning.Start);

    private Preconditioning Preconditioning => declaration.Preconditioning;

    public void Emit()
    {
        StepGroup();
        StepBlocks();
        UpdateBlocks();
    }

    private void StepGroup()
    {
        writer.Line("/// <inheritdoc/>");
        using (writer.Block($"protected override void StepGroup({Names.Runtime}BlockSlices slices, Options options, long t)"))
        {
            string? average = declaration.Averaging?.Power is null ? null
                : $"slices.EvaluationInterpolation(global::System.Math.Pow({Numbers.Value("LearningRate")}, {Numbers.Value("lr_power")}))";
            string? norm = declaration.MaxGradientNorm is null ? null : "slices.GradientNorm()";
            if (graph.CountsOwnSteps || CorrectsByOrder)
            {
                StepSlices(average, norm);
                return;
            }
            writer.Line($"var n = {NewNumbers("t", average, norm)};");
            ForEachSlice(Step("t"));
            AfterScaling("n");
        }
    }

    private void AfterScaling(string numbers)
    {
        if (graph.AfterScaling is null) return;
        writer.Line();
        writer.Line($"// P ← P · ‖W‖ / ‖P‖ over each parameter  [Grafting({declaration.Grafting!.Method})]");
        writer.Line($"slices.ScaleToParameters(\"{Graph.Array.HeldDirection.Name}\");");
        writer.Line();
        ForEachSlice($"UpdateBlocks((Blocks)slice.Sweeps, {numbers});");
    }

    private bool CorrectsByOrder => declaration.Matrices is { CorrectsByOrder: true };

    /// <summary>Every parameter counts its own steps, or blocks have numbers of their order.</summary>
    private void StepSlices(string? average, string? norm)
    {
        string t = graph.CountsOwnSteps ? "own" : "t";
        string numbers = NewNumbers(t, average is null ? null : "evaluation_interpolation", norm is null ? null : "gradient_norm", CorrectsByOrder ? "Exponents.Of(slice)" : null);
        if (average is not null) writer.Line($"var evaluation_interpolation = {average};");
        if (norm is not null) writer.Line($"var gradient_norm = {norm};");
        using (writer.Block("foreach (var slice in slices)"))
        {
            if (graph.CountsOwnSteps) writer.Line("var own = slice.CountGradient();");
            writer.Line($"var n = {numbers};");
            writer.Line(Step(t));
        }
        AfterScaling(numbers);
    }

    private static string NewNumbers(string t, params string?[] more) => $"new Numbers({string.Join(", ", more.Where(static a => a is not null).Prepend(t).Prepend("options"))})";

    private string Step(string t) =>
        $"StepBlocks({string.Join(", ", Arguments().Select(a => a.Name switch { "blocks" => "(Blocks)slice.Sweeps", "t" => t, var name => name }))});";

    private void ForEachSlice(string statement)
    {
        writer.Line("foreach (var slice in slices)");
        using (writer.Indented())
            writer.Line(statement);
    }

    /// <summary>What is left when the directions of whole parameters have been scaled.</summary>
    private void UpdateBlocks()
    {
        if (graph.AfterScaling is not { } after) return;
        writer.Line();
        writer.Line("/// <summary>The rest of the step, when all blocks of the group have their directions.</summary>");
        using (writer.Block("private static void UpdateBlocks(Blocks blocks, in Numbers n)"))
            Sweeps(after);
    }

    private IEnumerable<(string Type, string Name)> Arguments()
    {
        yield return ("Blocks", "blocks");
        if (!graph.CountsOwnSteps && declaration.Matrices is { Debiases: true } or { RefreshesByEpsilon: true }) yield return ("Options", "options");
        yield return ("in Numbers", "n");
        if (declaration.Matrices is { Debiases: true } || graph.BeforeStart is not null || RefreshCondition() is not null || StatisticsCondition() is not null || IsStaggered) yield return ("long", "t");
    }

    /// <summary>What comes first in both parts of the step is written once, before them.</summary>
    private void StepBlocks()
    {
        writer.Line();
        writer.Line(graph.CountsOwnSteps
            ? "/// <summary>Step t of a stack of blocks, counted from 0: how many gradients their parameters have had before.</summary>"
            : "/// <summary>Step t, counted from 1, of a stack of blocks that have a gradient.</summary>");
        using (writer.Block($"private static void StepBlocks({string.Join(", ", Arguments().Select(static a => $"{a.Type} {a.Name}"))})"))
        {
            if (graph.OfSkipped is { } skipped)
                Others($"{Skipped} are not preconditioned", "is_skipped", skipped);
            if (graph.OfLarge is { } large)
                Others($"Blocks with a dimension larger than {Text(Preconditioning.MaxDimension)} are preconditioned element by element  [Preconditioning(LargeDimensions = Elementwise)]", "is_large", large);
            List<Product> first = graph.FromStart.ProductsAfter(0).ToList();
            if (graph.BeforeStart is { } before)
            {
                List<Product> early = before.ProductsAfter(0).ToList();
                int common = first.Zip(early, static (one, other) => one == other).TakeWhile(static same => same).Count();
                Products(first.Take(common));
                BeforeStart(before, early.Skip(common));
                first.RemoveRange(0, common);
            }
            Products(first);
            Sweeps(graph.FromStart);
        }
    }

    /// <summary>Blocks that have a step of their own.</summary>
    private void Others(string remark, string condition, Schedule schedule)
    {
        writer.Line($"// {remark}");
        using (writer.Block($"if (blocks.{condition})"))
        {
            Sweeps(schedule);
            writer.Line("return;");
        }
        writer.Line();
    }

    private string Skipped
    {
        get
        {
            (int rank, int size) = (Preconditioning.SkipRankBelow, Preconditioning.SkipSizeAbove);
            string few = $"of fewer than {Text(rank)} dimensions", large = $"with a dimension larger than {Text(size)}";
            return size == Preconditioning.Unlimited ? $"Parameters {few}" : rank == 0 ? $"Parameters {large}" : $"Parameters {few}, or {large},";
        }
    }

    private void BeforeStart(Schedule before, IEnumerable<Product> products)
    {
        string start = Text(Preconditioning.Start);
        writer.Line(graph.CountsOwnSteps
            ? $"// The first gradient makes the bases, and no step  [{declaration.Preconditioner!.Attribute}]"
            : $"// Before step {start} {(declaration.Grafting is null ? "nothing is preconditioned" : "the grafting method decides alone")}  [Preconditioning(Start = {start})]");
        using (writer.Block(graph.CountsOwnSteps ? "if (t == 0)" : $"if (t < {start})"))
        {
            Products(products);
            Sweeps(before);
            writer.Line("return;");
        }
        writer.Line();
    }

    private void Sweeps(Schedule schedule)
    {
        for (int s = 0; s < schedule.Sweeps.Count; s++)
        {
            Sweep sweep = schedule.Sweeps[s];
            foreach (Elementwise operation in sweep.Operations)
                writer.Line($"// {operation.Comment}");
            writer.Line($"blocks.{sweep.Name}({sweep.Argument});");
            List<Product> products = schedule.ProductsAfter(s + 1).ToList();
            if (s < schedule.Sweeps.Count - 1 || products.Count > 0) writer.Line();
            Products(products);
        }
    }

    private void Products(IEnumerable<Product> products)
    {
        foreach (Product product in products)
        {
            writer.Line($"// {product.Comment}");
            Call(product);
            writer.Line();
        }
    }

    private void Call(Product product)
    {
        if (product.Kind == ProductKind.SendNothing)
        {
            writer.Line($"blocks.{product.Outputs[0].Name}.Clear();");
            return;
        }
        string source = $"blocks.{BlocksEmitter.Reference(product.Inputs[0])}", destination = $"blocks.{product.Outputs[0].Name}";
        if (declaration.Matrices is not { } matrices)
        {
            var descent = (SpectralDescent)declaration.Preconditioner!;
            string scale = descent.Scaling == SpectralScaling.Unscaled ? "" : $", {Names.Runtime}SpectralScale.{descent.Scaling}({source})";
            writer.Line($"{Names.Runtime}OrthogonalFactors.Compute({SolverText.Orthogonal(descent)}, {source}, {destination}{scale});");
            return;
        }
        string state = $"blocks.state.{StateEmitter.Name(matrices)}";
        switch (product.Kind)
        {
            case ProductKind.Accumulate:
                string accumulate = matrices.KullbackLeibler ? "AccumulateKullbackLeibler" : "Accumulate";
                If(StatisticsCondition(), graph.FactorAverage is { } average ? $"{state}.{accumulate}({source}, n.{average.Decay.Name}, n.{average.Weight.Name});" : $"{state}.{accumulate}({source});");
                break;
            case ProductKind.FirstBasis:
                writer.Line($"{state}.Refresh({SolverText.Basis(matrices.Solver)});");
                break;
            case ProductKind.Follow:
                If(RefreshCondition(), $"{state}.Follow({MomentsInBasis});");
                break;
            case ProductKind.FollowInTurn:
                writer.Line($"{state}.FollowInTurn(t, {MomentsInBasis});");
                break;
            case ProductKind.AdoptFollowing:
                If(RefreshCondition(), $"{state}.AdoptFollowing({MomentsInBasis});");
                break;
            case ProductKind.BeginFollowing:
                If(BeginCondition(), $"{state}.BeginFollowing();");
                break;
            case ProductKind.Refresh:
                If(RefreshCondition(), $"{state}.Refresh({Solvers(matrices)}{Transported(matrices, ", ")}{BiasCorrection(matrices)});");
                break;
            case ProductKind.RefreshInTurn:
                writer.Line($"{state}.RefreshInTurn(t, {Solvers(matrices)}{Transported(matrices, ", ")}{BiasCorrection(matrices)});");
                break;
            case ProductKind.AdoptRefresh:
                If(RefreshCondition(), $"{state}.AdoptRefresh({Transported(matrices, "")});");
                break;
            case ProductKind.BeginFirstRefresh:
                If($"t == {Text(Preconditioning.Start - Preconditioning.Staleness)}", $"{state}.BeginRefresh({Solvers(matrices)}{BiasCorrection(matrices)});");
                break;
            case ProductKind.BeginRefresh:
                If(BeginCondition(), $"{state}.BeginRefresh({Solvers(matrices)}{BiasCorrection(matrices)});");
                break;
            case ProductKind.RefreshDiagonals:
                If(StatisticsCondition(), $"{state}.RefreshDiagonals({(matrices.Epsilon is null ? "0" : Numbers.Value("epsilon"))}{BiasCorrection(matrices)});");
                break;
            default:
                writer.Line($"{state}.{product.Kind}({source}, {destination});");
                break;
        }
    }

    private static string Solvers(MatrixPreconditioner matrices)
    {
        string epsilon = matrices.Epsilon is null ? "0" : Numbers.Value("epsilon");
        return matrices.Method == MatrixMethod.RootInverse
            ? SolverText.Root(matrices, epsilon)
            : $"{SolverText.Basis(matrices.Solver)}, {SolverText.Rule(matrices, epsilon)}";
    }

    private string BiasCorrection(MatrixPreconditioner matrices) =>
        matrices.Debiases ? $", 1 - global::System.Math.Pow({Numbers.Value("beta2")}, {_statistics.Updates})" : "";

    private string? StatisticsCondition() => declaration.Matrices is null ? null : _statistics.Condition;

    /// <summary>What a change of the bases carries along, if it does.</summary>
    private static string Transported(MatrixPreconditioner matrices, string separator) =>
        matrices.TransportsEigenvalues ? $"{separator}blocks.state.{Graph.Array.CorrectedEigenvalues.Name}" : "";

    private static string MomentsInBasis => $"blocks.state.{Graph.Array.FirstMoment.Name}, blocks.state.{Graph.Array.RotatedSecondMoment.Name}";

    private bool IsStaggered => declaration.Matrices is not null && Preconditioning.Refresh == Refresh.Staggered;

    /// <summary>The statement, where there is a condition only if that is met.</summary>
    private void If(string? condition, string statement)
    {
        if (condition is null)
        {
            writer.Line(statement);
            return;
        }
        writer.Line($"if ({condition})");
        using (writer.Indented())
            writer.Line(statement);
    }

    /// <summary>Step Start, and every multiple of Frequency after it; null if that is every step. Steps before Start may not come here.</summary>
    private string? RefreshCondition()
    {
        if (declaration.Matrices is null) return null;
        (int start, int frequency) = (Preconditioning.Start, Preconditioning.Frequency);
        bool isStarted = start == 1 || graph.BeforeStart is not null;
        if (frequency == 1) return isStarted ? null : $"t >= {Text(start)}";
        string multiple = $"t % {Text(frequency)} == 0";
        if (start == frequency || graph.CountsOwnSteps) return multiple;
        string later = isStarted ? multiple : $"t > {Text(start)} && {multiple}";
        return isStarted && start % frequency == 0 ? multiple : $"t == {Text(start)} || {later}";
    }

    /// <summary>Staleness steps before roots are adopted. Where steps before Start have a part of their own, the first time is there.</summary>
    private string BeginCondition()
    {
        (int start, int frequency, int staleness) = (Preconditioning.Start, Preconditioning.Frequency, Preconditioning.Staleness);
        string first = Text(start - staleness), multiple = $"t % {Text(frequency)} == {Text(frequency - staleness)}";
        if (graph.BeforeStart is not null || start == frequency) return multiple;
        return start % frequency == 0 ? $"t >= {first} && {multiple}" : $"t == {first} || t > {first} && {multiple}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
