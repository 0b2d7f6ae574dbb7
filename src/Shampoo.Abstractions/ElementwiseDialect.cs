namespace Shampoo;

/// <summary>What the elementwise part of a step is compiled to for CUDA tensors.</summary>
public enum ElementwiseDialect
{
    /// <summary><see cref="Cuda"/> where it is found to work when the state is created, <see cref="Torch"/> elsewhere.</summary>
    Automatic,

    /// <summary>Operators of torch only, on every device, the CPU included: slower, and independent of all libraries but torch.</summary>
    Torch,

    /// <summary>The generated kernels. Where a library that they need is missing, this is logged, and the step takes <see cref="Torch"/>.</summary>
    Cuda,
}
