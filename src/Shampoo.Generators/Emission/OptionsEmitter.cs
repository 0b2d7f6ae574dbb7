using System.Globalization;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>The numbers that a user may give: as arguments of constructors, as options of a parameter group.</summary>
internal sealed class OptionsEmitter(Declaration declaration, SourceWriter writer)
{
    private readonly IReadOnlyList<Argument> _arguments = Arguments.Of(declaration);

    /// <summary>What schedulers of torch that cycle a momentum ask for, with its comma.</summary>
    public string Interfaces => (Betas, Momentum) switch
    {
        (not null, true) => $", {Names.IBetas}, {Names.IMomentum}",
        (not null, false) => $", {Names.IBetas}",
        (null, true) => $", {Names.IMomentum}",
        _ => "",
    };

    /// <summary>The option beside beta1 that <c>Betas</c> holds: the decay of the second statistic, whichever there is.</summary>
    private string? Betas => !Has("beta1") ? null : Has("beta2") ? "beta2" : Has("grafting_beta2") ? "grafting_beta2" : null;

    private bool Momentum => declaration.Momentum is not null;

    /// <summary>The arguments of constructors after the parameters.</summary>
    private IEnumerable<string> ArgumentNames => _arguments.Select(static a => a.Name).Prepend("lr").Concat(declaration.Distribution is null ? [] : ["process_group"]);

    private bool Has(string argument) => _arguments.Any(a => a.Name == argument);

    /// <summary>The ways to give parameters, and what to say of them. Only the groups take no detour.</summary>
    private IEnumerable<(string Type, string Documentation)> Parameters(string group) =>
    [
        ($"{Names.Enumerable}<(string name, {Names.Parameter} parameter)>", "Parameters and their names, as <c>module.named_parameters()</c> gives them."),
        ($"{Names.Enumerable}<{Names.Parameter}>", "Parameters, as <c>module.parameters()</c> gives them; messages call them by number."),
        ($"{Names.Enumerable}<{group}>", "Parameter groups, each with numbers of its own; the arguments fill in what a group does not set."),
    ];

    public void Constructors()
    {
        writer.Line(Blocking());
        if (declaration.Distribution is not null) Sharding();
        foreach ((string type, string documentation) in Parameters("ParamGroup"))
            Constructor(type, documentation);
    }

    /// <summary>One static method for each constructor, called like the class.</summary>
    public void Factories()
    {
        string name = declaration.Type.Name, full = $"global::{(declaration.Type.Namespace == "" ? "" : declaration.Type.Namespace + ".")}{name}";
        bool first = true;
        foreach ((string type, string documentation) in Parameters($"{full}.ParamGroup"))
        {
            if (!first) writer.Line();
            first = false;
            Signature($"public static {full} {name}(", type, documentation, [$"=> new {full}(parameters, {string.Join(", ", ArgumentNames)});"]);
        }
    }

    /// <summary><c>Betas</c> and <c>Momentum</c>, for a group or, over all groups, for the optimizer.</summary>
    public void GroupProperties(bool ofOptimizer)
    {
        if (Betas is { } second)
            Property("(double, double) Betas", $"(beta1, {second})", ofOptimizer,
                options => $"({options}.beta1!.Value, {options}.{second}!.Value)",
                options => $"({options}.beta1, {options}.{second}) = (value.Item1, value.Item2);");
        if (Momentum)
            Property("double Momentum", "momentum", ofOptimizer, static options => $"{options}.momentum!.Value", static options => $"{options}.momentum = value;");
    }

    /// <summary><c>train()</c> and <c>eval()</c>, where iterates are averaged.</summary>
    public void Modes()
    {
        if (declaration.Averaging is null) return;
        Mode("train", "Switches the parameters back from the average of the iterates, to go on training. Does nothing while training.", "false", "1 - options.train_interpolation!.Value");
        Mode("eval", "Switches the parameters to the average of the iterates, to evaluate or save the model; no step can be taken then. Does nothing where that is done.", "true", "1 - 1 / options.train_interpolation!.Value");
    }

    private void Mode(string name, string documentation, string isEvaluating, string coefficient)
    {
        writer.Line();
        writer.Line($"/// <summary>{documentation}</summary>");
        writer.Line($"public void {name}() => SwitchIterates({isEvaluating}, \"{Graph.Array.WeightBuffer.Name}\", static options => {coefficient});");
    }

    public void Options()
    {
        writer.Line();
        writer.Line("/// <summary>The numbers of a parameter group; null is the optimizer's own.</summary>");
        using (writer.Block($"public sealed class Options : {Names.Runtime}BlockedOptions"))
        {
            foreach (Argument argument in _arguments)
            {
                writer.Line($"/// <summary>{argument.Documentation}.</summary>");
                writer.Line($"public double? {argument.Name};");
            }
            if (_arguments.Count > 0) writer.Line();
            foreach (Argument argument in _arguments.Where(static a => a.Default is null))
            {
                writer.Line("/// <inheritdoc/>");
                writer.Line($"protected override void Complete() => {argument.Name} ??= LearningRate;");
                writer.Line();
            }
            writer.Line("/// <inheritdoc/>");
            writer.Line($"public override string Declaration => \"{Fingerprint()}\";");
            writer.Line();
            writer.Line("/// <inheritdoc/>");
            using (writer.Block($"protected override void Visit({Names.Runtime}OptionVisitor visitor)"))
                foreach (Argument argument in _arguments)
                    writer.Line($"visitor.Visit(nameof({argument.Name}), ref {argument.Name}, {Names.Runtime}Bounds.{argument.Bounds});");
        }
    }

    public void ParamGroup()
    {
        writer.Line();
        writer.Line("/// <summary>Parameters that share their numbers.</summary>");
        using (writer.Block($"public sealed class ParamGroup : {Names.Runtime}BlockedParamGroup<Options>{Interfaces}"))
        {
            GroupConstructor($"{Names.Enumerable}<(string name, {Names.Parameter} parameter)>", "Parameters and their names.");
            GroupConstructor($"{Names.Enumerable}<{Names.Parameter}>", "Parameters; messages call them by number.");
            GroupProperties(ofOptimizer: false);
        }
    }

    private void GroupConstructor(string parameters, string documentation)
    {
        writer.Line("/// <summary>Parameters with numbers of their own.</summary>");
        writer.Line($"/// <param name=\"parameters\">{documentation}</param>");
        writer.Line("/// <param name=\"options\">Their numbers; null, and numbers that are null, are the optimizer's own.</param>");
        writer.Line($"public ParamGroup({parameters} parameters, Options? options = null) : base(parameters, options) {{ }}");
    }

    private void Constructor(string parameters, string documentation)
    {
        bool groups = parameters.EndsWith("<ParamGroup>", StringComparison.Ordinal);
        IEnumerable<string> options = _arguments.Select(static a => $"{a.Name} = {a.Name}").Prepend("LearningRate = lr");
        writer.Line();
        Signature($"public {declaration.Type.Name}(", parameters, documentation, groups
            ? SourceWriter.Lines(": base(Blocking, new Options { ", options,
                $" }}{(declaration.ChecksGradients ? "" : ", searchNonFinite: false")}{(declaration.Distribution is null ? "" : ", sharding: Sharding, processGroup: process_group")})")
            : SourceWriter.Lines(": this(new[] { new ParamGroup(parameters) }, ", ArgumentNames, ")"));
        writer.Line("{");
        using (writer.Indented())
            if (groups)
                writer.Line("AddParameterGroups(parameters);");
        writer.Line("}");
    }

    /// <summary>Documentation and parameters of a constructor or a factory, and the lines that follow them.</summary>
    private void Signature(string opening, string parameters, string documentation, IEnumerable<string> rest)
    {
        writer.Line("/// <summary>Creates the optimizer and its state.</summary>");
        writer.Line($"/// <param name=\"parameters\">{documentation}</param>");
        writer.Line("/// <param name=\"lr\">Learning rate, &gt;= 0 (default: 1e-3).</param>");
        foreach (Argument argument in _arguments)
            writer.Line($"/// <param name=\"{argument.Name}\">{argument.Documentation} (default: {argument.DefaultText}).</param>");
        if (declaration.Distribution is not null)
            writer.Line("/// <param name=\"process_group\">The ranks that train together (default: all, <c>ProcessGroup.World</c>). All of them create the optimizer at the same time, for equal parameters.</param>");
        writer.Line(opening);
        using (writer.Indented())
        {
            writer.Line($"{parameters} parameters,");
            foreach (string line in SourceWriter.Lines("", _arguments.Select(static a => a.Default is null ? $"double? {a.Name} = null" : $"double {a.Name} = {a.Default.Text}").Prepend("double lr = 1e-3")
                .Concat(declaration.Distribution is null ? [] : [$"{Names.ProcessGroup}? process_group = null"]), ")").Concat(rest))
                writer.Line(line);
        }
    }

    private void Property(string signature, string documentation, bool ofOptimizer, Func<string, string> get, Func<string, string> set)
    {
        writer.Line();
        writer.Line(ofOptimizer
            ? $"/// <summary>{documentation} of the first group; setting it sets all groups.</summary>"
            : $"/// <summary>{documentation}.</summary>");
        using (writer.Block($"public {signature}"))
        {
            string over = ofOptimizer ? "foreach (var group in Groups) " : "";
            string options = ofOptimizer ? "group.Options" : "Options";
            writer.Line(ofOptimizer
                ? $"get {{ var group = global::System.Linq.Enumerable.First(Groups); return {get(options)}; }}"
                : $"get => {get(options)};");
            writer.Line($"set {{ {over}{set(options)} }}");
        }
    }

    private string Blocking()
    {
        Preconditioning preconditioning = declaration.Preconditioning;
        string large = preconditioning.LargeDimensions == LargeDimensions.Blocked ? "" : $", largeDimensions: {Names.LargeDimensions}.{preconditioning.LargeDimensions}";
        return $"private static readonly {Names.Runtime}BlockingRules Blocking = new {Names.Runtime}BlockingRules(maxDimension: {Limit(preconditioning.MaxDimension)}, targetDimensionality: {Limit(preconditioning.TargetDimensionality)}{large}{Skipping(preconditioning)}{(declaration.Preconditioner is SpectralDescent ? ", onlyMatrices: true" : "")});";
    }

    private string Skipping(Preconditioning preconditioning) => declaration.Preconditioner is null || !preconditioning.Skips ? ""
        : $", skipRankBelow: {Limit(preconditioning.SkipRankBelow)}, skipSizeAbove: {Limit(preconditioning.SkipSizeAbove)}";

    private void Sharding()
    {
        Distribution distribution = declaration.Distribution!;
        var arguments = new List<string>
        {
            $"groupSize: {distribution.GroupSize.ToString(CultureInfo.InvariantCulture)}",
            $"communicates: {Names.Communicated}{distribution.Communicates}",
            $"communication: {Names.Precision}{distribution.Communication}",
            $"cost: {Names.BlockCost}{distribution.Cost}",
            $"arrays: {StateEmitter.ArrayCount(declaration).ToString(CultureInfo.InvariantCulture)}",
            $"matrices: {StateEmitter.MatrixCount(declaration).ToString(CultureInfo.InvariantCulture)}",
        };
        if (declaration.Preconditioning.PacksSymmetric) arguments.Add("packed: true");
        if (declaration.Matrices is { HasDefaultExponents: false }) arguments.Add("exponents: Exponents");
        if (declaration.Matrices is { Ignored.Count: > 0 }) arguments.Add("ignored: Ignored");
        if (distribution.ReducesGradients) arguments.Add("reducesGradients: true");
        if (declaration.MaxGradientNorm is not null) arguments.Add("clipsGradients: true");
        if (StateEmitter.HoldsDirection(declaration)) arguments.Add("scalesLayers: true");
        writer.Line();
        foreach (string line in SourceWriter.Lines($"private static readonly {Names.Runtime}ShardingRules Sharding = new {Names.Runtime}ShardingRules(", arguments, ");"))
            writer.Line(line);
    }

    private static string Limit(int value) => value == Preconditioning.Unlimited ? "int.MaxValue" : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>What gives the state its meaning: a state dictionary of another declaration must not be loaded.</summary>
    private string Fingerprint()
    {
        var parts = new List<string>();
        if (declaration.Grafting is { Epsilon: not null } grafting) parts.Add($"Grafting({grafting.Method}{(grafting.Beta2 is null ? ", sum" : "")})");
        if (declaration.Preconditioner is SpectralDescent)
            parts.Add($"Preconditioning(MaxDimension = {Limit(declaration.Preconditioning.MaxDimension)}, TargetDimensionality = {Limit(declaration.Preconditioning.TargetDimensionality)})");
        if (declaration.Matrices is { } matrices)
        {
            parts.Add($"{matrices.Method}({(matrices.Beta2 is null ? "sum" : "average")}{(matrices.KullbackLeibler ? ", KullbackLeibler" : "")})");
            if (matrices.ExponentMultiplier.Value != 1) parts.Add($"ExponentMultiplier({matrices.ExponentMultiplier.Text})");
            foreach (DimensionExponent exponent in matrices.Exponents.Concat(matrices.Ignored))
                parts.Add($"Exponent({exponent.Order.ToString(CultureInfo.InvariantCulture)}, {exponent.Dimension.ToString(CultureInfo.InvariantCulture)}, {exponent.Exponent.Text})");
            parts.Add($"Preconditioning(MaxDimension = {Limit(declaration.Preconditioning.MaxDimension)}, TargetDimensionality = {Limit(declaration.Preconditioning.TargetDimensionality)}, {declaration.Preconditioning.LargeDimensions})");
            parts.Add($"Precision({declaration.Precision.Factors}, {declaration.Precision.Roots}, {declaration.Precision.Eigenvectors})");
        }
        if (Skipping(declaration.Preconditioning) != "") parts.Add($"Skip({Limit(declaration.Preconditioning.SkipRankBelow)}, {Limit(declaration.Preconditioning.SkipSizeAbove)})");
        // Moments of 8 bits are saved by their values: like float32, in a type that others have undeclared. Types are compared array by array.
        if (declaration.Precision.Moments is Precision.Float64 or Precision.BFloat16 or Precision.Float16) parts.Add($"Precision(Moments = {declaration.Precision.Moments})");
        if (declaration.FirstMoment is not null) parts.Add("FirstMoment");
        if (declaration.Momentum is not null) parts.Add("Momentum");
        if (declaration.Averaging is { } averaging) parts.Add(averaging.Power is null ? "PrimalAveraging" : "ScheduleFree");
        return string.Join("; ", parts);
    }
}
