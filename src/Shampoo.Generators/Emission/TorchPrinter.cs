using System.Globalization;
using Shampoo.Generators.Graph;

namespace Shampoo.Generators.Emission;

/// <summary>
/// Prints a stage as operators on stacked tensors. A chain of operators works in place on the array that it assigns to, or on
/// the one tensor that its first operator made; every tensor made on the way is disposed at the end of the method.
/// </summary>
internal sealed class TorchPrinter(SourceWriter writer)
{
    /// <summary>How often the method that is being printed has a variable of a name.</summary>
    private readonly Dictionary<string, int> _variables = new();

    /// <summary>The arguments by which a stage is called; they are called the same everywhere in the step.</summary>
    public static string Call(Stage stage) => $"{stage.Name}({string.Join(", ", Parameters(stage).Select(static p => p.Name))})";

    /// <summary>Prints the stage as a method.</summary>
    public void Method(Stage stage)
    {
        string parameters = string.Join(", ", Parameters(stage).Select(static p => $"{p.Type} {p.Name}"));
        writer.Line($"/// <summary>{SourceText.Xml(stage.Summary)}  [{stage.Attribute}]</summary>");
        using (writer.Block($"private static {(stage.Result is null ? "void" : Names.Tensor)} {stage.Name}({parameters})"))
            Body(stage);
    }

    /// <summary>Prints the statements of the stage.</summary>
    public void Body(Stage stage)
    {
        _variables.Clear();
        foreach (Assignment assignment in stage.Assignments)
            Assign(assignment.Target, assignment.Value);
        if (stage.Result is not null)
            writer.Line($"return {Fresh(stage.Result)};");
    }

    private static IEnumerable<(string Type, string Name)> Parameters(Stage stage)
    {
        List<Expression> nodes = stage.Nodes.ToList();
        List<string> arrays = nodes.OfType<Graph.Array>().Select(static a => a.Name).Distinct().ToList();
        if (nodes.OfType<BlockNorm>().Any()) yield return ($"{Names.Runtime}BlockSlice", "blocks");
        if (arrays.Any(IsState)) yield return ("State", "state");
        foreach (Graph.Array array in new[] { StepGraph.Gradient, StepGraph.FilteredGradient, StepGraph.Direction, StepGraph.Parameters })
            if (arrays.Contains(array.Name))
                yield return (Names.Tensor, array.Name);
        if (stage.Scalars.Any() || nodes.OfType<ResultOf>().Any(static r => r.Stage.Scalars.Any())) yield return ("Numbers", "n");
    }

    private static bool IsState(string array) => array.StartsWith("state.", StringComparison.Ordinal);

    private void Assign(Graph.Array target, Expression value)
    {
        while (value is Named named) value = named.Value;
        if (value is Graph.Array source)
            writer.Line($"{target.Name}.copy_({source.Name});");
        else if (LeftmostLeaf(value) == target && !ReadsBesides(value, target))
            writer.Line($"{Chain(value, target).Text};");
        else
            writer.Line($"{target.Name}.copy_({Temporary(value, "value")});");
    }

    /// <summary>The value as a tensor of its own, which the caller disposes.</summary>
    private string Fresh(Expression value)
    {
        (string text, bool owned) = Chain(value, null);
        return owned ? text : $"{text}.clone()";
    }

    /// <summary>
    /// A chain of operators from the leftmost leaf of <paramref name="value"/>. It is owned, that is may be changed in place,
    /// from its first operator on, or from the start if the leaf is <paramref name="target"/>.
    /// </summary>
    private (string Text, bool Owned) Chain(Expression value, Graph.Array? target)
    {
        switch (value)
        {
            case Graph.Array array:
                return (array.Name, array == target);
            case Named named:
                return Chain(named.Value, target);
            case ResultOf result:
                return (Call(result.Stage), true);
            case BlockNorm norm:
                return ($"blocks.Norm({Operand(norm.Operand)})", true);
            case SquareRoot root:
                return Then(root.Operand, "sqrt", "");
            case WithScalar { Operation: var operation } scaled:
                return Then(scaled.Operand, Method(operation), Number(scaled.Scalar));
            case Binary { Operation: Operation.Add, Right: WithScalar { Operation: Operation.Multiply, Operand: Binary { Operation: Operation.Multiply } product } term } sum:
                return Then(sum.Left, "addcmul", $"{Operand(product.Left)}, {Operand(product.Right)}, {Number(term.Scalar)}");
            case Binary { Operation: Operation.Add, Right: WithScalar { Operation: Operation.Multiply } term } sum:
                return Then(sum.Left, "add", $"{Operand(term.Operand)}, {Number(term.Scalar)}");
            case Binary binary:
                return Then(binary.Left, Method(binary.Operation), Operand(binary.Right));
            default:
                throw new InvalidOperationException($"No torch operator for {value.GetType().Name}.");
        }

        (string, bool) Then(Expression left, string method, string arguments)
        {
            (string text, bool owned) = Chain(left, target);
            return ($"{text}.{method}{(owned ? "_" : "")}({arguments})", true);
        }
    }

    private string Operand(Expression value) => value switch
    {
        Graph.Array array => array.Name,
        Named named => Temporary(named.Value, named.Name),
        _ => Temporary(value, "operand"),
    };

    /// <summary>Computes the value into a variable, before the statement that is being printed.</summary>
    private string Temporary(Expression value, string name)
    {
        string fresh = Fresh(value);
        int count = _variables[name] = _variables.TryGetValue(name, out int before) ? before + 1 : 1;
        string variable = count == 1 ? name : $"{name}{count.ToString(CultureInfo.InvariantCulture)}";
        writer.Line($"using var {variable} = {fresh};");
        return variable;
    }

    private static string Number(Scalar scalar) => $"n.{scalar.Name}";

    private static string Method(Operation operation) => operation switch
    {
        Operation.Add => "add",
        Operation.Multiply => "mul",
        _ => "div",
    };

    private static Expression LeftmostLeaf(Expression value) => value switch
    {
        Binary binary => LeftmostLeaf(binary.Left),
        WithScalar scaled => LeftmostLeaf(scaled.Operand),
        SquareRoot root => LeftmostLeaf(root.Operand),
        Named named => LeftmostLeaf(named.Value),
        _ => value,
    };

    /// <summary>
    /// Whether the chain reads the array as an operand too, after it has begun to change it. Operands that are computed into a
    /// variable are read before.
    /// </summary>
    private static bool ReadsBesides(Expression value, Graph.Array array) => value switch
    {
        Binary { Right: WithScalar { Operation: Operation.Multiply } term } binary => Direct(term.Operand, array) || ReadsBesides(binary.Left, array),
        Binary binary => binary.Right == array || ReadsBesides(binary.Left, array),
        WithScalar scaled => ReadsBesides(scaled.Operand, array),
        SquareRoot root => ReadsBesides(root.Operand, array),
        Named named => ReadsBesides(named.Value, array),
        _ => false,
    };

    private static bool Direct(Expression operand, Graph.Array array) =>
        operand == array || operand is Binary { Operation: Operation.Multiply } product && (product.Left == array || product.Right == array);
}
