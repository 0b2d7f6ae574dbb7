namespace Shampoo.Runtime;

/// <summary>The form in which the elementwise part of a step runs. Chosen once for each bucket, when it is made.</summary>
public enum Dialect
{
    /// <summary>Operators on stacked tensors: any device.</summary>
    Torch,

    /// <summary>Vector code in float32, on the memory of the CPU.</summary>
    Float32,

    /// <summary>Vector code in float64, on the memory of the CPU.</summary>
    Float64,

    /// <summary>Kernels compiled for the GPU.</summary>
    Cuda,
}

internal static class Dialects
{
    /// <summary>The dialect of blocks of a kind.</summary>
    /// <param name="kind">What the parameters are.</param>
    /// <param name="usesMemory">Whether their memory is read and written directly.</param>
    public static Dialect Choose(StorageKind kind, bool usesMemory) =>
        !usesMemory ? Dialect.Torch
        : kind.ElementType == (int)ScalarType.Float64 ? Dialect.Float64
        : Dialect.Float32;

    /// <summary>Whether the CPU's memory is read and written directly.</summary>
    public static bool IsVector(this Dialect dialect) => dialect is Dialect.Float32 or Dialect.Float64;
}
