namespace Shampoo.Runtime;

/// <summary>
/// One value for each element of the blocks of a slice: a part of the state, the gradient, the parameters, or a workspace. Sweeps and products
/// reach it where and how it is stored; operators as a stack.
/// </summary>
public abstract class BlockArray
{
    private readonly Axis[] _dense;

    private protected BlockArray(IReadOnlyList<long> blockShape, ScalarType elementType)
    {
        BlockShape = blockShape;
        BlockElements = blockShape.Aggregate(1L, (product, size) => product * size);
        ElementType = elementType;
        ElementSize = elementType.Size();
        _dense = [new Axis(BlockElements, 1)];
    }

    /// <summary>How elements are stored.</summary>
    internal ScalarType ElementType { get; }

    /// <summary>Bytes of an element.</summary>
    internal int ElementSize { get; }

    /// <summary>The dtype of <see cref="Stack"/>.</summary>
    internal virtual ScalarType StackType => ElementType;

    internal IReadOnlyList<long> BlockShape { get; }

    internal long BlockElements { get; }

    /// <summary>
    /// All blocks as one tensor. The gradient and the parameters are copied together at the first call in a turn of the slice, in the arithmetic's
    /// dtype, and not to be changed; the others can be.
    /// </summary>
    /// <returns>[blocks, …]; owned by this object, and valid until the next slice's turn.</returns>
    public abstract Tensor Stack();

    /// <summary>The contents of state for operators to compute with, in the arithmetic's dtype.</summary>
    /// <returns>[blocks, …], owned by the caller: the state's own memory if it is stored so, or else a copy. What is changed in it is changed in the
    /// state by <see cref="Store"/>.</returns>
    /// <exception cref="InvalidOperationException">This is no state.</exception>
    public virtual Tensor Load() => throw new InvalidOperationException("Only state can be loaded.");

    /// <summary>Takes over what <see cref="Load"/> gave, rounded to what state is stored as: to nearest, ties to even.</summary>
    /// <param name="contents">[blocks, …] in the arithmetic's dtype.</param>
    /// <exception cref="InvalidOperationException">This is no state.</exception>
    public virtual void Store(Tensor contents) => throw new InvalidOperationException("Only state can be stored to.");

    /// <summary>Sets all elements to 0.</summary>
    /// <exception cref="InvalidOperationException">This is neither state nor what is sent to other ranks.</exception>
    public virtual void Clear() => throw new InvalidOperationException("Only state, and what is sent to other ranks, can be cleared.");

    /// <summary>Makes a tensor the contents of a workspace until the slice's turn ends, or until the next call.</summary>
    /// <param name="contents">[blocks, …], of the workspace's dtype: a fresh tensor, which this object owns from now on.</param>
    /// <returns>The contents.</returns>
    /// <exception cref="ArgumentException">It has another dtype or another number of elements.</exception>
    /// <exception cref="InvalidOperationException">This is not a workspace.</exception>
    public virtual Tensor Adopt(Tensor contents) => throw new InvalidOperationException("Only a workspace can adopt a tensor.");

    /// <summary>W ← W + alpha·P, for the blocks of the parameters themselves.</summary>
    /// <param name="direction">P, [blocks, …].</param>
    /// <param name="alpha">The factor, such as −lr.</param>
    /// <exception cref="ArgumentException">P has another dtype or another number of elements.</exception>
    /// <exception cref="InvalidOperationException">These are not the parameters.</exception>
    public virtual void Add(Tensor direction, Scalar alpha) => throw new InvalidOperationException("Only parameters can be added to.");

    /// <summary>A sweep uses the elements, and leaves them as they are.</summary>
    public ArrayAccess Read() => new(this, isRead: true, isWritten: false);

    /// <summary>A sweep gives every element a new value, and does not look at the old ones.</summary>
    public ArrayAccess Write() => new(this, isRead: false, isWritten: true);

    /// <summary>A sweep uses the elements and changes them.</summary>
    public ArrayAccess ReadWrite() => new(this, isRead: true, isWritten: true);

    /// <summary>
    /// Where the elements of a block are, on whatever device. Any thread may ask, from the beginning of the slice's turn to its end.
    /// </summary>
    /// <param name="block">Its place in the slice.</param>
    /// <param name="address">The first element.</param>
    /// <param name="axes">The elements, from the first one.</param>
    internal virtual void Locate(int block, out nint address, out ReadOnlySpan<Axis> axes)
    {
        address = Address(block);
        axes = _dense;
    }

    /// <summary>The first element of a block of an array whose blocks are dense: state and workspaces.</summary>
    internal abstract nint Address(int block);

    /// <summary>Says that a sweep or product is going to write to the array by address.</summary>
    internal virtual void MarkChanged()
    {
    }

    /// <summary>
    /// Where a block is, if it can be seen as a matrix of float32 or float64 with rows of neighbouring elements: it is dense (a matrix of rows
    /// like its last dimension), or of order 2 with neighbouring elements in its last dimension.
    /// </summary>
    /// <param name="block">Its place in the slice.</param>
    /// <param name="address">The first element, of <see cref="ElementType"/>.</param>
    /// <param name="rowStride">The distance of rows in elements; at least the length of one.</param>
    internal bool TryInPlace(int block, out nint address, out long rowStride)
    {
        Locate(block, out address, out var axes);
        var rowLength = BlockShape.Count > 0 ? BlockShape[^1] : 1;
        rowStride = rowLength;
        if (address == 0 || ElementType is not (ScalarType.Float32 or ScalarType.Float64) || axes[^1].Offsets is not null || axes[0].Offsets is not null)
            return false;
        if (axes.Length == 1 && axes[0].Stride == 1)
            return true;
        rowStride = axes[0].Stride;
        var hasRows = axes.Length == 2 ? axes[1].Stride == 1 : rowLength == 1;
        return axes.Length <= 2 && BlockShape.Count == 2 && hasRows && rowStride >= rowLength;
    }

    /// <summary>Begins the turn of the slice.</summary>
    internal virtual void Begin()
    {
    }

    /// <summary>Ends the turn of the slice.</summary>
    internal virtual void End()
    {
    }

    /// <summary>Releases the views that the array has of memory.</summary>
    internal virtual void Release()
    {
    }

    private protected void RequireStack(Tensor tensor, int blocks, string parameter)
    {
        ArgumentNullException.ThrowIfNull(tensor, parameter);
        if (tensor.dtype != StackType || tensor.numel() != blocks * BlockElements)
        {
            throw new ArgumentException(
                $"The {parameter} is [{string.Join(", ", tensor.shape)}] of {tensor.dtype}, but must be [{string.Join(", ", (long[])[blocks, .. BlockShape])}] of {StackType}.",
                parameter);
        }
    }
}
