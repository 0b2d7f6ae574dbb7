namespace Shampoo.Runtime.Tests;

/// <summary>BLAS is there, or is not, until this is disposed; then it is.</summary>
internal readonly struct BlasAvailability : IDisposable
{
    public BlasAvailability(bool isAvailable) => Blas.IsAvailable = isAvailable;

    public void Dispose() => Blas.IsAvailable = true;
}
