using Shampoo.Generators.Graph;

namespace Shampoo.Generators.Emission;

/// <summary>
/// Prints what the elements of a block have in common: a formula in double over norms, <c>norm(k)</c>, and scalars.
/// </summary>
internal sealed class PerBlockPrinter(Func<int, string> norm, Func<Scalar, string> scalar, IReadOnlyList<Graph.Array> norms)
{
    public string Print(Expression value) => value switch
    {
        BlockNorm taken => norm(BlocksEmitter.Index(norms, taken.Array)),
        Named named => Print(named.Value),
        WithScalar { Operator: Operator.Multiply } scaled => $"{scalar(scaled.Scalar)} * {Operand(scaled.Operand)}",
        WithScalar scaled => $"{Operand(scaled.Operand)} {Symbol(scaled.Operator)} {scalar(scaled.Scalar)}",
        Binary binary => $"{Operand(binary.Left)} {Symbol(binary.Operator)} {Operand(binary.Right)}",
        _ => throw new InvalidOperationException($"No formula for a block's {value.GetType().Name}."),
    };

    private string Operand(Expression value)
    {
        while (value is Named named) value = named.Value;
        return value is BlockNorm ? Print(value) : $"({Print(value)})";
    }

    private static string Symbol(Operator operation) => operation switch { Operator.Add => "+", Operator.Multiply => "*", _ => "/" };
}
