namespace Shampoo;

/// <summary>What is balanced when blocks are assigned to ranks.</summary>
public enum BlockCost
{
    /// <summary>Both <see cref="Memory"/> and <see cref="Work"/>, each measured by its mean over the ranks.</summary>
    MemoryAndWork,

    /// <summary>Bytes of state and of what is sent.</summary>
    Memory,

    /// <summary>Work of the matrix functions, a polynomial in the block's dimensions.</summary>
    Work,
}
