namespace Shampoo;

/// <summary>The precision in which a kind of state is stored.</summary>
public enum Precision
{
    /// <summary>That of the parameter; <see cref="Float32"/> where it has 16 bits.</summary>
    SameAsParameter,

    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>IEEE double precision.</summary>
    Float64,

    /// <summary>Brain floating point, 8 bits of significand; arithmetic in <see cref="Float32"/>.</summary>
    BFloat16,

    /// <summary>IEEE half precision; arithmetic in <see cref="Float32"/>.</summary>
    Float16,

    /// <summary>4 bits an element, with one float32 scale for 64 consecutive elements of a row (arXiv 2405.18144).</summary>
    FourBit,

    /// <summary>8 bits an element, with one float32 scale for 64 consecutive elements of a row.</summary>
    EightBit,
}
