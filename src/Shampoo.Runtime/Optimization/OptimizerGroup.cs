namespace Shampoo.Runtime;

/// <summary>A parameter group of an optimizer: what users gave, its blocks, and the count of its steps.</summary>
internal sealed class OptimizerGroup<TOptions> : ISavedGroup, IDisposable
    where TOptions : BlockedOptions, new()
{
    private readonly OptionCheck _check;
    private readonly LateGradientSearch[] _searches;
    private long _steps;

    public OptimizerGroup(int number, BlockedParamGroup<TOptions> paramGroup, BlockedParameter[] parameters, Bucket[] buckets, GroupNorms norms, string shard)
    {
        Number = number;
        ParamGroup = paramGroup;
        Parameters = parameters;
        Buckets = buckets;
        Norms = norms;
        _check = new OptionCheck($"group {number}");
        _searches = [.. parameters.Where(static p => p.IsSearchedLate).GroupBy(static p => p.Kind).Select(static kind => new LateGradientSearch([.. kind]))];
        Saved = new TOptions { Group = this, ParameterCount = parameters.Length, Shard = shard };
    }

    public int Number { get; }

    public BlockedParamGroup<TOptions> ParamGroup { get; }

    public BlockedParameter[] Parameters { get; }

    /// <summary>The blocks that this process works on.</summary>
    public Bucket[] Buckets { get; }

    public GroupNorms Norms { get; }

    /// <summary>The numbers; other groups may have the same ones.</summary>
    public TOptions Options => ParamGroup.Options;

    /// <summary>What a state dictionary holds of the group.</summary>
    public TOptions Saved { get; }

    BlockedOptions ISavedGroup.Numbers => Options;

    BlockedOptions ISavedGroup.Saved => Saved;

    public StagedPart Part { get; set; }

    public IterateAverage Average { get; } = new();

    public OptionValues Values
    {
        get => Options.Values with { Step = _steps, WeightSum = Average.WeightSum, IsEvaluating = Average.IsEvaluating };
        set
        {
            Options.Values = value with { Step = 0, WeightSum = 0, IsEvaluating = false };
            _steps = value.Step;
            (Average.WeightSum, Average.IsEvaluating) = (value.WeightSum, value.IsEvaluating);
            foreach (var search in _searches)
                search.Forget();
            Norms.Forget();
        }
    }

    /// <summary>Throws if a device has reported NaN or infinity in the gradients of an earlier step.</summary>
    public void RequireNothingFound()
    {
        foreach (var search in _searches)
            search.RequireNothingFound(Number);
    }

    /// <summary>Throws if the step cannot go ahead. Changes neither parameters nor state.</summary>
    public void BeginStep(bool searchNonFinite)
    {
        RequireNothingFound();
        Options.RequireValid(_check);
        if (Average.IsEvaluating)
        {
            throw new InvalidOperationException(
                "The parameters hold the average of the iterates, as eval() left them. Call train() before the next step, and before the gradients for it are computed.");
        }
        foreach (var bucket in Buckets)
            bucket.RequireStateBesideParameters();
        foreach (var parameter in Parameters)
            parameter.BeginStep(searchNonFinite && !parameter.IsSearchedLate);
    }

    /// <summary>Of all blocks of this process that have been refreshed, in the order of parameters.</summary>
    public IEnumerable<RootResidual> RootResiduals()
    {
        foreach (var parameter in Parameters)
        {
            for (var block = 0; block < parameter.Plan.Places.Length; block++)
            {
                var (index, position) = parameter.Plan.Places[block];
                if (index >= 0 && Buckets[index] is { Diagnostics: { } diagnostics } bucket && bucket.LastRefreshes[position] is { } last)
                {
                    foreach (var residual in diagnostics.Of(parameter.Name, block, position, last))
                        yield return residual;
                }
            }
        }
    }

    /// <summary>
    /// W ← W + coefficient·(Z − W) for all blocks of this process, where Z is an array of the state. Parameters of 16 bits are put aside before
    /// they are evaluated, and come back from there.
    /// </summary>
    public void Switch(bool isEvaluating, string array, double coefficient)
    {
        using Scalar weight = coefficient;
        foreach (var parameter in Parameters)
        {
            if (Array.Exists(parameter.Plan.Places, static place => place.Bucket >= 0))
                Switch(parameter, isEvaluating, array, weight);
        }
    }

    private void Switch(BlockedParameter parameter, bool isEvaluating, string array, Scalar weight)
    {
        using var scope = torch.NewDisposeScope();
        var blocks = parameter.Plan.Blocks;
        var values = parameter.Parameter.detach().reshape(parameter.Plan.MergedShape).to_type(parameter.Parameter.dtype.Arithmetic(), copy: true);
        for (var b = 0; b < blocks.Length; b++)
        {
            var (bucket, position) = parameter.Plan.Places[b];
            if (bucket < 0)
                continue;
            var region = blocks[b].Of(values);
            if (Buckets[bucket].RoundsParameters && !isEvaluating)
            {
                region.copy_(Of(StateSource.TrainingParameters));
                continue;
            }
            if (Buckets[bucket].RoundsParameters)
                Of(StateSource.TrainingParameters).copy_(region);
            region.add_(Of(array).sub(region), weight);

            Tensor Of(string name) => Buckets[bucket].Arrays.Single(candidate => candidate.Name == name).Tensor.select(0, position);
        }
        parameter.Parameter.copy_(values.reshape(parameter.Shape));
    }

    /// <summary>The number of the step that begins, from 1.</summary>
    public long CountStep() => ++_steps;

    /// <summary>Begins to search the gradients that devices report on after the step.</summary>
    public void BeginSearches()
    {
        foreach (var search in _searches)
            search.Begin(_steps);
    }

    /// <summary>Ends a step, be it complete or not.</summary>
    public void EndStep()
    {
        foreach (var parameter in Parameters)
            parameter.EndStep();
    }

    public void Dispose()
    {
        ParamGroup.IsInUse = false;
        foreach (var search in _searches)
            search.Dispose();
        foreach (var parameter in Parameters)
            parameter.Dispose();
        foreach (var bucket in Buckets)
            bucket.Dispose();
    }
}
