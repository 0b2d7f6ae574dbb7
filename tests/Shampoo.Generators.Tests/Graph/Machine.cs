using System.Globalization;
using Shampoo.Generators.Graph;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>
/// What operations mean: arrays and norms of one block, in double. A program in its own order knows every norm at once; a sweep sees
/// nothing but what is in memory, and leaves nothing there but what it stores.
/// </summary>
internal sealed class Machine(IReadOnlyList<Array> arrays)
{
    public const int Elements = 3;

    /// <summary>Positive numbers, another one for every element.</summary>
    public Dictionary<Array, double[]> Memory { get; private init; } = arrays
        .Select(static (array, i) => KeyValuePair.Create(array, Enumerable.Range(0, Elements).Select(e => 0.6 + 0.17 * i + 0.31 * e).ToArray())).ToDictionary();

    /// <summary>The norms that have been taken.</summary>
    public Dictionary<Array, double> Norms { get; private init; } = arrays.ToDictionary(static array => array, static _ => double.NaN);

    public Machine Copy() => new(arrays) { Memory = Memory.ToDictionary(static m => m.Key, static m => (double[])m.Value.Clone()), Norms = new(Norms) };

    public double NormOf(Array array) => Math.Sqrt(Memory[array].Sum(static x => x * x));

    /// <summary>One operation of a program after the other.</summary>
    public void Run(IEnumerable<Operation> program)
    {
        foreach (Operation operation in program)
        {
            foreach (Array array in operation is Elementwise elementwise ? elementwise.Norms : []) Norms[array] = NormOf(array);
            Run(operation);
        }
    }

    public void Run(Schedule schedule)
    {
        for (int s = 0; s <= schedule.Sweeps.Count; s++)
        {
            if (s > 0) Run(schedule.Sweeps[s - 1]);
            foreach (Product product in schedule.ProductsAfter(s)) Run(product);
        }
    }

    /// <summary>Arrays that a sweep does not load have no value in it, norms that it takes have theirs after it, and what it does not store is lost.</summary>
    public void Run(Sweep sweep)
    {
        Machine registers = Copy();
        foreach (Array array in arrays.Except(sweep.Loads)) registers.Forget(array);
        foreach (Array array in arrays.Except(sweep.UsedNorms)) registers.Norms[array] = double.NaN;
        foreach (Elementwise operation in sweep.Operations)
        {
            if (operation is TakeNorm norm) Norms[norm.Array] = registers.NormOf(norm.Array);
            else registers.Run(operation);
        }
        foreach (Array array in sweep.Operations.SelectMany(static o => o.Writes))
            Memory[array] = registers.Memory[array];
        foreach (Array array in sweep.Operations.SelectMany(static o => o.Writes).Except(sweep.Stores)) Forget(array);
    }

    private void Forget(Array array) => Memory[array] = [.. Enumerable.Repeat(double.NaN, Elements)];

    private void Run(Operation operation)
    {
        foreach (Assignment assignment in operation is Stage stage ? stage.Assignments : [])
            Memory[assignment.Target] = Value(assignment.Value);
        if (operation is Product product) Multiply(product);
    }

    /// <summary>Any function of all elements of all inputs, another one for every output.</summary>
    private void Multiply(Product product)
    {
        double[] sum = [.. Enumerable.Range(0, Elements).Select(e => product.Inputs.Sum(input => Memory[input][(e + 1) % Elements]) / (2 + product.Inputs.Length))];
        for (int k = 0; k < product.Outputs.Length; k++)
            Memory[product.Outputs[k]] = [.. sum.Select(x => x + 0.125 * k)];
    }

    private double[] Value(Expression node) => node switch
    {
        Array array => Memory[array],
        Named named => Value(named.Value),
        SquareRoot root => [.. Value(root.Operand).Select(Math.Sqrt)],
        Signum sign => [.. Value(sign.Operand).Select(static x => x > 0 ? 1d : x < 0 ? -1d : 0d)],
        RaisedTo power => [.. Value(power.Operand).Select(x => Math.Pow(x, double.Parse(power.Exponent.Definition, CultureInfo.InvariantCulture)))],
        BlockNorm norm => [.. Enumerable.Repeat(norm.IsRootMeanSquare ? Norms[norm.Array] / Math.Sqrt(Elements) : Norms[norm.Array], Elements)],
        Floored floored => [.. Value(floored.Operand).Select(static x => Math.Max(1, x))],
        // As addcmul does it.
        Binary { Operator: Operator.Add, Right: WithScalar { Operator: Operator.Multiply, Operand: Binary { Operator: Operator.Multiply } product } term } sum =>
            [.. Value(sum.Left).Zip(Value(product.Left).Zip(Value(product.Right), (a, b) => double.Parse(term.Scalar.Definition, CultureInfo.InvariantCulture) * a * b), static (x, y) => x + y)],
        WithScalar scaled => [.. Value(scaled.Operand).Select(x => Apply(scaled.Operator, x, double.Parse(scaled.Scalar.Definition, CultureInfo.InvariantCulture)))],
        Binary binary => [.. Value(binary.Left).Zip(Value(binary.Right), (x, y) => Apply(binary.Operator, x, y))],
        _ => throw new NotSupportedException(node.ToString()),
    };

    private static double Apply(Operator operation, double x, double y) => operation switch
    {
        Operator.Add => x + y,
        Operator.Multiply => x * y,
        _ => x / y,
    };
}
