namespace Shampoo;

/// <summary>What the owners of blocks send to the other ranks of their group.</summary>
public enum Communicated
{
    /// <summary>Directions; every rank applies the same, rounded, direction.</summary>
    Directions,

    /// <summary>Parameters after the step.</summary>
    UpdatedParameters,
}
