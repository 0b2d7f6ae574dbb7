namespace Shampoo;

/// <summary>A factor of the orthogonal direction of a block with d_out rows and d_in columns.</summary>
public enum SpectralScaling
{
    /// <summary>1.</summary>
    Unscaled,

    /// <summary>√max(1, d_out / d_in) (Muon, Jordan et al. 2024; <c>original</c> in torch.optim.Muon).</summary>
    AspectRatio,

    /// <summary>0.2·√max(d_out, d_in): a root mean square as Adam's, whose learning rate then fits (Liu et al. 2025, arXiv 2502.16982).</summary>
    MatchRmsAdamW,

    /// <summary>√(d_out / d_in): steps of unit size in the norm from RMS to RMS (Yang et al. 2023, arXiv 2310.17813; Bernstein and Newhouse 2024).</summary>
    SpectralNorm,
}
