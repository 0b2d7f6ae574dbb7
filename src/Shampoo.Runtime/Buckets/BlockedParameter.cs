namespace Shampoo.Runtime;

/// <summary>A parameter of the optimizer: what it was when the optimizer was made, and what a step finds of it.</summary>
internal abstract class BlockedParameter : IDisposable
{
    private readonly nint _handle;
    private readonly VersionCounter _version;

    protected BlockedParameter(Parameter parameter, string name, ParameterPlan plan)
    {
        Parameter = parameter;
        Name = name;
        Plan = plan;
        Shape = parameter.shape;
        Kind = KindOf(parameter);
        _handle = parameter.Handle;
        _version = new VersionCounter(parameter);
    }

    public Parameter Parameter { get; }

    public string Name { get; }

    public ParameterPlan Plan { get; }

    public long[] Shape { get; }

    public StorageKind Kind { get; }

    /// <summary>The key of the optimizer's state; the native handle at construction.</summary>
    public nint Key => _handle;

    /// <summary>Whether the current step changes the parameter: it requires grad, and has a gradient.</summary>
    public bool IsActive { get; private protected set; }

    /// <summary>Whether NaN and infinity in its gradient are looked for on its device, and reported after the step.</summary>
    public bool IsSearchedLate { get; init; }

    /// <summary>Looks at the parameter and its gradient, and says whether the step can go ahead. Changes no state.</summary>
    /// <param name="searchNonFinite">Whether NaN and infinity in the gradient are looked for, and waited for.</param>
    public abstract void BeginStep(bool searchNonFinite);

    /// <summary>The sum of the squares of the gradient, in double.</summary>
    public virtual double GradientSquares()
    {
        using var scope = torch.NewDisposeScope();
        var gradient = Parameter.grad!.to_type(ScalarType.Float64);
        return gradient.mul(gradient).sum().item<double>();
    }

    /// <summary>Ends a step, be it complete or not: autograd learns of changes, and nothing of the gradient is kept.</summary>
    public abstract void EndStep();

    /// <summary>Where a tensor is in this step; at no address where <see cref="NativeTensor"/> is not available.</summary>
    public abstract ModelMemory Memory(ModelTensor which);

    /// <summary>Copies a block to a row of a stack.</summary>
    public abstract void Gather(ModelTensor which, int block, WorkspaceView stack, int row);

    /// <summary>W ← W + alpha·direction, for one block, with a row of a stack as its direction.</summary>
    public abstract void Add(int block, WorkspaceView directions, int row, Scalar alpha);

    /// <summary>Notes that the step writes to the parameter by address.</summary>
    public void MarkChanged() => _version.MarkChanged();

    public virtual void Dispose() => _version.Dispose();

    public static StorageKind KindOf(Tensor tensor) => new((int)tensor.dtype, (int)tensor.device_type, tensor.device_index);

    /// <summary>Throws if the parameter is another one than at construction: moving a module replaces its parameters.</summary>
    public void RequireUnmoved()
    {
        if (Parameter.IsInvalid || Parameter.Handle != _handle)
        {
            throw new InvalidOperationException(
                $"The parameter '{Name}' was disposed or replaced after the optimizer was made, as module.to(device) or module.to(dtype) does. "
                + "Move the module first, then make the optimizer from its parameters.");
        }
    }

    /// <summary>Tells autograd of writes by address to a parameter whose memory is at <paramref name="data"/>.</summary>
    protected void RaiseVersion(nint data) => _version.Raise(data);

    protected InvalidOperationException Changed(string what) => new(
        $"The parameter '{Name}' has {what} since the optimizer was made; it was [{string.Join(", ", Shape)}] of {(ScalarType)Kind.ElementType} "
        + "and must stay so. Make a new optimizer for the changed parameters.");

    protected InvalidOperationException SparseGradient() => new(
        $"The gradient of '{Name}' is sparse, which this optimizer does not support. "
        + "Use dense gradients (sparse: false in an embedding), or another optimizer for this parameter.");

    protected InvalidOperationException WrongGradient(string what, object found, object expected) => new(
        $"The gradient of '{Name}' has {what} {found}, but the parameter has {expected}. Assign a gradient like the parameter.");

    protected NotFiniteNumberException NonFiniteGradient() => new(
        $"The gradient of '{Name}' contains NaN or infinity. Nothing was changed: skip the step, or lower the learning rate or loss scale.");

    protected static string Text(ReadOnlySpan<long> sizes) => $"[{string.Join(", ", sizes.ToArray())}]";
}
