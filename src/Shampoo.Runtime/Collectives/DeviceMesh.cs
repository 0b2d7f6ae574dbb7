using System.Collections.Immutable;

namespace Shampoo.Runtime;

/// <summary>
/// The ranks of a group as a grid with named dimensions. The last dimension goes from rank to rank, so (replicate 2, shard 4) puts ranks 0–3 and
/// 4–7 side by side.
/// </summary>
public sealed class DeviceMesh : IDisposable
{
    private readonly ProcessGroup[] _groups;

    /// <summary>Divides a group along every dimension. All of its ranks call it at the same time.</summary>
    /// <param name="group">All ranks of the mesh. It stays the caller's, and lives longer than the mesh.</param>
    /// <param name="dimensions">The dimensions, from the outermost to the innermost: each name once, sizes from 1, whose product is the group's size.</param>
    /// <exception cref="ArgumentException">The dimensions are not as they must be.</exception>
    public DeviceMesh(ProcessGroup group, params (string Name, int Size)[] dimensions)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(dimensions);
        Check(group, dimensions);
        Names = [.. dimensions.Select(dimension => dimension.Name)];
        Shape = [.. dimensions.Select(dimension => dimension.Size)];
        Coordinates = Locate(group.Rank, Shape);
        _groups = new ProcessGroup[dimensions.Length];
        for (var i = 0; i < _groups.Length; i++)
            _groups[i] = group.split(Line(group.Rank, i));
    }

    /// <summary>The names of the dimensions.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The sizes of the dimensions.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>Where this rank is: its rank in the group of each dimension.</summary>
    public ImmutableArray<int> Coordinates { get; }

    /// <summary>The ranks that differ from this one in one dimension only, in the order of its coordinate. It belongs to the mesh.</summary>
    /// <exception cref="ArgumentException">There is no such dimension.</exception>
    public ProcessGroup group(string dimension) => _groups[Index(dimension)];

    /// <summary>The size of a dimension.</summary>
    /// <inheritdoc cref="group(string)" path="/exception"/>
    public int size(string dimension) => Shape[Index(dimension)];

    /// <summary>This rank's coordinate in a dimension.</summary>
    /// <inheritdoc cref="group(string)" path="/exception"/>
    public int coordinate(string dimension) => Coordinates[Index(dimension)];

    /// <summary>Releases the groups of the dimensions, the last one first. All ranks do so at about the same time.</summary>
    public void Dispose()
    {
        for (var i = _groups.Length - 1; i >= 0; i--)
            _groups[i].Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => Text(Names.Zip(Shape));

    private static void Check(ProcessGroup group, (string Name, int Size)[] dimensions)
    {
        var text = Text(dimensions);
        if (dimensions.Any(dimension => string.IsNullOrWhiteSpace(dimension.Name)))
            throw new ArgumentException($"A dimension of the mesh {text} has no name.", nameof(dimensions));
        if (dimensions.GroupBy(dimension => dimension.Name).FirstOrDefault(names => names.Count() > 1) is { } twice)
            throw new ArgumentException($"The mesh {text} has two dimensions '{twice.Key}'.", nameof(dimensions));
        if (dimensions.Any(dimension => dimension.Size < 1))
            throw new ArgumentException($"A dimension of the mesh {text} is smaller than 1.", nameof(dimensions));
        var product = dimensions.Aggregate(1L, (size, dimension) => checked(size * dimension.Size));
        if (product != group.Size)
            throw new ArgumentException($"The mesh {text} has {product} places, and the group {group.Size} ranks; they must be the same number.", nameof(dimensions));
    }

    private static ImmutableArray<int> Locate(int rank, ImmutableArray<int> shape)
    {
        var coordinates = new int[shape.Length];
        for (var i = shape.Length - 1; i >= 0; i--)
            (rank, coordinates[i]) = Math.DivRem(rank, shape[i]);
        return [.. coordinates];
    }

    // The first rank of the line through this one.
    private int Line(int rank, int dimension)
    {
        var stride = 1;
        for (var i = dimension + 1; i < Shape.Length; i++)
            stride *= Shape[i];
        return rank - (Coordinates[dimension] * stride);
    }

    private int Index(string dimension) => Names.IndexOf(dimension) is >= 0 and var index
        ? index
        : throw new ArgumentException($"The mesh {this} has no dimension '{dimension}'.", nameof(dimension));

    private static string Text(IEnumerable<(string Name, int Size)> dimensions) =>
        $"({string.Join(", ", dimensions.Select(dimension => $"{dimension.Name} {dimension.Size}"))})";
}
