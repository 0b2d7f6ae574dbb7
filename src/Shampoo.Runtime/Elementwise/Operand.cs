using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>An array of a sweep.</summary>
/// <typeparam name="T">The type of the arithmetic: float or double.</typeparam>
internal sealed unsafe class Operand<T>(ArrayAccess access) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly ScalarType s_type = typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64;

    private readonly BlockArray _array = access.Array;

    /// <summary>Begins a sweep.</summary>
    public void Begin()
    {
        if (access.IsWritten)
            _array.MarkChanged();
    }

    /// <summary>The first element of a block whose elements are dense memory of <typeparamref name="T"/>; null for others.</summary>
    public T* Dense(int block)
    {
        if (_array.ElementType != s_type)
            return null;
        _array.Locate(block, out var address, out var axes);
        return axes.Length == 1 && axes[0] is { Stride: 1, Offsets: null } ? (T*)address : null;
    }

    /// <summary>Copies some elements of a block to <paramref name="scratch"/>, if the sweep reads them.</summary>
    /// <returns><paramref name="scratch"/></returns>
    public T* Load(int block, long start, T* scratch, int count)
    {
        if (access.IsRead)
        {
            _array.Locate(block, out var address, out var axes);
            Staging<T>.Load(_array.ElementType, address, axes, start, scratch, count);
        }
        return scratch;
    }

    /// <summary>Copies them back, if the sweep writes them.</summary>
    public void Store(int block, long start, T* scratch, int count)
    {
        if (!access.IsWritten)
            return;
        _array.Locate(block, out var address, out var axes);
        Staging<T>.Store(_array.ElementType, address, axes, start, scratch, count);
    }
}
