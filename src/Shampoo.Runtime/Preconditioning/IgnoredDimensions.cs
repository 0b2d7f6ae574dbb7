namespace Shampoo.Runtime;

/// <summary>The dimensions of blocks that keep their original basis. Immutable.</summary>
public sealed class IgnoredDimensions
{
    private readonly HashSet<(int Order, int Dimension)> _ignored;

    /// <summary>No dimension is ignored.</summary>
    public IgnoredDimensions() : this([])
    {
    }

    private IgnoredDimensions(HashSet<(int, int)> ignored) => _ignored = ignored;

    /// <summary>No dimension.</summary>
    internal static IgnoredDimensions None { get; } = new();

    /// <summary>Ignores dimensions of the blocks of an order.</summary>
    /// <param name="order">d, at least 1.</param>
    /// <param name="dimensions">From 0 to d − 1.</param>
    /// <returns>These dimensions, and those.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public IgnoredDimensions Ignore(int order, params int[] dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        var ignored = new HashSet<(int, int)>(_ignored);
        foreach (var dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(dimensions));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(dimension, order, nameof(dimensions));
            ignored.Add((order, dimension));
        }
        return new(ignored);
    }

    /// <summary>Whether a dimension of the blocks of an order is ignored.</summary>
    internal bool Contains(int order, int dimension) => _ignored.Contains((order, dimension));
}
