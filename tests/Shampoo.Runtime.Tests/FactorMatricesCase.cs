namespace Shampoo.Runtime.Tests;

/// <summary>
/// The factor matrices of a parameter that is cut in two along each of its first two dimensions, with a gradient of normally distributed numbers:
/// the blocks are parts of rows, with other elements between them.
/// </summary>
internal sealed class FactorMatricesCase : IDisposable
{
    private readonly WorkspacePool _workspaces = new();
    private readonly Parameter _parameter;
    private readonly MemoryParameter _member;
    private readonly Bucket _bucket;
    private readonly long[] _whole;
    private readonly double[] _gradient;
    private readonly BlockRegion[] _regions;

    /// <param name="shape">Of a block.</param>
    /// <param name="type">Of the parameter and the matrices.</param>
    /// <param name="isTransposed">Whether the gradient lies in memory column by column; for order 2.</param>
    public FactorMatricesCase(long[] shape, ScalarType type, bool isTransposed = false)
    {
        Shape = shape;
        _whole = [.. shape.Select((size, k) => k < 2 ? 2 * size : size)];
        _gradient = [.. Data.Normal(1, Data.Elements(_whole)).Select(x => type == ScalarType.Float32 ? (float)x : x)];
        _regions = [.. Corners(shape).Select(corner => new BlockRegion(corner, shape))];
        _parameter = new Parameter(torch.zeros(_whole, dtype: type));
        using (var gradient = Data.Tensor(_gradient, _whole, type))
            _parameter.grad = isTransposed ? gradient.t().contiguous().t() : gradient;
        (int, int)[] places = [.. _regions.Select((_, b) => (0, b))];
        _member = new MemoryParameter(_parameter, "weight", new ParameterPlan(_whole, _regions, places));
        var plan = new BucketPlan(shape, BlockedParameter.KindOf(_parameter), [.. _regions.Select((_, b) => new BlockReference(0, b))]);
        _bucket = new Bucket(plan, [_member], source => new MatricesOnly(source), _workspaces, 1 << 24);
        _member.BeginStep(searchNonFinite: false);
        Slice = _bucket.Slice(0, Blocks, out _);
        Destination = Slice.Workspace("destination");
        Slice.Begin();
    }

    public long[] Shape { get; }

    public int Blocks => _regions.Length;

    public BlockSlice Slice { get; }

    public BlockArray Destination { get; }

    public FactorMatrices Matrices => ((MatricesOnly)Slice.State).Matrices;

    /// <summary>The gradient of a block, dense.</summary>
    public double[] Gradient(int block)
    {
        var region = _regions[block];
        var values = new double[Data.Elements(Shape)];
        for (var i = 0; i < values.Length; i++)
        {
            long rest = i, offset = 0, stride = 1;
            for (var k = Shape.Length - 1; k >= 0; k--)
            {
                offset += (region.Start[k] + rest % Shape[k]) * stride;
                rest /= Shape[k];
                stride *= _whole[k];
            }
            values[i] = _gradient[offset];
        }
        return values;
    }

    /// <summary>Gives every block its own symmetric matrices in the place of inverse roots.</summary>
    /// <returns>Those of a block, by dimension.</returns>
    public double[][] SetRoots(int block)
    {
        var roots = new double[Shape.Length][];
        for (var k = 0; k < Shape.Length; k++)
        {
            var n = (int)Shape[k];
            using var root = Matrices.InverseRoot(k).select(0, block);
            var values = Data.Normal(10 * block + k, n * n, 1 / Math.Sqrt(n));
            roots[k] = [.. values.Select((_, i) => (double)(float)values[Math.Max(i, i % n * n + i / n)])];
            using var tensor = Data.Tensor(roots[k], [n, n]);
            root.copy_(tensor);
        }
        return roots;
    }

    public double[] Factor(int k, int block)
    {
        using var factor = Matrices.Factor(k).select(0, block);
        return Data.Values(factor);
    }

    public double[] Direction(int block)
    {
        using var direction = Destination.Stack().select(0, block);
        return Data.Values(direction);
    }

    /// <summary>G₍ₖ₎G₍ₖ₎ᵀ by the definition.</summary>
    public double[] OuterProduct(double[] g, int k)
    {
        var (before, size, after) = Sizes(k);
        var product = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                double sum = 0;
                for (var a = 0; a < before; a++)
                {
                    for (var c = 0; c < after; c++)
                        sum += g[(a * size + i) * after + c] * g[(a * size + j) * after + c];
                }
                product[i * size + j] = product[j * size + i] = sum;
            }
        }
        return product;
    }

    /// <summary>g ×ₖ matrix by the definition.</summary>
    public double[] ModeProduct(double[] g, int k, double[] matrix)
    {
        var (before, size, after) = Sizes(k);
        var product = new double[g.Length];
        for (var a = 0; a < before; a++)
        {
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                {
                    for (var c = 0; c < after; c++)
                        product[(a * size + i) * after + c] += matrix[i * size + j] * g[(a * size + j) * after + c];
                }
            }
        }
        return product;
    }

    public void Dispose()
    {
        _bucket.Dispose();
        _workspaces.Dispose();
        _member.Dispose();
        _parameter.Dispose();
    }

    private (int Before, int Size, int After) Sizes(int k) => (Data.Elements(Shape[..k]), (int)Shape[k], Data.Elements(Shape[(k + 1)..]));

    private static IEnumerable<long[]> Corners(long[] shape)
    {
        for (var i = 0; i < 2; i++)
        {
            for (var j = 0; j < (shape.Length > 1 ? 2 : 1); j++)
                yield return [.. shape.Select((size, k) => k == 0 ? i * size : k == 1 ? j * size : 0)];
        }
    }

    private sealed class MatricesOnly(StateSource source) : BlockState(source)
    {
        public FactorMatrices Matrices { get; } = source.FactorMatrices();
    }
}
