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

    /// <summary>The parameters with their names; null for those without. Names are lost when <c>Parameters</c> is set.</summary>
    internal (string? Name, Parameter Parameter)[] NamedParameters()
    {
        if (ReferenceEquals(Parameters, _parameters))
            return [.. _names.Zip(_parameters)];
        return [.. Parameters.Select(parameter => ((string?)null, parameter))];
    }

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
