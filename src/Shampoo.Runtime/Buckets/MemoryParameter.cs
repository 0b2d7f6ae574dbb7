using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// A parameter in the memory of this process: its blocks are read and written directly, with no tensor in between.
/// </summary>
/// <remarks>
/// Autograd does not notice such writes. So a step that has made any ends with an operator in place, on no element of the parameter: it
/// raises the version counter, by which <c>backward</c> knows that a value it needs was changed.
/// </remarks>
internal sealed unsafe class MemoryParameter(Parameter parameter, string name, ParameterPlan plan) : BlockedParameter(parameter, name, plan)
{
    // Valid from BeginStep to the end of the step: nothing but the step touches the tensors in that time.
    private nint _data;
    private nint _gradientData;

    // No element of the parameter, but its version counter. Made again only when the memory is another.
    private Tensor? _version;
    private nint _versionedData;
    private bool _isChanged;

    // Made again only when the strides change.
    private BlockAddresses? _addresses;
    private BlockAddresses? _gradientAddresses;

    /// <inheritdoc/>
    public override void BeginStep(bool searchNonFinite)
    {
        IsActive = false;
        RequireUnmoved();
        if (!Parameter.requires_grad)
            return;
        var gradient = NativeTensor.Grad(Key);
        if (gradient == 0)
            return;
        try
        {
            LocateParameter();
            LocateGradient(gradient);
        }
        finally
        {
            NativeTensor.Dispose(gradient);
        }
        if (searchNonFinite && Plan.Blocks.Length > 0 && HasNonFiniteGradient())
            throw NonFiniteGradient();
        IsActive = true;
    }

    /// <inheritdoc/>
    public override void EndStep()
    {
        if (!_isChanged)
            return;
        _isChanged = false;
        if (_version is null || _versionedData != _data)
            FindVersion();
        _version!.zero_();
    }

    public override void Dispose()
    {
        _version?.Dispose();
        _version = null;
    }

    public void GatherGradient(int block, nint destination) => Gather(_gradientData, _gradientAddresses!, block, destination);

    public void GatherParameter(int block, nint destination) => Gather(_data, _addresses!, block, destination);

    /// <summary>W ← W + alpha·direction, for one block.</summary>
    public void Add(int block, nint direction, double alpha)
    {
        _isChanged = true;
        if (Kind.ElementType == (int)ScalarType.Float32)
            Add((float*)_data, block, (float*)direction, (float)alpha);
        else
            Add((double*)_data, block, (double*)direction, alpha);
    }

    private void FindVersion()
    {
        _version?.Dispose();
        using var values = Parameter.detach();
        _version = values.as_strided([0L], [1L]).DetachFromDisposeScope();
        _versionedData = _data;
    }

    private void Add<T>(T* data, int block, T* direction, T alpha) where T : unmanaged, INumberBase<T>
    {
        var operation = new AddFromBlock<T>(alpha);
        StridedMemory.Walk(data + _addresses!.Offset(block), _addresses.Axes(block), direction, ref operation);
    }

    private void Gather(nint data, BlockAddresses addresses, int block, nint destination)
    {
        if (Kind.ElementType == (int)ScalarType.Float32)
            Gather((float*)data, addresses, block, (float*)destination);
        else
            Gather((double*)data, addresses, block, (double*)destination);
    }

    private static void Gather<T>(T* data, BlockAddresses addresses, int block, T* destination) where T : unmanaged
    {
        var operation = default(CopyToBlock<T>);
        StridedMemory.Walk(data + addresses.Offset(block), addresses.Axes(block), destination, ref operation);
    }

    private bool HasNonFiniteGradient() => Kind.ElementType == (int)ScalarType.Float32
        ? HasNonFinite((float*)_gradientData)
        : HasNonFinite((double*)_gradientData);

    private bool HasNonFinite<T>(T* data) where T : unmanaged, INumberBase<T>
    {
        var operation = default(SearchNonFinite<T>);
        StridedMemory.Walk(data, _gradientAddresses!.Whole, null, ref operation);
        return operation.Found;
    }

    private void LocateParameter()
    {
        if (NativeTensor.ElementType(Key) != Kind.ElementType)
            throw Changed($"become one of {(ScalarType)NativeTensor.ElementType(Key)}");
        if (NativeTensor.DeviceType(Key) != Kind.DeviceType)
            throw Changed($"been moved to {(DeviceType)NativeTensor.DeviceType(Key)}");
        Span<long> sizes = stackalloc long[NativeTensor.Dimensions(Key)];
        if (!ReadSizes(Key, sizes).SequenceEqual(Shape))
            throw Changed($"got the shape {Text(sizes)}");
        Locate(Key, ref _addresses, sizes);
        _data = NativeTensor.Data(Key);
    }

    private void LocateGradient(nint gradient)
    {
        if (NativeTensor.IsSparse(gradient))
            throw SparseGradient();
        if (NativeTensor.DeviceType(gradient) != Kind.DeviceType)
            throw WrongGradient("device", (DeviceType)NativeTensor.DeviceType(gradient), (DeviceType)Kind.DeviceType);
        if (NativeTensor.ElementType(gradient) != Kind.ElementType)
            throw WrongGradient("dtype", (ScalarType)NativeTensor.ElementType(gradient), (ScalarType)Kind.ElementType);
        Span<long> sizes = stackalloc long[NativeTensor.Dimensions(gradient)];
        if (!ReadSizes(gradient, sizes).SequenceEqual(Shape))
            throw WrongGradient("shape", Text(sizes), Text(Shape));
        Locate(gradient, ref _gradientAddresses, sizes);
        _gradientData = NativeTensor.Data(gradient);
    }

    private void Locate(nint tensor, ref BlockAddresses? addresses, Span<long> strides)
    {
        for (var k = 0; k < strides.Length; k++)
            strides[k] = NativeTensor.Stride(tensor, k);
        if (addresses is null || !addresses.IsFor(strides))
            addresses = new BlockAddresses(Plan, Shape, strides);
    }

    private static ReadOnlySpan<long> ReadSizes(nint tensor, Span<long> sizes)
    {
        for (var k = 0; k < sizes.Length; k++)
            sizes[k] = NativeTensor.Size(tensor, k);
        return sizes;
    }
}
