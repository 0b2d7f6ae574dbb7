namespace Shampoo.Runtime;

/// <summary>A tensor in pieces of bounded size, in row-major order, so that none is copied as a whole.</summary>
internal static class TensorChunks
{
    /// <summary>How many elements a piece may have.</summary>
    private const long Elements = 1L << 20;

    /// <summary>Takes what fills the bytes of a piece, or reads them.</summary>
    public delegate void Visitor(Span<byte> bytes);

    /// <summary>Shows the bytes of a tensor, wherever it is.</summary>
    public static void Read(Tensor tensor, Visitor visit) => Visit(tensor, piece =>
    {
        using var scope = torch.NewDisposeScope();
        visit(piece.to(torch.CPU).contiguous().bytes);
    });

    /// <summary>Fills a tensor, wherever it is.</summary>
    public static void Write(Tensor tensor, Visitor fill) => Visit(tensor, piece =>
    {
        if (piece.device_type == DeviceType.CPU && piece.is_contiguous())
        {
            fill(piece.bytes);
            return;
        }
        using var staged = torch.empty(piece.shape, dtype: piece.dtype, device: torch.CPU);
        fill(staged.bytes);
        piece.copy_(staged);
    });

    private static void Visit(Tensor tensor, Action<Tensor> visit)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var values = tensor.detach();
        VisitRows(values.is_contiguous() ? values.reshape(-1) : values, visit);
    }

    // As many rows as fit; where not even one does, its own rows.
    private static void VisitRows(Tensor tensor, Action<Tensor> visit)
    {
        var count = tensor.numel();
        if (count == 0)
            return;
        if (count <= Elements)
        {
            visit(tensor);
            return;
        }
        var rows = tensor.shape[0];
        var together = Math.Max(1, Elements / (count / rows));
        for (long row = 0; row < rows; row += together)
        {
            using var piece = together > 1 ? tensor.narrow(0, row, Math.Min(together, rows - row)) : tensor.select(0, row);
            VisitRows(piece, visit);
        }
    }
}
