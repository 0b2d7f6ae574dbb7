namespace Shampoo.Generators.Graph;

/// <summary>
/// Elementwise operations that go through memory together, once. <paramref name="LiveAfter"/> are the arrays that something
/// after the sweep reads.
/// </summary>
internal sealed class Sweep(string name, IReadOnlyList<Elementwise> operations, ISet<Array> liveAfter)
{
    public string Name => name;

    public IReadOnlyList<Elementwise> Operations => operations;

    public IEnumerable<Stage> Stages => operations.OfType<Stage>();

    /// <summary>Arrays that have values before the sweep which it reads.</summary>
    public IReadOnlyList<Array> Loads { get; } = FirstRead(operations).OrderBy(static a => a.Storage).ToList();

    /// <summary>Arrays that it has to write to memory.</summary>
    public IReadOnlyList<Array> Stores { get; } = operations.SelectMany(static o => o.Writes).Distinct()
        .Where(array => array.Storage != Storage.Intermediate || liveAfter.Contains(array)).ToList();

    /// <summary>Arrays in memory that it works on.</summary>
    public IReadOnlyList<Array> InMemory => Loads.Concat(Stores).Distinct().OrderBy(static a => a.Storage).ToList();

    /// <summary>Arrays whose norms it takes.</summary>
    public IReadOnlyList<Array> TakenNorms { get; } = operations.OfType<TakeNorm>().Select(static n => n.Array).Distinct().ToList();

    /// <summary>Arrays whose norms it uses; an earlier sweep has taken them.</summary>
    public IReadOnlyList<Array> UsedNorms { get; } = operations.SelectMany(static o => o.Norms).Distinct().ToList();

    public IReadOnlyList<Array> Norms => UsedNorms.Concat(TakenNorms).Distinct().ToList();

    public IReadOnlyList<Scalar> Scalars { get; } = operations.SelectMany(static o => o.Scalars).Distinct().ToList();

    /// <summary>Its parameter where it is declared, and its argument where it is called.</summary>
    public string Parameter => Scalars.Count > 0 ? "in Numbers n" : "";

    public string Argument => Scalars.Count > 0 ? "n" : "";

    private static List<Array> FirstRead(IEnumerable<Elementwise> operations)
    {
        var loads = new List<Array>();
        var known = new HashSet<Array>();
        foreach (Elementwise operation in operations)
        {
            if (operation is not Stage stage)
            {
                Read(operation.Reads);
                continue;
            }
            foreach (Assignment assignment in stage.Assignments)
            {
                Read(assignment.Value.Arrays());
                known.Add(assignment.Target);
            }
        }
        return loads;

        void Read(IEnumerable<Array> arrays)
        {
            foreach (Array array in arrays)
                if (known.Add(array)) loads.Add(array);
        }
    }
}
