namespace TorchSharp;

/// <summary>How a convolution pads, when not by numbers.</summary>
public enum Padding
{
    Valid = 0,
    Same = 1,
}

/// <summary>What a tensor is padded with.</summary>
public enum PaddingModes
{
    Zeros = 0,
    Reflect = 1,
    Replicate = 2,
    Circular = 3,
    Constant = 4,
}
