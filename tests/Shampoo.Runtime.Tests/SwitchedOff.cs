namespace Shampoo.Runtime.Tests;

/// <summary>A switch of <see cref="AppContext"/> that is off until this is disposed.</summary>
internal readonly struct SwitchedOff : IDisposable
{
    private readonly string _name;

    public SwitchedOff(string name)
    {
        _name = name;
        AppContext.SetSwitch(name, false);
    }

    public void Dispose() => AppContext.SetSwitch(_name, true);
}
