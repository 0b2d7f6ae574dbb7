namespace Shampoo.Runtime;

/// <summary>A parameter group of an optimizer: what users gave, its blocks, and the count of its steps.</summary>
internal sealed class OptimizerGroup<TOptions> : ISavedGroup, IDisposable
    where TOptions : BlockedOptions, new()
{
    private readonly OptionCheck _check;
    private long _steps;

    public OptimizerGroup(int number, BlockedParamGroup<TOptions> paramGroup, BlockedParameter[] parameters, Bucket[] buckets)
    {
        Number = number;
        ParamGroup = paramGroup;
        Parameters = parameters;
        Buckets = buckets;
        _check = new OptionCheck($"group {number}");
        Saved = new TOptions { Group = this, ParameterCount = parameters.Length };
    }

    public int Number { get; }

    public BlockedParamGroup<TOptions> ParamGroup { get; }

    public BlockedParameter[] Parameters { get; }

    public Bucket[] Buckets { get; }

    /// <summary>The numbers; other groups may have the same ones.</summary>
    public TOptions Options => ParamGroup.Options;

    /// <summary>What a state dictionary holds of the group.</summary>
    public TOptions Saved { get; }

    public StagedPart Part { get; set; }

    public OptionValues Values
    {
        get => Options.Values with { Step = _steps };
        set
        {
            Options.Values = value with { Step = 0 };
            _steps = value.Step;
        }
    }

    /// <summary>Throws if the step cannot go ahead. Changes neither parameters nor state.</summary>
    public void BeginStep(bool searchNonFinite)
    {
        Options.RequireValid(_check);
        foreach (var bucket in Buckets)
            bucket.RequireStateBesideParameters();
        foreach (var parameter in Parameters)
            parameter.BeginStep(searchNonFinite);
    }

    /// <summary>The number of the step that begins, from 1.</summary>
    public long CountStep() => ++_steps;

    /// <summary>Ends a step, be it complete or not.</summary>
    public void EndStep()
    {
        foreach (var parameter in Parameters)
            parameter.EndStep();
    }

    public void Dispose()
    {
        ParamGroup.IsInUse = false;
        foreach (var parameter in Parameters)
            parameter.Dispose();
        foreach (var bucket in Buckets)
            bucket.Dispose();
    }
}
