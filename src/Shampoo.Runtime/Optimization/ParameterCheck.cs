namespace Shampoo.Runtime;

/// <summary>Says which parameters a group cannot have, and what to do about it.</summary>
internal sealed class ParameterCheck
{
    private readonly int _group;
    private readonly Dictionary<nint, string> _inGroup = [];
    private readonly Dictionary<nint, string> _inOthers = [];
    private readonly Dictionary<Place, string> _places = [];

    /// <param name="group">The number of the group.</param>
    /// <param name="others">The parameters of the other groups.</param>
    public ParameterCheck(int group, IEnumerable<BlockedParameter> others)
    {
        _group = group;
        foreach (var other in others)
        {
            _inOthers[other.Key] = other.Name;
            if (!other.Parameter.IsInvalid && PlaceOf(other.Parameter) is { } place)
                _places[place] = other.Name;
        }
    }

    /// <summary>Throws if the group cannot have the parameter.</summary>
    public void Require(string name, Parameter parameter)
    {
        if (parameter is null)
            throw Refuse($"The parameter '{name}' is null.");
        if (parameter.IsInvalid)
            throw Refuse($"The parameter '{name}' is disposed; moving a module (module.to(…)) replaces its parameters.");
        RequireOnce(name, parameter);
        if (parameter.dtype is not (ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16 or ScalarType.Float16))
        {
            throw new NotSupportedException(
                $"The parameter '{name}' is {parameter.dtype}; parameters must be Float32, Float64, BFloat16 or Float16. "
                + "Convert it before the optimizer is made, or leave it to another optimizer.");
        }
        if (!parameter.requires_grad)
            throw Refuse($"The parameter '{name}' does not require grad. Leave it out, or set requires_grad to true before the optimizer is made.");
        RequireMemoryOfItsOwn(name, parameter);
    }

    private void RequireOnce(string name, Parameter parameter)
    {
        if (!_inGroup.TryAdd(parameter.Handle, name))
            throw Refuse($"The parameter '{name}' is in group {_group} twice; the other time as '{_inGroup[parameter.Handle]}'.");
        if (_inOthers.TryGetValue(parameter.Handle, out var known))
            throw Refuse($"The parameter '{name}' is in another group already, as '{known}'.");
    }

    private void RequireMemoryOfItsOwn(string name, Parameter parameter)
    {
        if (parameter.is_sparse)
            throw new NotSupportedException($"The parameter '{name}' is sparse. Make it of a dense tensor (to_dense()), or leave it to another optimizer.");
        if (OverlapsItself(parameter))
        {
            throw Refuse(
                $"The parameter '{name}' has several elements at one place in memory, as expand makes it. Make it of a copy: new Parameter(tensor.clone()).");
        }
        if (PlaceOf(parameter) is { } place && !_places.TryAdd(place, name))
        {
            throw Refuse(
                $"The parameter '{name}' shares its memory with '{_places[place]}', and would be changed twice in a step. "
                + "Give the optimizer one of the two, or make one of a copy: new Parameter(tensor.clone()).");
        }
    }

    private static bool OverlapsItself(Parameter parameter) =>
        parameter.numel() > 0 && parameter.shape.Zip(parameter.stride()).Any(axis => axis is { First: > 1, Second: 0 });

    // Null where there is no memory, or no way to know where it is.
    private static Place? PlaceOf(Parameter parameter)
    {
        if (!NativeTensor.IsAvailable || parameter.device_type == DeviceType.META || parameter.numel() == 0)
            return null;
        var layout = $"{string.Join(",", parameter.shape)};{string.Join(",", parameter.stride())}";
        return new Place(NativeTensor.Data(parameter.Handle), BlockedParameter.KindOf(parameter), layout);
    }

    private static ArgumentException Refuse(string message) => new(message, "parameters");

    private readonly record struct Place(nint Data, StorageKind Kind, string Layout);
}
