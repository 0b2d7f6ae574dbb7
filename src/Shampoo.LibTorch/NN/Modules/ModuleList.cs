using System.Collections;
using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A list of modules, named by their positions.</summary>
public class ModuleList<T> : nn.Module, IReadOnlyList<T> where T : nn.Module
{
    private readonly List<T> _list = [];

    internal ModuleList(T[] modules) : base(nameof(ModuleList<T>))
    {
        foreach (var module in modules) Add(module);
    }

    public int Count => _list.Count;

    public T this[int index] => _list[index];

    public void Add(T item)
    {
        register_module(_list.Count.ToString(CultureInfo.InvariantCulture), item);
        _list.Add(item);
    }

    /// <inheritdoc cref="Add"/>
    public void append(T module) => Add(module);

    public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
