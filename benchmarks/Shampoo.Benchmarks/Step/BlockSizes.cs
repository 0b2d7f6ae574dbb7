using Shampoo.Runtime;

namespace Shampoo.Benchmarks.Step;

/// <summary>The blocks of a model by shape.</summary>
internal static class BlockSizes
{
    /// <summary>The sizes of every block after merging and cutting.</summary>
    public static long[][] Of(IEnumerable<long[]> shapes, int maxDimension)
    {
        var rules = new BlockingRules(maxDimension);
        return [.. shapes.SelectMany(shape => rules.Split(rules.Merge(shape))).Select(region => (long[])[.. region.Size])];
    }

    /// <summary>A block seen as the matrix of a dimension has the product of all other dimensions as columns.</summary>
    public static long Others(this long[] block, int dimension) => block.Where((_, k) => k != dimension).Aggregate(1L, (product, size) => product * size);

    /// <summary>Numbers of all factor matrices of a block.</summary>
    public static long MatrixElements(this long[] block) => block.Sum(size => size * size);

    public static long Elements(this long[] block) => block.Aggregate(1L, (product, size) => product * size);
}
