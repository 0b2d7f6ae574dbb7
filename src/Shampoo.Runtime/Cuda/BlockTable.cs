using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>The addresses of the blocks of a slice, on the device. They are copied there only when they differ from the last ones.</summary>
internal sealed unsafe class BlockTable : IDisposable
{
    private readonly CudaDevice _device;
    private readonly Tensor _table;
    private readonly int _count;

    // Page-locked, so that the device copies by itself while the host goes on. Two take turns: the host waits only where the device has not yet
    // made the copy before the last one.
    private readonly nint[] _host = new nint[2];
    private readonly nint[] _copied = new nint[2];
    private int _next;
    private bool _isFilled;

    public BlockTable(CudaDevice device, int count, torch.Device place)
    {
        _device = device;
        _count = count;
        _table = torch.empty((long)count * sizeof(BlockAddress) / sizeof(double), dtype: ScalarType.Float64, device: place).DetachFromDisposeScope();
        using var current = device.Use();
        for (var k = 0; k < 2; k++)
        {
            _host[k] = device.Driver.AllocateHost(Bytes);
            _copied[k] = device.Driver.CreateEvent();
        }
    }

    private int Bytes => _count * sizeof(BlockAddress);

    /// <summary>Where the caller describes the blocks, before <see cref="Upload"/>.</summary>
    public Span<BlockAddress> Begin()
    {
        using var current = _device.Use();
        _device.Driver.WaitFor(_copied[_next]);
        return Host(_next);
    }

    /// <summary>Brings what was described to the device.</summary>
    /// <returns>The address there.</returns>
    public nint Upload()
    {
        var address = NativeTensor.Data(_table.Handle);
        if (_isFilled && MemoryMarshal.AsBytes(Host(_next)).SequenceEqual(MemoryMarshal.AsBytes(Host(1 - _next))))
            return address;
        using var current = _device.Use();
        _device.Driver.CopyToDevice(address, _host[_next], Bytes);
        _device.Driver.Record(_copied[_next]);
        _next = 1 - _next;
        _isFilled = true;
        return address;
    }

    public void Dispose()
    {
        using var current = _device.Use();
        for (var k = 0; k < 2; k++)
        {
            _device.Driver.WaitFor(_copied[k]);
            _device.Driver.DestroyEvent(_copied[k]);
            _device.Driver.FreeHost(_host[k]);
        }
        _table.Dispose();
    }

    private Span<BlockAddress> Host(int index) => new((void*)_host[index], _count);
}
