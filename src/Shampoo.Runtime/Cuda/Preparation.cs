using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// What native libraries of a device do and TorchSharp does not: made ready for a dtype on a device when it is first asked for, and tried out. What fails is said
/// once, by <see cref="ShampooLog.Warning"/>, and done without from then on.
/// </summary>
/// <param name="switchName">The name of the <see cref="AppContext"/> switch that does without it when it is set to false.</param>
/// <param name="make">Makes it for a dtype on a device, or throws a <see cref="CudaException"/> or an <see cref="ExternalException"/> of torch's.</param>
/// <param name="without">What is missing then, with which a warning begins.</param>
internal sealed class Preparation<T>(string switchName, Func<StorageKind, T> make, Func<StorageKind, string> without) where T : class
{
    private readonly object _lock = new();
    private readonly Dictionary<StorageKind, T?> _made = [];
    private readonly HashSet<string> _said = [];
    private string? _library;
    private bool _takesMemory;

    /// <summary>Whether it is for tensors on such a device.</summary>
    /// <param name="type">The device's.</param>
    public bool IsFor(DeviceType type) => type == DeviceType.CUDA || _takesMemory;

    /// <summary>The one of a dtype on a device; null if there is none.</summary>
    public T? Find(StorageKind kind)
    {
        if (AppContext.TryGetSwitch(switchName, out var isOn) && !isOn)
            return null;
        lock (_lock)
        {
            if (!_made.TryGetValue(kind, out var made))
                _made[kind] = made = Make(kind);
            return made;
        }
    }

    /// <summary>Loads its library.</summary>
    /// <inheritdoc cref="CudaLibrary(string, IEnumerable{string})"/>
    public CudaLibrary Load(string name, IEnumerable<string> candidates) => new(name, _library is null ? candidates : [_library]);

    /// <summary>Says why something was done without, if it was not said before.</summary>
    public void Warn(StorageKind kind, string reason)
    {
        var line = $"{without(kind)}: {reason}";
        lock (_lock)
        {
            if (!_said.Add(line))
                return;
        }
        ShampooLog.Warning(line);
    }

    /// <summary>Takes another library, or the usual ones again, and forgets what was prepared; for tests, whose device is the driver's that <see cref="Cuda"/> uses.</summary>
    /// <param name="library">Its path; null: the usual ones.</param>
    /// <param name="takesMemory">Whether tensors in this process's memory are taken for ones on a device.</param>
    public void Use(string? library, bool takesMemory)
    {
        lock (_lock)
        {
            (_library, _takesMemory) = (library, takesMemory);
            _made.Clear();
            _said.Clear();
        }
    }

    private T? Make(StorageKind kind)
    {
        try
        {
            return make(kind);
        }
        catch (Exception exception) when (exception is CudaException or ExternalException)
        {
            Warn(kind, exception.Message);
            return null;
        }
    }
}
