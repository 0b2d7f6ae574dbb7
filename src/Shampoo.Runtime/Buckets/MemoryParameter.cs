using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// A parameter in the memory of this process: its blocks are read and written directly, with no tensor in between.
/// </summary>
/// <remarks>Autograd does not notice such writes, so a step that has made any ends by telling it.</remarks>
internal sealed unsafe class MemoryParameter(Parameter parameter, string name, ParameterPlan plan) : BlockedParameter(parameter, name, plan)
{
    // Valid from BeginStep to the end of the step: nothing but the step touches the tensors in that time.
    private nint _data;
    private nint _gradientData;

    // Made again only when the strides change.
    private BlockAddresses? _addresses;
    private BlockAddresses? _gradientAddresses;

    private ScalarType ElementType => (ScalarType)Kind.ElementType;

    private HalfMemory HalfGradient => new(ElementType, _gradientData, _gradientAddresses!.Whole);

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
    public override void EndStep() => RaiseVersion(_data);

    /// <inheritdoc/>
    public override ModelMemory Memory(ModelTensor which) =>
        which == ModelTensor.Gradient ? new ModelMemory(_gradientData, _gradientAddresses!) : new ModelMemory(_data, _addresses!);

    /// <inheritdoc/>
    public override void Gather(ModelTensor which, int block, WorkspaceView stack, int row)
    {
        switch (ElementType)
        {
            case ScalarType.Float32: Gather<float>(which, block, stack.RowData(row)); break;
            case ScalarType.Float64: Gather<double>(which, block, stack.RowData(row)); break;
            default: Half(which, block).CopyTo((float*)stack.RowData(row)); break;
        }
    }

    /// <inheritdoc/>
    public override void Add(int block, WorkspaceView directions, int row, Scalar alpha)
    {
        MarkChanged();
        switch (ElementType)
        {
            case ScalarType.Float32: Add((float*)_data, block, (float*)directions.RowData(row), (float)alpha.ToDouble()); break;
            case ScalarType.Float64: Add((double*)_data, block, (double*)directions.RowData(row), alpha.ToDouble()); break;
            default: Half(ModelTensor.Parameter, block).Add((float*)directions.RowData(row), (float)alpha.ToDouble()); break;
        }
    }

    private void Add<T>(T* data, int block, T* direction, T alpha) where T : unmanaged, INumberBase<T>
    {
        var operation = new AddFromBlock<T>(alpha);
        StridedMemory.Walk(data + _addresses!.Offset(block), _addresses.Axes(block), direction, ref operation);
    }

    private HalfMemory Half(ModelTensor which, int block)
    {
        Memory(which).Locate(block, ElementType.Size(), out var address, out var axes);
        return new HalfMemory(ElementType, address, axes);
    }

    private void Gather<T>(ModelTensor which, int block, nint destination) where T : unmanaged
    {
        Memory(which).Locate(block, sizeof(T), out var address, out var axes);
        var operation = default(CopyToBlock<T>);
        StridedMemory.Walk((T*)address, axes, (T*)destination, ref operation);
    }

    public override double GradientSquares() => ElementType switch
    {
        ScalarType.Float32 => Squares((float*)_gradientData),
        ScalarType.Float64 => Squares((double*)_gradientData),
        _ => HalfGradient.SumOfSquares(),
    };

    private double Squares<T>(T* data) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var operation = new SumSquares<T>();
        StridedMemory.Walk(data, _gradientAddresses!.Whole, null, ref operation);
        return operation.Sum;
    }

    private bool HasNonFiniteGradient() => ElementType switch
    {
        ScalarType.Float32 => HasNonFinite((float*)_gradientData),
        ScalarType.Float64 => HasNonFinite((double*)_gradientData),
        _ => HalfGradient.HasNonFinite(),
    };

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
