using Shampoo.Generators.Graph;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>
/// The fewest sweeps that a program can be cut into, found by trying. Sets of operations are bits: a sweep takes the program from one set
/// of finished operations to another.
/// </summary>
internal sealed class FewestSweeps
{
    private readonly List<Operation> _operations = [];
    private readonly Dictionary<int, int> _known = [];

    private FewestSweeps(IEnumerable<Operation> program)
    {
        foreach (Operation operation in program)
        {
            foreach (Elementwise norm in Norms(operation).Where(norm => !IsTaken((TakeNorm)norm))) _operations.Add(norm);
            _operations.Add(operation);
        }
    }

    public static int Of(IEnumerable<Operation> program) => new FewestSweeps(program).From(0);

    private int All => (1 << _operations.Count) - 1;

    private int From(int done)
    {
        done = WithProducts(done);
        if (done == All) return 0;
        if (_known.TryGetValue(done, out int known)) return known;
        int rest = All & ~done, fewest = int.MaxValue - 1;
        for (int sweep = rest; sweep > 0; sweep = (sweep - 1) & rest)
            if (IsSweep(done, sweep))
                fewest = Math.Min(fewest, 1 + From(done | sweep));
        return _known[done] = fewest;
    }

    /// <summary>Products cost nothing, and never come too early.</summary>
    private int WithProducts(int done)
    {
        for (int i = 0; i < _operations.Count; i++)
            if (_operations[i] is Product && Before(i).All(j => Has(done, j)))
                done |= 1 << i;
        return done;
    }

    /// <summary>Whether the operations can follow in one sweep: what must come before each of them is done, or is in the sweep and need not be complete.</summary>
    private bool IsSweep(int done, int sweep) => Enumerable.Range(0, _operations.Count).Where(i => Has(sweep, i)).All(i =>
        _operations[i] is not Product && Before(i).All(j => Has(done, j) || (Has(sweep, j) && !Norms(_operations[i]).Contains(_operations[j]) && !Norms(_operations[j]).Contains(_operations[i]))));

    /// <summary>The earlier operations that do not commute with one.</summary>
    private IEnumerable<int> Before(int i) => Enumerable.Range(0, i).Where(j => Conflicts(_operations[j], _operations[i]) || Conflicts(_operations[i], _operations[j]));

    private static bool Conflicts(Operation one, Operation other) =>
        one.Writes.Any(array => other.Reads.Contains(array) || other.Writes.Contains(array)) || Norms(one).Contains(other);

    private static IEnumerable<Elementwise> Norms(Operation operation) =>
        operation is Elementwise elementwise ? elementwise.Norms.Select(static array => new TakeNorm(array)) : [];

    private bool IsTaken(TakeNorm norm) =>
        _operations.LastIndexOf(norm) is var last and >= 0 && !_operations[last..].Any(operation => operation.Writes.Contains(norm.Array));

    private static bool Has(int set, int i) => (set >> i & 1) == 1;
}
