using Shampoo.Generators.Graph;

namespace Shampoo.Generators.Emission;

/// <summary>
/// Prints what the elements of a block have in common: a formula in double over norms, scalars, and max(1, x).
/// </summary>
/// <param name="norm">How the k-th norm is called, or the root mean square beside it.</param>
/// <param name="scalar">How a number is called.</param>
/// <param name="atLeastOne">How max(1, x) is called.</param>
/// <param name="norms">The norms, as they are counted.</param>
internal sealed class PerBlockPrinter(Func<int, bool, string> norm, Func<Scalar, string> scalar, string atLeastOne, IReadOnlyList<Graph.Array> norms)
{
    public string Print(Expression value) => value switch
    {
        BlockNorm taken => norm(BlocksEmitter.Index(norms, taken.Array), taken.IsRootMeanSquare),
        Floored floored => $"{atLeastOne}{Print(floored.Operand)})",
        Named named => Print(named.Value),
        WithScalar { Operator: Operator.Multiply } scaled => $"{scalar(scaled.Scalar)} * {Operand(scaled.Operand)}",
        WithScalar scaled => $"{Operand(scaled.Operand)} {Symbol(scaled.Operator)} {scalar(scaled.Scalar)}",
        Binary binary => $"{Operand(binary.Left)} {Symbol(binary.Operator)} {Operand(binary.Right)}",
        _ => throw new InvalidOperationException($"No formula for a block's {value.GetType().Name}."),
    };

    private string Operand(Expression value)
    {
        while (value is Named named) value = named.Value;
        return value is BlockNorm or Floored ? Print(value) : $"({Print(value)})";
    }

    private static string Symbol(Operator operation) => operation switch { Operator.Add => "+", Operator.Multiply => "*", _ => "/" };
}
