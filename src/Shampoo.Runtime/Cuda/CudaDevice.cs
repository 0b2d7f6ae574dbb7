namespace Shampoo.Runtime;

/// <summary>A device, and the context in it that torch uses.</summary>
internal sealed class CudaDevice
{
    private readonly nint _context;

    /// <param name="driver">The driver.</param>
    /// <param name="ordinal">The index of torch's device.</param>
    public CudaDevice(CudaDriver driver, int ordinal)
    {
        Driver = driver;
        var device = driver.Device(ordinal);
        Capability = driver.Capability(device);
        _context = driver.PrimaryContext(device);
    }

    public CudaDriver Driver { get; }

    /// <summary>The compute capability, such as 90 for 9.0.</summary>
    public int Capability { get; }

    /// <summary>Makes the device current for this thread until the result is disposed. The context before it comes back then: torch relies on it.</summary>
    public Current Use()
    {
        Driver.Push(_context);
        return new Current(Driver);
    }

    public readonly ref struct Current(CudaDriver driver)
    {
        public void Dispose() => driver.Pop();
    }
}
