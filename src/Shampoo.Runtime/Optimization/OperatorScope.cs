namespace Shampoo.Runtime;

/// <summary>What operators of a step need: no gradients, and an owner of temporary tensors. Steps without operators do not make one.</summary>
internal sealed class OperatorScope : IDisposable
{
    private readonly IDisposable _noGrad = torch.no_grad();
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _noGrad.Dispose();
    }
}
