using Shampoo.Generators.Graph;

namespace Shampoo.Generators.Emission;

/// <summary>
/// Prints a sweep as the body of a loop over elements: infix formulas over local variables, called as the arrays are. What loads,
/// stores and types look like is up to the dialect.
/// </summary>
internal abstract class LoopPrinter(SourceWriter writer)
{
    private readonly HashSet<string> _declared = new();

    protected SourceWriter Writer => writer;

    /// <summary>The type of a value of one or several elements.</summary>
    protected abstract string Value { get; }

    protected abstract string Load(Graph.Array array);

    protected abstract string Store(Graph.Array array);

    protected abstract string Sqrt(string operand);

    protected abstract string Sign(string operand);

    protected abstract string Pow(string operand, Scalar exponent);

    protected abstract string AddSquares(Graph.Array array);

    /// <summary>A value that all elements of a block have in common, in double.</summary>
    protected abstract string PerBlock(Expression value);

    /// <summary>What is the same for all elements of a block, before the loop.</summary>
    protected void PerBlockValues(Sweep sweep)
    {
        foreach (Named named in sweep.Stages.SelectMany(PerBlockNodes).Distinct())
            Declare(named.Name, PerBlock(named.Value));
    }

    /// <summary>The statements for one element, or for as many as <see cref="Value"/> holds.</summary>
    protected void Body(Sweep sweep)
    {
        foreach (Graph.Array array in sweep.Loads)
            Line($"{Value} {array.Name} = {Load(array)};", array.Name);
        foreach (Elementwise operation in sweep.Operations)
        {
            writer.Line();
            writer.Line($"// {operation.Comment}");
            if (operation is TakeNorm norm) writer.Line(AddSquares(norm.Array));
            if (operation is not Stage stage) continue;
            foreach (Assignment assignment in stage.Assignments)
                Assign(assignment.Target.Name, assignment.Value);
        }
        if (sweep.Stores.Count > 0) writer.Line();
        foreach (Graph.Array array in sweep.Stores)
            writer.Line(Store(array));
        _declared.Clear();
    }

    protected static string Squares(Graph.Array array) => $"{array.Name}_squares";

    protected string Infix(Expression value, int precedence = 0)
    {
        switch (value)
        {
            case Graph.Array array: return array.Name;
            case Named named: return named.Name;
            case SquareRoot root: return Sqrt(Infix(root.Operand));
            case Signum sign: return Sign(Infix(sign.Operand));
            case RaisedTo power: return Pow(Infix(power.Operand), power.Exponent);
            case WithScalar { Operator: Operator.Multiply } scaled: return Operation(scaled.Operator, scaled.Scalar.Name, Infix(scaled.Operand, 3), precedence);
            case WithScalar scaled: return Operation(scaled.Operator, Infix(scaled.Operand, Precedence(scaled.Operator)), scaled.Scalar.Name, precedence);
            // x + s * a * b, as addcmul computes it: elsewhere the square of a number may overflow that is finite here.
            case Binary { Operator: Operator.Add, Right: WithScalar { Operator: Operator.Multiply, Operand: Binary { Operator: Operator.Multiply } product } term } sum:
                return Operation(sum.Operator, Infix(sum.Left, 1), $"{term.Scalar.Name} * {Infix(product.Left, 3)} * {Infix(product.Right, 3)}", precedence);
            // The right operand keeps its parentheses: a + (b + c) is not (a + b) + c.
            case Binary binary: return Operation(binary.Operator, Infix(binary.Left, Precedence(binary.Operator)), Infix(binary.Right, Precedence(binary.Operator) + 1), precedence);
            default: throw new InvalidOperationException($"No formula for {value.GetType().Name}.");
        }
    }

    private static string Operation(Operator operation, string left, string right, int precedence)
    {
        string symbol = operation switch { Operator.Add => "+", Operator.Multiply => "*", _ => "/" };
        return precedence > Precedence(operation) ? $"({left} {symbol} {right})" : $"{left} {symbol} {right}";
    }

    private static int Precedence(Operator operation) => operation == Operator.Add ? 1 : 2;

    /// <summary>The outermost ones: what is named inside them is part of their formula.</summary>
    private static IEnumerable<Named> PerBlockNodes(Stage stage)
    {
        List<Named> all = stage.Assignments.SelectMany(static a => a.Value.Nodes()).OfType<Named>().Where(static n => n.IsPerBlock).ToList();
        return all.Where(named => !all.Any(outer => outer != named && outer.Nodes().Contains(named)));
    }

    private void Assign(string target, Expression value)
    {
        foreach (Named named in value.Nodes().OfType<Named>().Where(static n => !n.IsPerBlock).Reverse().Distinct())
            Declare(named.Name, Infix(named.Value));
        Declare(target, Infix(value));
    }

    private void Declare(string variable, string value) => Line(_declared.Contains(variable) ? $"{variable} = {value};" : $"{Value} {variable} = {value};", variable);

    private void Line(string text, string declares)
    {
        _declared.Add(declares);
        writer.Line(text);
    }
}
