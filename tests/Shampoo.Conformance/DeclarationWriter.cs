using System.Globalization;

namespace Shampoo.Conformance;

/// <summary>Turns a configuration of the reference into an annotated class: the declaration that a user would write.</summary>
/// <param name="options">The configuration.</param>
/// <param name="shapes">Those of the parameters that take part.</param>
internal abstract class DeclarationWriter(Options options, IReadOnlyList<long[]> shapes)
{
    private readonly List<string> _attributes = [];

    /// <summary>The attributes, one a line, in C#.</summary>
    /// <exception cref="NotSupportedException">There is an option that says something that no attribute has been written for.</exception>
    public static string Write(ReferenceTrajectory reference, Problem problem)
    {
        var options = new Options(reference.Configuration);
        long[][] shapes = [.. reference.Parameters.Select(p => problem.Shapes[p])];
        DeclarationWriter writer = reference.IsNewest ? new NewestDeclaration(options, shapes) : new LegacyDeclaration(options, shapes);
        options.WithoutEffect("lr");
        writer.Write();
        options.RequireAllRead();
        return string.Join("\n", writer._attributes);
    }

    protected Options Options => options;

    protected bool HasScalars => shapes.Any(static s => s.Length == 0);

    /// <summary>Blocks have no more dimensions than this.</summary>
    protected int HighestOrder => shapes.Select(static s => s.Length).Append(1).Max();

    protected abstract void Write();

    /// <param name="method">A member of <see cref="GraftingMethod"/>.</param>
    /// <param name="numbers">What holds its numbers; those that the method does not have are without effect.</param>
    /// <param name="beta2">Name of the decay there.</param>
    /// <param name="epsilon">Name of ε there.</param>
    protected void Grafting(string method, Options numbers, string beta2, string epsilon)
    {
        numbers.WithoutEffect(beta2, epsilon);
        // A plain sum has no bias to correct: Adam's is Adagrad's.
        if (method.EndsWith("Adam", StringComparison.Ordinal) && numbers.Number(beta2) == 1) method = method.Replace("Adam", "Adagrad", StringComparison.Ordinal);
        bool decays = method is "RMSProp" or "NormalizedRMSProp" or "Adam" or "NormalizedAdam" or "LAMB", divides = method is not ("SGD" or "LARS");
        Add("Grafting", $"GraftingMethod.{method}",
            decays ? $"Beta2 = {Literal(numbers.RequiredNumber(beta2))}" : null,
            divides ? $"Epsilon = {Literal(numbers.RequiredNumber(epsilon))}" : null);
    }

    /// <summary>Blocks and schedule. Before an infinite start blocks matter as well: norms are taken over them.</summary>
    /// <param name="targetDimensionality">What merging keeps.</param>
    /// <param name="toleratedFailures">So many refreshes may fail, if that is said.</param>
    protected void Blocking(double targetDimensionality, double? toleratedFailures = null)
    {
        Add("Preconditioning",
            Limit("max_preconditioner_dim", "MaxDimension"),
            targetDimensionality == 1 ? null : $"TargetDimensionality = {Limit(targetDimensionality)}",
            Option(options, "precondition_frequency", "Frequency"),
            Limit("start_preconditioning_step", "Start"),
            toleratedFailures is { } failures ? $"ToleratedFailures = {Literal(failures)}" : null,
            options.Text("large_dim_method") switch
            {
                null or "blocking" => null,
                "diagonal" => "LargeDimensions = LargeDimensions.DiagonalFactor",
                "adagrad" => "LargeDimensions = LargeDimensions.Elementwise",
                _ => throw options.Unknown("large_dim_method"),
            });
    }

    protected void FirstMoment(double beta1)
    {
        bool corrected = options.Flag("use_bias_correction", missing: true);
        double beta3 = options.Number("beta3") is { } value and not -1 ? value : beta1;
        if (beta1 != 0)
            Add("FirstMoment", $"Beta1 = {Literal(beta1)}", beta3 == beta1 ? null : $"Beta3 = {Literal(beta3)}", corrected ? null : "BiasCorrection = false");
    }

    protected void Momentum(double momentum, double dampening, bool nesterov) =>
        Add("Momentum", Literal(momentum), dampening == 0 ? null : $"Dampening = {Literal(dampening)}", nesterov ? "Nesterov = true" : null);

    protected void Decay(string kind)
    {
        if (options.Number("weight_decay") is { } decay and not 0)
            Add("WeightDecay", $"WeightDecayKind.{kind}", $"WeightDecay = {Literal(decay)}");
    }

    protected void Clipping()
    {
        if (options.Number("max_grad_norm") is { } norm and not double.PositiveInfinity)
            Add("Clipping", $"MaxGradientNorm = {Literal(norm)}");
    }

    protected void Add(string attribute, params IEnumerable<string?> arguments) =>
        _attributes.Add($"[{attribute}({string.Join(", ", arguments.Where(static a => a is not null))})]");

    /// <summary>An argument of an attribute, if there is such an option or the reference has a default that is not this project's.</summary>
    protected static string? Option(Options? parent, string name, string property, double? missing = null) =>
        (parent?.Number(name) ?? missing) is { } value ? $"{property} = {Literal(value)}" : null;

    protected static string Literal(double number) => double.IsPositiveInfinity(number) ? "double.PositiveInfinity" : number.ToString("R", CultureInfo.InvariantCulture);

    private string? Limit(string name, string property) => options.Number(name) is { } value ? $"{property} = {Limit(value)}" : null;

    private static string Limit(double value) => value == double.PositiveInfinity ? "PreconditioningAttribute.Unlimited" : Literal(value);
}
