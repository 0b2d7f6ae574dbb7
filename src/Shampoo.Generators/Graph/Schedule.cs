namespace Shampoo.Generators.Graph;

/// <summary>
/// The sweeps and products of a step, in the order in which they run: as few sweeps as norms and products allow.
/// </summary>
/// <remarks>
/// Sweeps are numbered 1, 2, …; a product with the number s runs after sweep s. Operations keep the order of what they read and write
/// (read after write, write after read, write after write), and a norm is used after the sweep that takes it and before the one that takes
/// it anew. Within these bounds everything runs as early as it can. That leaves no number without a sweep: what has the number s + 1 has
/// it because of something elementwise that has the number s.
/// </remarks>
internal sealed class Schedule
{
    private readonly IReadOnlyList<Operation> _operations;
    private readonly int[] _number;
    private readonly string _last;

    /// <param name="operations">In the order of the algorithm.</param>
    /// <param name="prefix">Of the names of all sweeps.</param>
    /// <param name="last">The name of the last sweep.</param>
    public Schedule(IReadOnlyList<Operation> operations, string prefix = "", string last = "Update")
    {
        _operations = WithNorms(operations);
        _last = last;
        _number = new int[_operations.Count];
        Place();
        Sweeps = Enumerable.Range(1, _number.Max()).Select(s => MakeSweep(s, prefix)).ToList();
    }

    public IReadOnlyList<Sweep> Sweeps { get; }

    /// <summary>The products that run after a sweep; after none for 0.</summary>
    public IEnumerable<Product> ProductsAfter(int sweep) => Numbered(sweep).OfType<Product>();

    public IEnumerable<Product> Products => _operations.OfType<Product>();

    /// <summary>The operations with their norms: each one is taken right after the last change of its array.</summary>
    private static List<Operation> WithNorms(IReadOnlyList<Operation> operations)
    {
        var result = new List<Operation>();
        var taken = new HashSet<Array>();
        foreach (Operation operation in operations)
        {
            foreach (Array array in operation is Elementwise elementwise ? elementwise.Norms : [])
                if (taken.Add(array)) result.Add(new TakeNorm(array));
            result.Add(operation);
            taken.ExceptWith(operation.Writes);
        }
        return result;
    }

    /// <summary>Every operation as early as possible.</summary>
    private void Place()
    {
        for (int i = 0; i < _operations.Count; i++)
        {
            _number[i] = _operations[i] is Elementwise ? 1 : 0;
            for (int j = 0; j < i; j++)
                if (Distance(j, i) is { } distance)
                    _number[i] = Math.Max(_number[i], _number[j] + distance);
        }
    }

    /// <summary>By how much the number of a later operation must exceed that of an earlier one; null if it need not follow it.</summary>
    private int? Distance(int earlier, int later)
    {
        Operation first = _operations[earlier], second = _operations[later];
        if (UsesNorm(second, first) || UsesNorm(first, second)) return 1;
        bool depends = first.Writes.Intersect(second.Reads.Concat(second.Writes)).Any() || first.Reads.Intersect(second.Writes).Any();
        if (!depends) return null;
        return first is Product && second is Elementwise ? 1 : 0;
    }

    private static bool UsesNorm(Operation user, Operation norm) => user is Elementwise elementwise && norm is TakeNorm taken && elementwise.Norms.Contains(taken.Array);

    private Sweep MakeSweep(int number, string prefix)
    {
        List<Elementwise> operations = Numbered(number).OfType<Elementwise>().ToList();
        var live = new HashSet<Array>(Indices(i => _operations[i] is Product ? _number[i] >= number : _number[i] > number).SelectMany(i => _operations[i].Reads));
        return new Sweep(prefix + NameOf(operations, number), operations, live);
    }

    /// <summary>The last sweep updates the parameters, or does what it is called for; others measure norms, or prepare what products work on.</summary>
    private string NameOf(List<Elementwise> operations, int number)
    {
        if (number == _number.Max()) return _last;
        string name = operations.All(static o => o is TakeNorm) ? "Measure" : "Prepare";
        int before = Enumerable.Range(1, number - 1).Count(n => Numbered(n).OfType<Elementwise>().All(static o => o is TakeNorm) == (name == "Measure"));
        return before == 0 ? name : $"{name}{before + 1}";
    }

    private IEnumerable<Operation> Numbered(int number) => Indices(i => _number[i] == number).Select(i => _operations[i]);

    private List<int> Indices(Func<int, bool> predicate) => Enumerable.Range(0, _operations.Count).Where(predicate).ToList();
}
