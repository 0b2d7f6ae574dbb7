namespace Shampoo.Tests;

/// <summary>A block of a parameter, and all state that any declaration has of it, for transcriptions.</summary>
/// <param name="Elements">Which elements of the parameter.</param>
/// <param name="Indices">Where they are in the block.</param>
internal sealed record TranscribedBlock(int[] Elements, int[][] Indices)
{
    /// <summary>The blocks of a parameter.</summary>
    /// <param name="shape">After merging.</param>
    /// <param name="maxDimension">The size that dimensions are cut at.</param>
    public static TranscribedBlock[] Cut(int[] shape, int maxDimension) =>
    [
        .. Enumerable.Range(0, shape.Aggregate(1, static (product, size) => product * size)).Select(e => (Element: e, Index: Index(e, shape)))
            .GroupBy(e => string.Join(',', e.Index.Select(i => i / maxDimension)))
            .Select(g => new TranscribedBlock([.. g.Select(static e => e.Element)], [.. g.Select(e => e.Index.Select(i => i % maxDimension).ToArray())])),
    ];

    public int[] Sizes { get; } = [.. Enumerable.Range(0, Indices[0].Length).Select(k => Indices.Max(index => index[k]) + 1)];

    public double[][,] L => field ??= Matrices();

    /// <summary>Roots, or eigenvectors as columns; the identity until the first refresh in which the block has a gradient.</summary>
    public double[][,] X => field ??= Identities();

    public double[] E { get; } = new double[Elements.Length];

    public double[] V { get; } = new double[Elements.Length];

    public double[] First { get; } = new double[Elements.Length];

    public double[] Momentum { get; } = new double[Elements.Length];

    /// <summary>Multiplied along every dimension that has a matrix, but one.</summary>
    public double[] Multiplied(double[] values, double[][,] matrices, bool transposed = false, int except = -1)
    {
        for (int k = 0; k < Sizes.Length; k++)
        {
            if (k == except) continue;
            var product = new double[values.Length];
            double[] factor = values;
            EachPair(k, (a, b, i, j) => product[a] += (transposed ? matrices[k][j, i] : matrices[k][i, j]) * factor[b]);
            values = product;
        }
        return values;
    }

    /// <summary>Every two elements that differ in dimension k alone, or not at all, and their indices in that dimension.</summary>
    public void EachPair(int k, Action<int, int, int, int> action)
    {
        for (int a = 0; a < Elements.Length; a++)
            for (int b = 0; b < Elements.Length; b++)
                if (AgreeExcept(Indices[a], Indices[b], k))
                    action(a, b, Indices[a][k], Indices[b][k]);
    }

    private double[][,] Matrices() => [.. Sizes.Select(static size => new double[size, size])];

    private double[][,] Identities()
    {
        double[][,] matrices = Matrices();
        for (int k = 0; k < Sizes.Length; k++)
            for (int i = 0; i < Sizes[k]; i++)
                matrices[k][i, i] = 1;
        return matrices;
    }

    private static int[] Index(int element, int[] shape)
    {
        var index = new int[shape.Length];
        for (int k = shape.Length - 1; k >= 0; k--)
            (element, index[k]) = Math.DivRem(element, shape[k]);
        return index;
    }

    private static bool AgreeExcept(int[] a, int[] b, int k)
    {
        for (int d = 0; d < a.Length; d++)
            if (d != k && a[d] != b[d])
                return false;
        return true;
    }
}
