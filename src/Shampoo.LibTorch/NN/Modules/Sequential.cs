using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules one after the other.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.Module<Tensor, Tensor>> _modules = [];

    protected internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules) append(name, module);
    }

    protected internal Sequential(params nn.Module<Tensor, Tensor>[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules) append(module);
    }

    public int Count => _modules.Count;

    public nn.IModule<Tensor, Tensor> this[int index] => _modules[index];

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        var added = (nn.Module<Tensor, Tensor>)module;
        register_module(name, added);
        _modules.Add(added);
        return this;
    }

    public Sequential append(nn.IModule<Tensor, Tensor> module) => append(_modules.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), module);

    /// <summary>Calls the modules in order, and disposes what only passes between them.</summary>
    public override Tensor forward(Tensor tensor)
    {
        if (_modules.Count == 0) return tensor.alias();
        var current = tensor;
        foreach (var module in _modules) {
            var next = module.call(current);
            if (!ReferenceEquals(next, current) && !ReferenceEquals(current, tensor)) current.Dispose();
            current = next;
        }
        return current;
    }
}
