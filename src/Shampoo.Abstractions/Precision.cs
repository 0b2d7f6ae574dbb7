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

    /// <summary>
    /// 8 bits an element, with one float32 scale for 64 consecutive elements of a row. For <see cref="PrecisionAttribute.Moments"/> 64 consecutive elements of a
    /// block, row by row: their scale a is the largest magnitude, a code is x / a · 127 rounded to nearest, ties to even, from −127 to 127, and its value a · (code / 127). Groups do
    /// not cross blocks; the last one of a block may be shorter. Values have the codes that they come from. A group whose a is below 1.18e-38, the smallest normal number
    /// of float32, is 0; one with a number that is not finite in float32 is NaN as a whole.
    /// </summary>
    EightBit,
}
