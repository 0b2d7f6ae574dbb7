namespace Shampoo.Runtime;

/// <summary>
/// Averages the gradients of all ranks straight into the blocks that a rank owns: one reduce-scatter in the group, and among ranks that own the same
/// blocks in other groups one all-reduce. Gradients change when they are adopted: then those of a rank's own blocks are the averages; the others are its own, still.
/// </summary>
internal sealed class GradientReduction : IDisposable
{
    private readonly FlatBuffer _buffer;
    private readonly bool _ownsBuffer;
    private readonly FlatBlock[] _ownBlocks;
    private readonly Tensor _reduced;
    private readonly nint _data;
    private readonly long _start;
    private readonly BlockTransfer _outgoing;
    private readonly BlockTransfer _averages;

    /// <param name="buffer">Of the parameters' own dtype.</param>
    /// <param name="ownsBuffer">Whether nobody else uses it.</param>
    /// <param name="rank">This rank.</param>
    public GradientReduction(FlatBuffer buffer, bool ownsBuffer, int rank)
    {
        _buffer = buffer;
        _ownsBuffer = ownsBuffer;
        _ownBlocks = buffer.OwnBlocks;
        _start = buffer.Layout.Starts[rank];
        _reduced = torch.zeros_like(buffer.Own).DetachFromDisposeScope();
        _data = NativeTensor.DataOf(_reduced);
        _outgoing = new BlockTransfer(buffer.All, 0, buffer.Layout.Blocks);
        _averages = new BlockTransfer(_reduced, _start, _ownBlocks);
    }

    /// <summary>The device of the gradients.</summary>
    public torch.Device Device => _reduced.device;

    /// <summary>Copies the gradients to where they are sent from.</summary>
    public void Pack() => _outgoing.Run(TransferKind.Pack, ModelTensor.Gradient);

    /// <summary>Averages what was copied over a group, and leaves the gradients as they are. A rank that has failed takes part with whatever there is.</summary>
    /// <param name="group">The ranks that share the blocks; null if this one has all.</param>
    public void AverageInGroup(ProcessGroup? group)
    {
        if (group is not null)
            group.reduce_scatter(_reduced, _buffer.All, _buffer.Layout.Counts, ReduceOp.Average);
        else
            _reduced.copy_(_buffer.All);
    }

    /// <summary>Averages that over the ranks that own the same blocks in other groups.</summary>
    /// <param name="replicas">These; null if there is no other one.</param>
    public void AverageOverGroups(ProcessGroup? replicas) => replicas?.all_reduce(_reduced, ReduceOp.Average);

    /// <summary>Makes the averages the gradients of this rank's own blocks, when all ranks go on.</summary>
    public void Adopt() => _averages.Run(TransferKind.Unpack, ModelTensor.Gradient);

    /// <summary>Tells what the averages of this rank's own blocks are.</summary>
    /// <param name="agreement">Whom.</param>
    /// <param name="searches">Whether it has to be known if all elements are finite.</param>
    /// <param name="adds">Whether the squares have to be known.</param>
    public void Report(GradientAgreement agreement, bool searches, bool adds)
    {
        foreach (var block in _ownBlocks)
        {
            if (block.Parameter.IsActive)
                agreement.Note(block.Parameter, adds ? Squares(block) : 0, isFinite: !searches || IsFinite(block));
        }
    }

    public void Dispose()
    {
        _outgoing.Dispose();
        _averages.Dispose();
        _reduced.Dispose();
        if (_ownsBuffer)
            _buffer.Dispose();
    }

    private double Squares(FlatBlock block)
    {
        switch (_reduced.dtype, _reduced.device_type)
        {
            case (ScalarType.Float32, DeviceType.CPU) when _data != 0: return Walk<float, SumSquares<float>>(block, new SumSquares<float>()).Sum;
            case (ScalarType.Float64, DeviceType.CPU) when _data != 0: return Walk<double, SumSquares<double>>(block, new SumSquares<double>()).Sum;
        }
        using var scope = torch.NewDisposeScope();
        return LayerScale.Squares(Part(block)).item<double>();
    }

    private bool IsFinite(FlatBlock block)
    {
        switch (_reduced.dtype, _reduced.device_type)
        {
            case (ScalarType.Float32, DeviceType.CPU) when _data != 0: return !Walk<float, SearchNonFinite<float>>(block, default).Found;
            case (ScalarType.Float64, DeviceType.CPU) when _data != 0: return !Walk<double, SearchNonFinite<double>>(block, default).Found;
        }
        using var scope = torch.NewDisposeScope();
        return Part(block).IsFinite();
    }

    private unsafe TOperation Walk<T, TOperation>(FlatBlock block, TOperation operation)
        where T : unmanaged
        where TOperation : struct, IRunOperation<T>
    {
        var axis = new Axis(block.Elements, 1);
        StridedMemory.Walk((T*)_data + (block.Offset - _start), new ReadOnlySpan<Axis>(in axis), null, ref operation);
        return operation;
    }

    private Tensor Part(FlatBlock block) => _reduced.narrow(0, block.Offset - _start, block.Elements);
}
