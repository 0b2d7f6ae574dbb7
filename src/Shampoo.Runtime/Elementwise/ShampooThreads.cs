using System.Globalization;

namespace Shampoo.Runtime;

/// <summary>How many threads a step of an optimizer uses on the CPU.</summary>
public static class ShampooThreads
{
    private static int s_count = Default();

    /// <summary>
    /// The number of threads, the caller's included; at least 1. At first SHAMPOO_NUM_THREADS or OMP_NUM_THREADS from the environment, else the
    /// number of processors that the process may use. <c>torch.set_num_threads</c> is about torch's own operators alone. Results do not depend on it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static int Count
    {
        get => s_count;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            s_count = value;
        }
    }

    private static int Default() => FromEnvironment("SHAMPOO_NUM_THREADS") ?? FromEnvironment("OMP_NUM_THREADS") ?? Environment.ProcessorCount;

    private static int? FromEnvironment(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null;
}
