namespace Shampoo.Generators.Graph;

/// <summary>One statement of a stage: <paramref name="Target"/> becomes <paramref name="Value"/>.</summary>
internal sealed record Assignment(Array Target, Expression Value);

/// <summary>
/// A stage of the step that works element by element: assignments to existing arrays, in order, then perhaps a result, which
/// is a new array. <paramref name="Summary"/> is its formula, <paramref name="Attribute"/> the attribute that chose it.
/// </summary>
internal sealed record Stage(string Name, string Summary, string Attribute, IReadOnlyList<Assignment> Assignments, Expression? Result = null)
{
    public IEnumerable<Expression> Roots =>
        Assignments.SelectMany(static a => new[] { a.Target, a.Value }).Concat(Result is null ? [] : [Result]);

    /// <summary>Every node that the stage computes or reads, outer ones first.</summary>
    public IEnumerable<Expression> Nodes => Roots.SelectMany(Walk);

    public IEnumerable<Scalar> Scalars => Nodes.OfType<WithScalar>().Select(static n => n.Scalar);

    private static IEnumerable<Expression> Walk(Expression node)
    {
        IEnumerable<Expression> operands = node switch
        {
            Binary binary => [binary.Left, binary.Right],
            WithScalar scaled => [scaled.Operand],
            SquareRoot root => [root.Operand],
            BlockNorm norm => [norm.Operand],
            Named named => [named.Value],
            ResultOf result => result.Stage.Nodes.OfType<Array>().Distinct(),
            _ => [],
        };
        return operands.SelectMany(Walk).Prepend(node);
    }
}
