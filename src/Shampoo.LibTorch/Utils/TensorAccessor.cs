using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor of the CPU, in row-major order, whatever its strides are. Keeps the tensor alive.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor _tensor;
    private readonly long _count;
    private readonly T* _data;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        _tensor = tensor;
        _count = tensor.NumberOfElements;
        _data = (T*)tensor.DataPointer();
        _shape = tensor.shape;
        _strides = tensor.stride();
        _contiguous = tensor.is_contiguous();
    }

    public long Count => _count;

    public bool IsReadOnly => false;

    /// <summary>The element at those indices, or, for a single index, at that position in row-major order.</summary>
    public T this[params long[] indices]
    {
        get => _data[Offset(indices)];
        set => _data[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var result = new T[_count];
        CopyTo(result.AsSpan());
        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        long count = Math.Min(array.Length - arrayIndex, _count - tensorIndex);
        if (_contiguous) {
            new ReadOnlySpan<T>(_data + tensorIndex, (int)count).CopyTo(array[arrayIndex..]);
            return;
        }
        for (long i = 0; i < count; i++) array[arrayIndex + (int)i] = _data[Position(tensorIndex + i)];
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        long count = Math.Min(array.Length - arrayIndex, _count - tensorIndex);
        for (long i = 0; i < count; i++) _data[Position(tensorIndex + i)] = array[arrayIndex + (int)i];
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < _count; i++) yield return Read(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Does nothing: the tensor is not the accessor's.</summary>
    public void Dispose()
    {
    }

    private T Read(long i) => _data[Position(i)];

    private long Offset(long[] indices)
    {
        if (indices.Length == 1) {
            if (indices[0] < 0 || indices[0] >= _count) throw new IndexOutOfRangeException();
            return Position(indices[0]);
        }
        if (indices.Length != _shape.Length) throw new ArgumentException($"{indices.Length} indices for {_shape.Length} dimensions.", nameof(indices));
        long offset = 0;
        for (int d = 0; d < indices.Length; d++) {
            if (indices[d] < 0 || indices[d] >= _shape[d]) throw new IndexOutOfRangeException($"{indices[d]} >= {_shape[d]} in dimension {d}.");
            offset += indices[d] * _strides[d];
        }
        return offset;
    }

    private long Position(long i)
    {
        if (_contiguous) return i;
        long offset = 0;
        for (int d = _shape.Length - 1; d >= 0; d--) {
            i = Math.DivRem(i, _shape[d], out long position);
            offset += position * _strides[d];
        }
        return offset;
    }
}
