namespace TorchSharp.Modules;

/// <summary>A tensor that a module trains.</summary>
public class Parameter : torch.Tensor
{
    /// <summary>Takes over the handle of <paramref name="data"/>, which is empty afterwards, and its place in a dispose scope.</summary>
    public Parameter(torch.Tensor data, bool requires_grad = true) : base(Taken(data, out var scope))
    {
        if (OwningDisposeScope != scope) {
            OwningDisposeScope?.Detach(this);
            scope?.Attach(this);
        }
        this.requires_grad = requires_grad;
    }

    private static IntPtr Taken(torch.Tensor data, out DisposeScope? scope)
    {
        _ = data.Handle;
        scope = data.OwningDisposeScope;
        scope?.MarkAsDisposed(data);
        return data.MoveHandle();
    }
}
