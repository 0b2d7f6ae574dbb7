using Shampoo.Generators.Graph;
using static Shampoo.Generators.Graph.Array;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>Operations as steps have them, but in any order.</summary>
internal sealed class RandomPrograms(int seed)
{
    public static readonly Array[] Elementwise = [Gradient, Parameters, DecayedGradient, FilteredGradient, Direction, FirstMoment, MomentumBuffer];

    public static readonly Array[] All = [.. Elementwise, FactorMatrices, InverseRoots];

    public static readonly Scalar[] Scalars = [new("s", "0.75"), new("w", "1.25")];

    private readonly Random _random = new(seed);

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
