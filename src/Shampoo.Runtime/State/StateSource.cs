namespace Shampoo.Runtime;

/// <summary>
/// Gives the state of a range of blocks its arrays. A bucket's arrays are allocated when they are first asked for, by name;
/// a slice of the bucket gets views of the same arrays.
/// </summary>
public sealed class StateSource
{
    /// <summary>The name in saved state of parameters of 16 bits as they were when they were switched to an average.</summary>
    internal const string TrainingParameters = "training_parameters";

    private readonly Bucket _bucket;
    private readonly int _start;
    private readonly List<Tensor> _views = [];
    private readonly List<DequantizedArray> _dequantized = [];

    internal StateSource(Bucket bucket, int start, int count)
    {
        _bucket = bucket;
        _start = start;
        Count = count;
    }

    /// <summary>The number of blocks.</summary>
    internal int Count { get; }

    /// <summary>The shape that all of the blocks have.</summary>
    internal IReadOnlyList<long> BlockShape => _bucket.BlockShape;

    /// <summary>The dtype that is computed in: that of the parameters, or float32 where they have 16 bits.</summary>
    internal ScalarType ArithmeticType => _bucket.WorkspaceType;

    /// <summary>The form in which the elementwise part of a step runs.</summary>
    internal Dialect Dialect => _bucket.Dialect;

    /// <summary>Whether the blocks are preconditioned element by element, because a dimension is too large (<see cref="LargeDimensions.Elementwise"/>).</summary>
    public bool IsLarge => _bucket.IsLarge;

    /// <summary>Whether the blocks are not preconditioned (<see cref="PreconditioningAttribute.SkipRankBelow"/>, <see cref="PreconditioningAttribute.SkipSizeAbove"/>).</summary>
    public bool IsSkipped => _bucket.IsSkipped;

    /// <summary>An array like the blocks, initially 0.</summary>
    /// <param name="name">Its name in saved state; unique in this state.</param>
    /// <param name="precision">Its dtype, or <see cref="Precision.EightBit"/>: then its values are there in a slice's turn only.</param>
    /// <returns>[blocks, …]; owned by the bucket.</returns>
    public BlockArray Array(string name, Precision precision = Precision.SameAsParameter) => precision == Precision.EightBit
        ? Dequantized(name)
        : Dense(_bucket.Array(name, () => Zeros([_bucket.Count, .. _bucket.BlockShape], precision)));

    /// <summary>An array like the blocks that keeps its contents until the step ends, and is not saved.</summary>
    /// <param name="name">Its name; unique in this state.</param>
    /// <returns>[blocks, …]; owned by the bucket.</returns>
    public BlockArray Held(string name) =>
        Dense(_bucket.HeldArray(name, () => Zeros([_bucket.Count, .. _bucket.BlockShape], Precision.SameAsParameter)));

    /// <summary>An array that large blocks have, or all others; the rest has an empty one, on which nothing works.</summary>
    /// <param name="large">Whose it is.</param>
    /// <param name="name">Its name in saved state; unique in this state.</param>
    /// <param name="precision">Its dtype.</param>
    /// <returns>[blocks, …], or [0, …]; owned by the bucket or by the state.</returns>
    public BlockArray ArrayOf(bool large, string name, Precision precision = Precision.SameAsParameter)
    {
        if (large == IsLarge)
            return Array(name, precision);
        var empty = Zeros([0, .. _bucket.BlockShape], precision).DetachFromDisposeScope();
        _views.Add(empty);
        return new DenseArray(empty, ArithmeticType);
    }

    /// <summary>An array like the blocks, initially a copy of the parameters: the iterate Z, in the arithmetic's dtype.</summary>
    /// <remarks>
    /// Where parameters have 16 bits there is also an array <see cref="TrainingParameters"/> of their own dtype: switching to the average rounds, so
    /// the point where gradients are taken cannot be computed from it, and is put aside.
    /// </remarks>
    /// <param name="name">Its name in saved state; unique in this state.</param>
    /// <returns>[blocks, …]; owned by the bucket.</returns>
    public BlockArray Parameters(string name)
    {
        if (_bucket.RoundsParameters)
            _bucket.Array(TrainingParameters, () => torch.zeros([_bucket.Count, .. _bucket.BlockShape], dtype: (ScalarType)_bucket.Kind.ElementType, device: _bucket.Kind.Device()));
        return Dense(_bucket.Array(name, _bucket.CopyParameters));
    }

    /// <summary>
    /// Has every parameter count its own gradients, for optimizers whose steps depend on that: a slice then has blocks of one count only
    /// (<see cref="BlockSlice.CountGradient"/>).
    /// </summary>
    public void CountGradients() => _bucket.CountGradients();

    /// <summary>The factor matrices and their inverse roots.</summary>
    /// <param name="factors">The dtype of the factor matrices.</param>
    /// <param name="roots">The dtype of the inverse roots.</param>
    /// <param name="toleratedFailures">How many refreshes of a block may fail one after the other.</param>
    /// <param name="exponents">The exponents of the inverse roots; null for the usual ones.</param>
    /// <param name="maxDimension">The largest size of a dimension that has whole matrices; larger ones have their diagonals.</param>
    /// <param name="overlapped">Whether refreshes are computed beside the steps, and adopted later.</param>
    /// <param name="packed">Whether a factor matrix and its root, of the same dtype, share one array.</param>
    public FactorMatrices FactorMatrices(
        Precision factors = Precision.SameAsParameter, Precision roots = Precision.SameAsParameter, int toleratedFailures = 3,
        InverseExponents? exponents = null, int maxDimension = int.MaxValue, bool overlapped = false, bool packed = false) =>
        new(this, factors, roots, toleratedFailures, exponents, maxDimension, overlapped, packed);

    /// <summary>The factor matrices, their eigenvectors and their inverse roots.</summary>
    /// <param name="factors">The dtype of the factor matrices.</param>
    /// <param name="eigenvectors">The dtype of the eigenvectors.</param>
    /// <param name="roots">The dtype of the inverse roots.</param>
    /// <param name="toleratedFailures">How many refreshes of a block may fail one after the other.</param>
    /// <param name="exponents">The exponents of the inverse roots; null for the usual ones.</param>
    /// <param name="overlapped">Whether refreshes are computed beside the steps, and adopted later.</param>
    /// <param name="packed">Whether a factor matrix and its root, of the same dtype, share one array.</param>
    public Eigendecomposition Eigendecomposition(
        Precision factors = Precision.SameAsParameter, Precision eigenvectors = Precision.SameAsParameter,
        Precision roots = Precision.SameAsParameter, int toleratedFailures = 3, InverseExponents? exponents = null,
        bool overlapped = false, bool packed = false) =>
        new(this, factors, eigenvectors, roots, toleratedFailures, exponents, overlapped, packed);

    /// <summary>The factor matrices and their eigenvectors.</summary>
    /// <param name="factors">The dtype of the factor matrices.</param>
    /// <param name="eigenvectors">The dtype of the eigenvectors.</param>
    /// <param name="toleratedFailures">How many refreshes of a block may fail one after the other.</param>
    /// <param name="ignored">The dimensions that keep their basis; null for none.</param>
    /// <param name="overlapped">Whether refreshes are computed beside the steps, and adopted later.</param>
    /// <param name="sorted">Whether overlapped refreshes are those of <see cref="FactorEigenbases.BeginFollowing"/>.</param>
    public FactorEigenbases FactorEigenbases(
        Precision factors = Precision.SameAsParameter, Precision eigenvectors = Precision.SameAsParameter, int toleratedFailures = 3,
        IgnoredDimensions? ignored = null, bool overlapped = false, bool sorted = false) =>
        new(this, factors, eigenvectors, toleratedFailures, ignored, overlapped, sorted);

    /// <summary>One square matrix for each block, or its diagonal alone, as large as a dimension of it, initially 0.</summary>
    internal Tensor Zeros(string name, int dimension, Precision precision, bool isDiagonal = false) =>
        Narrow(_bucket.Array(name, () => Zeros(MatrixShape(dimension, isDiagonal), precision)));

    /// <summary>One square matrix for each block, or its diagonal alone, as large as a dimension of it, initially the identity.</summary>
    internal Tensor Identities(string name, int dimension, Precision precision, bool isDiagonal = false) =>
        Narrow(_bucket.Array(name, () =>
        {
            var matrices = Zeros(MatrixShape(dimension, isDiagonal), precision);
            using var diagonals = isDiagonal ? matrices.alias() : matrices.diagonal(0, 1, 2);
            FillWithOnes(diagonals);
            return matrices;
        }));

    /// <summary>Symmetric matrices as of <see cref="Zeros(string, int, Precision, bool)"/>, in memory that they share with those of <see cref="PackedIdentities"/>.</summary>
    internal Tensor PackedZeros(string name, int dimension, Precision precision)
    {
        var size = BlockShape[dimension];
        return Narrow(_bucket.PackedFactors(name, () => Zeros([_bucket.Count, size + 1, size], precision)));
    }

    /// <summary>Symmetric matrices as of <see cref="Identities"/>, in the memory of those of <see cref="PackedZeros"/>, of the same dtype.</summary>
    internal Tensor PackedIdentities(string name, string zeros) => Narrow(_bucket.PackedRoots(name, zeros, static matrices =>
    {
        using var diagonals = matrices.diagonal(0, 1, 2);
        FillWithOnes(diagonals);
    }));

    private static void FillWithOnes(Tensor numbers)
    {
        using Scalar one = 1.0;
        numbers.fill_(one);
    }

    /// <summary>One count for each block, initially 0.</summary>
    internal Memory<int> Counters(string name) => _bucket.CountersOf(name).Values.AsMemory(_start, Count);

    /// <summary>The place of the first block in the bucket.</summary>
    internal int Start => _start;

    /// <summary>The dtype and device of the parameters.</summary>
    internal StorageKind Kind => _bucket.Kind;

    /// <summary>Whether the state is in the memory of the CPU.</summary>
    internal bool IsOnCpu => Kind.DeviceType == (int)DeviceType.CPU;

    /// <summary>All blocks of the bucket. Its arrays are there until the bucket is disposed or moved, and not only as long as this state.</summary>
    internal StateSource Whole => Count == _bucket.Count ? this : new StateSource(_bucket, 0, _bucket.Count);

    /// <summary>What is computed beside the steps, of all blocks of the bucket.</summary>
    internal PendingRefreshes PendingRefreshes => _bucket.PendingRefreshes;

    /// <summary>The blocks whose turn it is to be refreshed at step t.</summary>
    internal DueBlocks DueAt(long t) => new(_bucket.Turns!, _start, Count, t);

    /// <summary>What the last refreshes of the blocks were told; null before the first one.</summary>
    internal Memory<LastRefresh?> LastRefreshes => _bucket.LastRefreshes.AsMemory(_start, Count);

    /// <summary>Leaves with the bucket what can compare its matrices, if this is the state of all blocks.</summary>
    internal void Offer(FactorDiagnostics diagnostics)
    {
        if (Count == _bucket.Count)
            _bucket.Diagnostics = diagnostics;
    }

    /// <summary>Names a block for a message.</summary>
    internal string Describe(int block) => _bucket.Describe(_start + block);

    /// <summary>Begins the turn of the slice whose state this is.</summary>
    internal void Begin()
    {
        foreach (var array in _dequantized)
            array.Begin();
    }

    /// <summary>Ends it.</summary>
    internal void End()
    {
        foreach (var array in _dequantized)
            array.End();
    }

    internal void ReleaseViews()
    {
        foreach (var array in _dequantized)
            array.Release();
        _dequantized.Clear();
        foreach (var view in _views)
            view.Dispose();
        _views.Clear();
    }

    private long[] MatrixShape(int dimension, bool isDiagonal)
    {
        var size = _bucket.BlockShape[dimension];
        return isDiagonal ? [_bucket.Count, size] : [_bucket.Count, size, size];
    }

    private Tensor Zeros(long[] shape, Precision precision) =>
        torch.zeros(shape, dtype: precision.ToScalarType(ArithmeticType), device: _bucket.Kind.Device());

    private DenseArray Dense(StackedArray array) => new(Narrow(array), ArithmeticType);

    private DequantizedArray Dequantized(string name)
    {
        var array = new DequantizedArray(_bucket, name, _bucket.QuantizedArray(name).Blocks(_start, Count));
        _dequantized.Add(array);
        return array;
    }

    private Tensor Narrow(StackedArray array)
    {
        if (Count == _bucket.Count)
            return array.Tensor;
        var view = array.Tensor.narrow(0, _start, Count).DetachFromDisposeScope();
        _views.Add(view);
        return view;
    }
}

internal static class PrecisionExtensions
{
    /// <summary>The dtype that state of this precision is stored in.</summary>
    public static ScalarType ToScalarType(this Precision precision, ScalarType arithmetic) => precision switch
    {
        Precision.SameAsParameter => arithmetic,
        Precision.Float32 => ScalarType.Float32,
        Precision.Float64 => ScalarType.Float64,
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => throw new NotSupportedException($"State in the precision {precision} is not supported by this version."),
    };

    /// <summary>The dtype that arithmetic with what is stored in <paramref name="stored"/> is done in.</summary>
    public static ScalarType Arithmetic(this ScalarType stored) => stored switch
    {
        ScalarType.BFloat16 or ScalarType.Float16 => ScalarType.Float32,
        _ => stored,
    };
}
