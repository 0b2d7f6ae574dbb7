using TorchSharp.Modules;

namespace Shampoo.Runtime;

/// <summary>Parameters that share their numbers.</summary>
/// <typeparam name="TOptions">The numbers of the optimizer.</typeparam>
public abstract class BlockedParamGroup<TOptions> : ParamGroup<TOptions>
    where TOptions : BlockedOptions, new()
{
    private readonly string?[] _names;
    private readonly Parameter[] _parameters;

    /// <summary>Creates a group of named parameters.</summary>
    /// <param name="parameters">What <c>module.named_parameters()</c> returns; read once, now.</param>
    /// <param name="options">The numbers of this group; those that are null, or all of them, are the optimizer's.</param>
    protected BlockedParamGroup(IEnumerable<(string name, Parameter parameter)> parameters, TOptions? options = null)
        : this(Materialize(parameters), options)
    {
    }

    /// <summary>Creates a group of parameters without names; messages count them.</summary>
    /// <param name="parameters">What <c>module.parameters()</c> returns; read once, now.</param>
    /// <param name="options">The numbers of this group; those that are null, or all of them, are the optimizer's.</param>
    protected BlockedParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
        : this(Materialize(parameters), options)
    {
    }

    private BlockedParamGroup((string?[] Names, Parameter[] Parameters) materialized, TOptions? options)
        : base(materialized.Parameters, options ?? new TOptions())
    {
        (_names, _parameters) = materialized;
    }

    /// <summary>Whether the group belongs to an optimizer that is not disposed.</summary>
    internal bool IsInUse { get; set; }

    /// <summary>The parameters with their names; null for those without. Names are lost when <c>Parameters</c> is set to others.</summary>
    internal (string? Name, Parameter Parameter)[] NamedParameters()
    {
        var parameters = Parameters.ToArray();
        return AreOwn(parameters)
            ? [.. _names.Zip(parameters)]
            : [.. parameters.Select(parameter => ((string?)null, parameter))];
    }

    // One by one and by reference: tensors have an equality of their own.
    private bool AreOwn(Parameter[] parameters) =>
        parameters.Length == _parameters.Length && parameters.Zip(_parameters).All(pair => ReferenceEquals(pair.First, pair.Second));

    private static (string?[], Parameter[]) Materialize(IEnumerable<(string name, Parameter parameter)> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var list = parameters.ToArray();
        return (Array.ConvertAll(list, entry => (string?)entry.name), Array.ConvertAll(list, entry => entry.parameter));
    }

    private static (string?[], Parameter[]) Materialize(IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var list = parameters.ToArray();
        return (new string?[list.Length], list);
    }
}
