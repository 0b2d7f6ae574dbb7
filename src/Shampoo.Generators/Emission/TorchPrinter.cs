using System.Globalization;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>
/// Prints sweeps as operators on stacked tensors. A chain of operators works in place on the array that it assigns to, or on the one
/// tensor that its first operator made; every tensor made on the way is disposed at the end of the method, but for those that the
/// next sweep or product needs, which the slice owns.
/// </summary>
internal sealed class TorchPrinter(SourceWriter writer, Precision moments = Precision.SameAsParameter)
{
    private readonly SourceWriter _body = new();
    private readonly HashSet<Graph.Array> _read = new();
    private readonly HashSet<Graph.Array> _made = new();
    private readonly Dictionary<string, int> _variables = new();
    private bool _usesOne;

    public void Class(StepGraph graph)
    {
        writer.Line();
        writer.Line("/// <summary>The sweeps as operators of torch, for tensors on any device.</summary>");
        using (writer.Block("private sealed class TorchBlocks : Blocks"))
        {
            using (writer.Block($"public TorchBlocks({Names.Runtime}BlockSlice slice) : base(slice)")) { }
            foreach (Sweep sweep in graph.Sweeps)
                Method(sweep);
        }
    }

    /// <summary>Prints a sweep as a method.</summary>
    public void Method(Sweep sweep)
    {
        Statements(sweep);
        writer.Line();
        writer.Line("/// <inheritdoc/>");
        using (writer.Block($"public override void {sweep.Name}({sweep.Parameter})"))
        {
            List<string> scalars = sweep.Scalars.Select(static s => $"{s.Name} = n.{s.Name}").Concat(_usesOne ? ["one = 1"] : []).ToList();
            if (scalars.Count > 0)
                foreach (string line in SourceWriter.Lines($"using {Names.Scalar} ", scalars, ";"))
                    writer.Line(line);
            foreach (Graph.Array array in sweep.InMemory.Where(_read.Contains))
                writer.Line(IsConverted(array) ? $"using var {array.Name} = {Field(array)}.Load();" : $"var {array.Name} = {Field(array)}.Stack();");
            writer.Line((scalars.Count + _read.Count > 0 ? "\n" : "") + _body.ToString().Trim('\n'));
            List<Graph.Array> converted = sweep.Stores.Where(IsConverted).ToList();
            if (converted.Count > 0) writer.Line();
            foreach (Graph.Array array in converted)
                writer.Line($"{Field(array)}.Store({array.Name});");
        }
    }

    /// <summary>Whether the array may be stored in another type than it is computed in.</summary>
    private bool IsConverted(Graph.Array array) => array.IsMoment && moments != Precision.SameAsParameter;

    private void Statements(Sweep sweep)
    {
        _body.Clear();
        _read.Clear();
        _made.Clear();
        _variables.Clear();
        _usesOne = false;
        foreach (Elementwise operation in sweep.Operations)
        {
            _body.Line();
            _body.Line($"// {operation.Comment}");
            if (operation is TakeNorm norm) _body.Line($"{norm.Array.NormName}.Take({Read(norm.Array)});");
            if (operation is not Stage stage) continue;
            foreach (Assignment assignment in stage.Assignments)
                Assign(sweep, assignment.Target, assignment.Value);
        }
    }

    /// <summary>The field of an array. Local variables have the same names.</summary>
    private static string Field(Graph.Array array) => array.Storage == Storage.State ? $"state.{array.Name}" : $"this.{array.Name}";

    private void Assign(Sweep sweep, Graph.Array target, Expression value)
    {
        while (value is Named named) value = named.Value;
        if (target == Graph.Array.Parameters)
            Update(value);
        else if (target.Storage == Storage.Intermediate && !sweep.Loads.Contains(target) && _made.Add(target))
            _body.Line(Make(sweep, target, value));
        else if (value is Graph.Array source)
            _body.Line($"{Read(target)}.copy_({Read(source)});");
        else if (LeftmostLeaf(value) == target && !ReadsBesides(value, target))
            _body.Line($"{Chain(value, target).Text};");
        else
            _body.Line($"{Read(target)}.copy_({Temporary(value, "value")});");
    }

    /// <summary>The first value of an array that has none when the sweep begins.</summary>
    private string Make(Sweep sweep, Graph.Array target, Expression value)
    {
        if (!sweep.Stores.Contains(target)) return $"using var {target.Name} = {Fresh(value)};";
        string adopt = $"{Field(target)}.Adopt({Fresh(value)});";
        bool isUsed = sweep.Operations.Any(o => o.Reads.Contains(target)) || sweep.Operations.SelectMany(static o => o.Writes).Count(a => a == target) > 1;
        return isUsed ? $"var {target.Name} = {adopt}" : adopt;
    }

    /// <summary>The model's own tensors are not stacked: they are only ever added to.</summary>
    private void Update(Expression value)
    {
        (Graph.Array direction, string factor) = value switch
        {
            Binary { Operator: Operator.Add, Left: Graph.Array { Storage: Storage.Model }, Right: WithScalar { Operator: Operator.Multiply, Operand: Graph.Array array } step } => (array, step.Scalar.Name),
            Binary { Operator: Operator.Add, Left: Graph.Array { Storage: Storage.Model }, Right: Graph.Array array } => (array, One()),
            _ => throw new InvalidOperationException("Parameters are updated by adding an array or a multiple of one."),
        };
        _body.Line($"{Field(Graph.Array.Parameters)}.Add({Read(direction)}, {factor});");
    }

    /// <summary>The value as a tensor of its own, which the caller owns.</summary>
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
                return (Read(array), array == target);
            case Named named:
                return Chain(named.Value, target);
            case BlockNorm norm:
                return ($"{norm.Array.NormName}.{(norm.IsRootMeanSquare ? "Rms" : "Tensor")}", false);
            case Floored floored:
                return Then(floored.Operand, "clamp_min", One());
            case SquareRoot root:
                return Then(root.Operand, "sqrt", "");
            case Signum sign:
                return Then(sign.Operand, "sign", "");
            case RaisedTo power:
                return Then(power.Operand, "pow", power.Exponent.Name);
            case WithScalar { Operator: var operation } scaled:
                return Then(scaled.Operand, Method(operation), scaled.Scalar.Name);
            case Binary { Operator: Operator.Add, Right: WithScalar { Operator: Operator.Multiply, Operand: Binary { Operator: Operator.Multiply } product } term } sum:
                return Then(sum.Left, "addcmul", $"{Operand(product.Left)}, {Operand(product.Right)}, {term.Scalar.Name}");
            case Binary { Operator: Operator.Add, Right: Binary { Operator: Operator.Multiply } product } sum:
                return Then(sum.Left, "addcmul", $"{Operand(product.Left)}, {Operand(product.Right)}, {One()}");
            case Binary { Operator: Operator.Add, Right: WithScalar { Operator: Operator.Multiply } term } sum:
                return Then(sum.Left, "add", $"{Operand(term.Operand)}, {term.Scalar.Name}");
            case Binary binary:
                return Then(binary.Left, Method(binary.Operator), Operand(binary.Right));
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
        Graph.Array array => Read(array),
        BlockNorm norm => Chain(norm, null).Text,
        Named named => Temporary(named.Value, named.Name),
        _ => Temporary(value, "operand"),
    };

    /// <summary>Computes the value into a variable, before the statement that is being printed.</summary>
    private string Temporary(Expression value, string name)
    {
        string fresh = Fresh(value);
        int count = _variables[name] = _variables.TryGetValue(name, out int before) ? before + 1 : 1;
        string variable = count == 1 ? name : $"{name}{count.ToString(CultureInfo.InvariantCulture)}";
        _body.Line($"using var {variable} = {fresh};");
        return variable;
    }

    private string Read(Graph.Array array)
    {
        if (!_made.Contains(array)) _read.Add(array);
        return array.Name;
    }

    /// <summary>The weight of a product that has none.</summary>
    private string One()
    {
        _usesOne = true;
        return "one";
    }

    private static string Method(Operator operation) => operation switch
    {
        Operator.Add => "add",
        Operator.Multiply => "mul",
        _ => "div",
    };

    private static Expression LeftmostLeaf(Expression value) => value switch
    {
        Binary binary => LeftmostLeaf(binary.Left),
        WithScalar scaled => LeftmostLeaf(scaled.Operand),
        SquareRoot root => LeftmostLeaf(root.Operand),
        Signum sign => LeftmostLeaf(sign.Operand),
        RaisedTo power => LeftmostLeaf(power.Operand),
        Named named => LeftmostLeaf(named.Value),
        _ => value,
    };

    /// <summary>
    /// Whether the chain reads the array as an operand too, after it has begun to change it. Operands that are computed into a
    /// variable are read before.
    /// </summary>
    private static bool ReadsBesides(Expression value, Graph.Array array) => value switch
    {
        Binary { Right: WithScalar { Operator: Operator.Multiply } term } binary => Direct(term.Operand, array) || ReadsBesides(binary.Left, array),
        Binary binary => Direct(binary.Right, array) || ReadsBesides(binary.Left, array),
        WithScalar scaled => ReadsBesides(scaled.Operand, array),
        SquareRoot root => ReadsBesides(root.Operand, array),
        Signum sign => ReadsBesides(sign.Operand, array),
        RaisedTo power => ReadsBesides(power.Operand, array),
        Named named => ReadsBesides(named.Value, array),
        _ => false,
    };

    private static bool Direct(Expression operand, Graph.Array array) =>
        operand == array || operand is Binary { Operator: Operator.Multiply } product && (product.Left == array || product.Right == array);
}
