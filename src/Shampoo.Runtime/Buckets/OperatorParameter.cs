namespace Shampoo.Runtime;

/// <summary>
/// A parameter on any device, reached by TorchSharp's operators. The views of its blocks are kept as long as it stays where it is;
/// those of the gradient's blocks for a step, as they would keep a gradient alive that nobody else has any more.
/// </summary>
internal sealed class OperatorParameter(Parameter parameter, string name, ParameterPlan plan) : BlockedParameter(parameter, name, plan)
{
    private readonly BlockViews _blocks = new();
    private readonly BlockViews _gradientBlocks = new();

    /// <inheritdoc/>
    public override void BeginStep(bool searchNonFinite)
    {
        IsActive = false;
        RequireUnmoved();
        if (!Parameter.requires_grad)
            return;
        using var gradient = Parameter.grad;
        if (gradient is null)
            return;
        if (KindOf(Parameter) != Kind || !Parameter.shape.AsSpan().SequenceEqual(Shape))
            throw Changed($"become [{string.Join(", ", Parameter.shape)}] of {Parameter.dtype} on {Parameter.device}");
        Check(gradient);
        if (searchNonFinite && !gradient.IsFinite())
            throw NonFiniteGradient();
        _blocks.Update(Parameter, this);
        _gradientBlocks.Update(gradient, this);
        IsActive = true;
    }

    /// <inheritdoc/>
    public override void EndStep()
    {
        _gradientBlocks.Dispose();
        RaiseVersion(_blocks.Data);
    }

    public override void Dispose()
    {
        base.Dispose();
        _blocks.Dispose();
        _gradientBlocks.Dispose();
    }

    /// <inheritdoc/>
    public override ModelMemory Memory(ModelTensor which) => Blocks(which).Memory;

    /// <inheritdoc/>
    public override void Gather(ModelTensor which, int block, WorkspaceView stack, int row) => Blocks(which).CopyTo(block, stack.Rows[row], this);

    /// <inheritdoc/>
    public override void Add(int block, WorkspaceView directions, int row, Scalar alpha) => _blocks.Add(block, directions.Rows[row], alpha, this);

    /// <summary>Copies a block to a tensor of its shape or back, or adds one to it.</summary>
    public void Transfer(TransferKind kind, ModelTensor which, int block, Tensor values)
    {
        using Scalar one = 1.0;
        switch (kind)
        {
            case TransferKind.Pack: Blocks(which).CopyTo(block, values, this); break;
            case TransferKind.Unpack: Blocks(which).Change(block, view => view.copy_(values), this); break;
            default: Blocks(which).Add(block, values, one, this); break;
        }
    }

    private BlockViews Blocks(ModelTensor which) => which == ModelTensor.Gradient ? _gradientBlocks : _blocks;

    private void Check(Tensor gradient)
    {
        if (gradient.is_sparse)
            throw SparseGradient();
        if (gradient.device_type != (DeviceType)Kind.DeviceType || gradient.device_index != Kind.DeviceIndex)
            throw WrongGradient("device", gradient.device, Parameter.device);
        if (gradient.dtype != (ScalarType)Kind.ElementType)
            throw WrongGradient("dtype", gradient.dtype, (ScalarType)Kind.ElementType);
        if (!gradient.shape.AsSpan().SequenceEqual(Shape))
            throw WrongGradient("shape", Text(gradient.shape), Text(Shape));
    }

    /// <summary>Views of the blocks of a tensor; of none where the tensor cannot be viewed in its merged shape.</summary>
    private sealed class BlockViews : IDisposable
    {
        private Tensor? _tensor;
        private Tensor[] _views = [];
        private long[] _strides = [];
        private BlockAddresses? _addresses;

        public nint Data { get; private set; }

        public ModelMemory Memory => new(Data, _addresses!);

        public void Update(Tensor tensor, BlockedParameter parameter)
        {
            var strides = tensor.stride();
            if (_tensor is not null && NativeTensor.IsAvailable && NativeTensor.Data(tensor.Handle) == Data && strides.AsSpan().SequenceEqual(_strides))
                return;
            Dispose();
            _strides = strides;
            Data = NativeTensor.IsAvailable ? NativeTensor.Data(tensor.Handle) : 0;
            _tensor = tensor.detach().DetachFromDisposeScope();
            if (_addresses is null || !_addresses.IsFor(strides))
                _addresses = new BlockAddresses(parameter.Plan, parameter.Shape, strides);
            if (_addresses.IsViewable)
                _views = Array.ConvertAll(parameter.Plan.Blocks, block => View(_tensor, parameter, block).DetachFromDisposeScope());
        }

        public void CopyTo(int block, Tensor destination, BlockedParameter parameter)
        {
            if (_views.Length > 0)
            {
                destination.copy_(_views[block]);
                return;
            }
            using var merged = _tensor!.reshape(parameter.Plan.MergedShape);
            using var view = View(merged, parameter, parameter.Plan.Blocks[block]);
            destination.copy_(view);
        }

        public void Add(int block, Tensor direction, Scalar alpha, BlockedParameter parameter) =>
            Change(block, view => view.add_(direction, alpha), parameter);

        public void Change(int block, Action<Tensor> change, BlockedParameter parameter)
        {
            if (_views.Length > 0)
            {
                change(_views[block]);
                return;
            }
            using var merged = _tensor!.reshape(parameter.Plan.MergedShape);
            using var view = View(merged, parameter, parameter.Plan.Blocks[block]);
            change(view);
            using var original = merged.view(parameter.Shape);
            _tensor.copy_(original);
        }

        public void Dispose()
        {
            foreach (var view in _views)
                view.Dispose();
            _views = [];
            _tensor?.Dispose();
            _tensor = null;
        }

        private static Tensor View(Tensor tensor, BlockedParameter parameter, BlockRegion block)
        {
            var view = tensor.view(parameter.Plan.MergedShape);
            for (var k = 0; k < block.Start.Count; k++)
            {
                var narrower = view.narrow(k, block.Start[k], block.Size[k]);
                view.Dispose();
                view = narrower;
            }
            return view;
        }
    }
}
