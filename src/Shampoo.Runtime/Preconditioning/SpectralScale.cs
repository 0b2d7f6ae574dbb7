namespace Shampoo.Runtime;

/// <summary>Factors of the orthogonal direction of blocks that are matrices, d_out × d_in: see <see cref="SpectralScaling"/>.</summary>
public static class SpectralScale
{
    /// <summary>√max(1, d_out / d_in)</summary>
    /// <param name="blocks">[blocks, d_out, d_in]</param>
    public static double AspectRatio(BlockArray blocks) => Math.Sqrt(Math.Max(1, Ratio(blocks)));

    /// <summary>0.2·√max(d_out, d_in)</summary>
    /// <param name="blocks">[blocks, d_out, d_in]</param>
    public static double MatchRmsAdamW(BlockArray blocks) => 0.2 * Math.Sqrt(Math.Max(Rows(blocks), Columns(blocks)));

    /// <summary>√(d_out / d_in)</summary>
    /// <param name="blocks">[blocks, d_out, d_in]</param>
    public static double SpectralNorm(BlockArray blocks) => Math.Sqrt(Ratio(blocks));

    private static double Ratio(BlockArray blocks) => (double)Rows(blocks) / Columns(blocks);

    private static long Rows(BlockArray blocks)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        return blocks.BlockShape[0];
    }

    private static long Columns(BlockArray blocks) => blocks.BlockShape[^1];
}
