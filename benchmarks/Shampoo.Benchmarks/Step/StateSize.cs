using Shampoo.Runtime;

namespace Shampoo.Benchmarks.Step;

/// <summary>The memory that an optimizer's state takes.</summary>
internal static class StateSize
{
    public static long Of(object optimizer) => ((IBucketed)optimizer).Buckets.SelectMany(bucket => bucket.Arrays).Sum(array => array.Bytes);
}
