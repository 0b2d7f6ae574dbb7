namespace Shampoo.Runtime.Tests;

/// <summary>
/// The blocks of a parameter that is cut in two along each of its first two dimensions, with a gradient of normally distributed numbers:
/// the blocks are parts of rows, with other elements between them.
/// </summary>
internal class BlocksCase : IDisposable
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
    /// <param name="createState">Makes their state.</param>
    /// <param name="isTransposed">Whether the gradient lies in memory column by column; for order 2.</param>
    /// <param name="elementwise">Operators where it says so.</param>
    public BlocksCase(
        long[] shape, ScalarType type, Func<StateSource, BlockState> createState, bool isTransposed = false,
        ElementwiseDialect elementwise = ElementwiseDialect.Automatic)
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
        _bucket = new Bucket(plan, [_member], createState, _workspaces, 1 << 24, elementwise: elementwise);
        _member.BeginStep(searchNonFinite: false);
        Slice = _bucket.Slice(0, Blocks, out _);
        Destination = Slice.Workspace("destination");
        Slice.Begin();
    }

    public long[] Shape { get; }

    public int Blocks => _regions.Length;

    public BlockSlice Slice { get; }

    public Bucket Bucket => _bucket;

    public BlockArray Destination { get; }

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

    /// <summary>The matrix of a block.</summary>
    public static double[] Matrix(Tensor matrices, int block)
    {
        using var scope = torch.NewDisposeScope();
        return Data.Values(matrices.Whole().select(0, block));
    }

    /// <summary>Gives a block another matrix.</summary>
    public static void SetMatrix(Tensor matrices, int block, double[] values)
    {
        using var scope = torch.NewDisposeScope();
        var matrix = matrices.narrow(0, block, 1);
        matrix.Store(Data.Tensor(values, matrix.shape));
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
                // Compensated, so that what is compared has the rounding of one side only.
                double sum = 0, lost = 0;
                for (var a = 0; a < before; a++)
                {
                    for (var c = 0; c < after; c++)
                    {
                        var term = g[(a * size + i) * after + c] * g[(a * size + j) * after + c] - lost;
                        (sum, lost) = (sum + term, sum + term - sum - term);
                    }
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
}
