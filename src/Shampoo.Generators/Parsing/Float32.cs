namespace Shampoo.Generators.Parsing;

/// <summary>Numbers that lose their meaning in float32, in which most parameters and their states are.</summary>
internal static class Float32
{
    /// <summary>2⁻¹²⁶. Smaller numbers lose digits, and GPUs may take them for 0.</summary>
    private const double SmallestNormal = 1.1754943508222875e-38;

    /// <summary>What float32 makes of the number, if it is 0, 1 or infinity instead of something near; else null.</summary>
    public static string? Rounded(double value)
    {
        if (value != 0 && Math.Abs(value) < SmallestNormal) return "0";
        if (value < 1 && (float)value == 1) return "1";
        return float.IsInfinity((float)value) ? "infinity" : null;
    }
}
