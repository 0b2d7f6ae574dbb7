namespace Shampoo.Runtime;

/// <summary>
/// Neighbouring blocks of a bucket that are worked on together: all of them have a gradient, and they fit the workspace. The slices of a
/// step have their turns one after the other.
/// </summary>
public sealed class BlockSlice
{
    private readonly BlockState? _ownedState;
    private readonly ModelArray _gradient;
    private readonly ModelArray _parameters;
    private readonly List<WorkspaceArray> _workspaces = [];
    private readonly List<BlockNorms> _norms = [];
    private readonly Tensor? _updates;
    private readonly DenseArray? _update;
    private CudaSlice? _cuda;

    internal BlockSlice(Bucket bucket, int start, int count)
    {
        Bucket = bucket;
        Start = start;
        Count = count;
        if (start == 0 && count == bucket.Count)
            State = bucket.State;
        else
            State = _ownedState = bucket.StateOf(start, count);
        _gradient = new ModelArray(this, ModelTensor.Gradient);
        _parameters = new ModelArray(this, ModelTensor.Parameter);
        _updates = bucket.Updates?.narrow(0, start, count).DetachFromDisposeScope();
        _update = _updates is null ? null : new DenseArray(_updates, bucket.WorkspaceType);
        Sweeps = bucket.CreateSweeps(this);
    }

    /// <summary>The state of these blocks.</summary>
    public BlockState State { get; }

    /// <summary>The elementwise part of the step.</summary>
    public BlockSweeps Sweeps { get; }

    /// <summary>The form in which it runs.</summary>
    public Dialect Dialect => Bucket.Dialect;

    /// <summary>Whether the blocks are preconditioned element by element, because a dimension is too large (<see cref="LargeDimensions.Elementwise"/>).</summary>
    public bool IsLarge => Bucket.IsLarge;

    /// <summary>Whether the blocks are not preconditioned (<see cref="PreconditioningAttribute.SkipRankBelow"/>, <see cref="PreconditioningAttribute.SkipSizeAbove"/>).</summary>
    public bool IsSkipped => Bucket.IsSkipped;

    /// <summary>G.</summary>
    public BlockArray Gradient => _gradient;

    /// <summary>W.</summary>
    public BlockArray Parameters => _parameters;

    /// <summary>ΔW, what the owners of blocks send to the other ranks: the changes of W, in the dtype in which they travel.</summary>
    /// <exception cref="InvalidOperationException">The optimizer sends none.</exception>
    public BlockArray Update => _update ?? throw new InvalidOperationException("The optimizer sends no changes of its parameters.");

    /// <summary>Counts the gradient that the blocks have in this step. Once in a step, where <see cref="StateSource.CountGradients"/> asks for it.</summary>
    /// <returns>How many gradients they have had before, each of them as many.</returns>
    public long CountGradient() => Bucket.CountGradient(Start, Count);

    /// <summary>The number of blocks.</summary>
    internal int Count { get; }

    /// <summary>The place of the first block in the bucket.</summary>
    internal int Start { get; }

    /// <summary>The shape that all of the blocks have.</summary>
    internal IReadOnlyList<long> BlockShape => Bucket.BlockShape;

    internal long BlockElements => Bucket.BlockElements;

    internal Bucket Bucket { get; }

    /// <summary>What the kernels of <see cref="Dialect.Cuda"/> have on the device.</summary>
    internal CudaSlice Cuda => _cuda ??= new CudaSlice(this);

    /// <summary>An array whose contents are valid within one turn of the slice. Workspaces of one name share their memory.</summary>
    /// <param name="name">Its name in this optimizer.</param>
    /// <returns>The same array for the same name.</returns>
    public BlockArray Workspace(string name)
    {
        var array = _workspaces.Find(candidate => candidate.Name == name);
        if (array is null)
            _workspaces.Add(array = new WorkspaceArray(this, name, Bucket.View($"workspace {name}", Count)));
        return array;
    }

    /// <summary>Norms of the blocks, valid within one turn of the slice.</summary>
    /// <param name="name">Their name in this optimizer.</param>
    /// <returns>The same norms for the same name.</returns>
    public BlockNorms Norms(string name)
    {
        var norms = _norms.Find(candidate => candidate.Name == name);
        if (norms is null)
            _norms.Add(norms = new BlockNorms(this, name));
        return norms;
    }

    /// <summary>G as one tensor, [blocks, …], in the dtype that the model has it in.</summary>
    internal Tensor StoredGradients() => _gradient.StoredStack();

    /// <summary>Begins the turn of the slice.</summary>
    internal void Begin()
    {
        foreach (var workspace in _workspaces)
            workspace.Begin();
        State.Begin();
        _cuda?.Begin();
    }

    /// <summary>Ends the turn of the slice: what is valid in it only is released.</summary>
    internal void End()
    {
        try
        {
            State.End();
        }
        finally
        {
            EndArrays();
        }
    }

    /// <summary>Releases the views that the slice made; no memory of state.</summary>
    internal void Release()
    {
        EndArrays();
        _gradient.Release();
        _parameters.Release();
        foreach (var workspace in _workspaces)
            workspace.Release();
        _cuda?.Dispose();
        _updates?.Dispose();
        _ownedState?.Dispose();
    }

    private void EndArrays()
    {
        _gradient.End();
        _parameters.End();
        foreach (var workspace in _workspaces)
            workspace.End();
        foreach (var norms in _norms)
            norms.End();
    }
}
