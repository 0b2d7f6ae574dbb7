namespace Shampoo.Runtime.Tests.Elementwise;

/// <summary>Counts managed memory, of all threads.</summary>
internal static class Allocations
{
    /// <summary>The fewest bytes that an action allocates once it has run often enough; other threads of the test host may allocate at times.</summary>
    public static long Least(Action action)
    {
        for (var i = 0; i < 40; i++)
            action();
        Thread.Sleep(10);
        var least = long.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            action();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        return least;
    }
}
