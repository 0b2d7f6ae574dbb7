namespace Shampoo;

/// <summary>What becomes of dimensions larger than the largest preconditioner.</summary>
public enum LargeDimensions
{
    /// <summary>They are cut into blocks, each with its own preconditioner.</summary>
    Blocked,

    /// <summary>Their factor matrix is reduced to its diagonal.</summary>
    DiagonalFactor,

    /// <summary>The whole parameter is preconditioned element by element, as Adagrad does.</summary>
    Elementwise,
}
