using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>The argument of every kernel, passed by value; see <see cref="Prelude"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Arguments
{
    public const int MaxArrays = 16;
    public const int MaxNorms = 8;
    public const int MaxNumbers = 48;

    public long Blocks;
    public long Elements;
    public long Chunk;
    public nint Table;
    public fixed long Arrays[MaxArrays];
    public fixed long Norms[MaxNorms];
    public fixed double Numbers[MaxNumbers];
}

/// <summary>Where a block lies in a tensor: its axes, the last one innermost. Strides count elements.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Region
{
    public const int MaxAxes = 4;

    private nint _data;
    private fixed long _strides[MaxAxes];
    private fixed uint _counts[MaxAxes];
    private uint _axes;
    private readonly uint _padding;

    /// <summary>Describes a block, if a few strides can.</summary>
    /// <param name="region">The description.</param>
    /// <param name="data">The address of its first element.</param>
    /// <param name="axes">Its axes.</param>
    /// <returns>False for more axes or elements than fit, or where a table of offsets takes the place of a stride.</returns>
    public static bool TryDescribe(out Region region, nint data, ReadOnlySpan<Axis> axes)
    {
        region = new Region { _data = data, _axes = (uint)axes.Length };
        if (axes.Length > MaxAxes)
            return false;
        long elements = 1;
        for (var k = 0; k < axes.Length; k++)
        {
            elements *= axes[k].Count;
            if (axes[k].Offsets is not null || elements > int.MaxValue)
                return false;
            region._strides[k] = axes[k].Stride;
            region._counts[k] = (uint)axes[k].Count;
        }
        return true;
    }
}

/// <summary>Where a block lies in its gradient and in its parameter.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlockAddress
{
    public Region Gradient;
    public Region Parameters;
}
