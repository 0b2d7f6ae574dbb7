using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>Things of devices that are made ready when they are first asked for. What fails is said once, by <see cref="ShampooLog.Warning"/>, and done without from then on.</summary>
/// <param name="name">The name of the <see cref="AppContext"/> switch that does without them all when it is set to false.</param>
internal sealed class Preparation<TKey, T>(string name) where TKey : notnull where T : class
{
    private readonly object _lock = new();
    private readonly Dictionary<TKey, T?> _made = [];
    private readonly HashSet<string> _said = [];

    /// <summary>The one of a key; null if there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="make">Makes it, or throws a <see cref="CudaException"/> or an <see cref="ExternalException"/> of torch's.</param>
    /// <param name="what">What there is then not, for the message.</param>
    public T? Find(TKey key, Func<TKey, T> make, Func<TKey, string> what)
    {
        if (AppContext.TryGetSwitch(name, out var isOn) && !isOn)
            return null;
        lock (_lock)
        {
            if (!_made.TryGetValue(key, out var made))
                _made[key] = made = Make(key, make, what);
            return made;
        }
    }

    /// <summary>Says why something was done without, if it was not said before.</summary>
    public void Warn(string line)
    {
        lock (_lock)
        {
            if (!_said.Add(line))
                return;
        }
        ShampooLog.Warning(line);
    }

    /// <summary>Begins anew, as tests do.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _made.Clear();
            _said.Clear();
        }
    }

    /// <summary>Whether an exception is one that things are done without after.</summary>
    public static bool IsExpected(Exception exception) => exception is CudaException or ExternalException;

    private T? Make(TKey key, Func<TKey, T> make, Func<TKey, string> what)
    {
        try
        {
            return make(key);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            Warn($"{what(key)}: {exception.Message}");
            return null;
        }
    }
}
