using Shampoo.Generators.Graph;
using static Shampoo.Generators.Graph.Array;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>Operations as steps have them, but in any order.</summary>
internal sealed class RandomPrograms(int seed)
{
    public static readonly Array[] Elementwise = [Gradient, Parameters, DecayedGradient, FilteredGradient, Direction, FirstMoment, MomentumBuffer];

    public static readonly Array[] All = [.. Elementwise, FactorMatrices, InverseRoots];

    public static readonly Scalar[] Scalars = [new("s", "0.75"), new("w", "1.25"), new("minus", "-1.5")];

    private static readonly Operator[] Operators = Enum.GetValues<Operator>();

    private readonly Random _random = new(seed);
    private int _names;

    public int Next(int count) => _random.Next(count);

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>Elementwise stages, norms and products. Every stage reads what it writes, so that none is in vain and no two can be exchanged unseen.</summary>
    public List<Operation> Program(int stages, int products)
    {
        List<Operation> program = [.. Enumerable.Range(0, stages).Select(_ => (Operation)Stage())];
        for (int p = 0; p < products; p++)
            program.Insert(Next(program.Count + 1), Product());
        return program;
    }

    /// <summary>A sweep of deep expressions; the parameters are updated at its end or not at all, as in a step.</summary>
    public Sweep Sweep(int number)
    {
        Array[] used = [.. Elementwise.Where(_ => Next(3) == 0)];
        List<Array> others = [.. Elementwise.Except(used)];
        var operations = new List<Elementwise>();
        for (int k = Next(4); k >= 0; k--)
        {
            operations.Add(new Stage($"stage {k}", "", [.. Enumerable.Range(0, 1 + Next(2)).Select(_ => new Assignment(Pick(Elementwise[2..]), Value(3, used)))]));
            if (Next(3) == 0 && others.Count > 0) operations.Add(new TakeNorm(Removed(others)));
        }
        if (Next(3) == 0) operations.Add(new Stage("update", "", new Assignment(Parameters, Parameters + Pick(Scalars) * Pick(Elementwise[2..]))));
        return new Sweep($"Sweep{number}", operations, Elementwise.Where(_ => Next(2) == 0).ToHashSet());
    }

    private Array Removed(List<Array> arrays)
    {
        Array array = Pick(arrays);
        arrays.Remove(array);
        return array;
    }

    private Expression Value(int depth, Array[] norms) => (depth == 0 ? 0 : Next(norms.Length > 0 ? 11 : 10)) switch
    {
        0 or 1 => Pick(Elementwise),
        2 => new WithScalar(Pick(Operators), Value(depth - 1, norms), Pick(Scalars)),
        3 => Expression.Sqrt(Value(depth - 1, norms)),
        4 => Value(depth - 1, norms).As(Name()),
        5 => Value(depth - 1, norms) + Pick(Scalars) * (Value(depth - 1, norms) * Value(depth - 1, norms)),
        6 => Expression.Sign(new WithScalar(Operator.Add, Value(depth - 1, norms), Pick(Scalars))),
        7 => new RaisedTo(Value(depth - 1, norms), Pick(Scalars)),
        // What a block has in common stands where torch broadcasts it, on the right.
        10 => new Binary(Pick(Operators), Value(depth - 1, norms), PerBlock(norms).As(Name())),
        _ => new Binary(Pick(Operators), Value(depth - 1, norms), Value(depth - 1, norms)),
    };

    private Expression PerBlock(Array[] norms) => Next(5) switch
    {
        0 => Expression.Norm(Pick(norms)),
        1 => Expression.Rms(Pick(norms)),
        2 => Expression.AtLeastOne(new WithScalar(Pick(Operators), Expression.Rms(Pick(norms)), Pick(Scalars))),
        3 => new WithScalar(Pick(Operators), Expression.Norm(Pick(norms)), Pick(Scalars)),
        _ => new Binary(Pick(Operators), Expression.Norm(Pick(norms)), new WithScalar(Pick(Operators), Expression.Norm(Pick(norms)), Pick(Scalars)).As(Name())),
    };

    private string Name() => $"named{_names++}_";

    private Stage Stage()
    {
        Array target = Pick(Elementwise[1..]);
        Expression value = Scalars[0] * target + Pick(Elementwise);
        return new Stage("", "", new Assignment(target, Next(3) switch
        {
            0 => value / (Expression.Norm(Pick(Elementwise)) + Scalars[1]).As("scale"),
            1 => value + Scalars[1] * Pick(Elementwise),
            _ => value,
        }));
    }

    private Product Product()
    {
        Array target = Pick(Elementwise[2..]);
        return new Product(ProductKind.Precondition, "", "", [target, Pick(All)], [target, Pick([FactorMatrices, InverseRoots])]);
    }
}
