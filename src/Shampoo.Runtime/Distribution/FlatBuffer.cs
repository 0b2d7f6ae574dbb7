namespace Shampoo.Runtime;

/// <summary>A buffer that is gathered from all ranks of a group in every step: made once, and used again.</summary>
internal sealed class FlatBuffer : IDisposable
{
    private readonly int _rank;

    /// <param name="layout">What is where.</param>
    /// <param name="type">The dtype in which it travels.</param>
    /// <param name="device">Where it is: beside the parameters.</param>
    /// <param name="rank">This rank.</param>
    public FlatBuffer(FlatLayout layout, ScalarType type, torch.Device device, int rank)
    {
        Layout = layout;
        _rank = rank;
        All = torch.zeros([layout.Elements], dtype: type, device: device).DetachFromDisposeScope();
        Own = All.narrow(0, layout.Starts[rank], layout.Counts[rank]).DetachFromDisposeScope();
    }

    public FlatLayout Layout { get; }

    /// <summary>The parts of all ranks.</summary>
    public Tensor All { get; }

    /// <summary>This rank's part of it.</summary>
    public Tensor Own { get; }

    /// <summary>The blocks that this rank owns.</summary>
    public FlatBlock[] OwnBlocks => Array.FindAll(Layout.Blocks, block => block.Owner == _rank);

    /// <summary>The blocks that the others own.</summary>
    public FlatBlock[] OtherBlocks => Array.FindAll(Layout.Blocks, block => block.Owner != _rank);

    /// <summary>[blocks, …]: what is sent of neighbouring blocks of this rank.</summary>
    /// <param name="offset">The first element.</param>
    /// <param name="shape">[blocks, …]</param>
    /// <returns>A view, which the caller disposes of.</returns>
    public Tensor Stack(long offset, long[] shape)
    {
        using var part = All.narrow(0, offset, shape.Aggregate(1L, (product, size) => product * size));
        return part.view(shape).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        Own.Dispose();
        All.Dispose();
    }
}
