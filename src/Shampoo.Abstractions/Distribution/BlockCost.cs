namespace Shampoo;

/// <summary>What is balanced when blocks are assigned to ranks.</summary>
public enum BlockCost
{
    /// <summary>Bytes of state.</summary>
    Memory,

    /// <summary>Work of the matrix functions, a polynomial in the block's dimensions.</summary>
    Work,
}
