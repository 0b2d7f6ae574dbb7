namespace Shampoo.Runtime.Tests;

/// <summary>An array of blocks over a tensor of a test, and a workspace that keeps what it adopts.</summary>
internal sealed class TensorArray(Tensor stack) : BlockArray(stack.shape[1..], stack.dtype)
{
    private Tensor _stack = stack;

    public override Tensor Stack() => _stack;

    public override Tensor Adopt(Tensor contents) => _stack = contents.DetachFromDisposeScope();

    internal override nint Address(int block) => NativeTensor.Data(_stack.Handle) + (nint)(block * BlockElements * ElementSize);
}

/// <summary>Products of tensors that are no slice's.</summary>
internal static class FactorMatricesExtensions
{
    public static void Accumulate(this FactorMatrices matrices, Tensor gradient) => matrices.Accumulate(new TensorArray(gradient));

    public static void Accumulate(this FactorMatrices matrices, Tensor gradient, Scalar decay, Scalar weight) =>
        matrices.Accumulate(new TensorArray(gradient), decay.ToDouble(), weight.ToDouble());

    /// <returns>P: a tensor that the caller owns.</returns>
    public static Tensor Precondition(this FactorMatrices matrices, Tensor gradient)
    {
        var direction = new TensorArray(torch.zeros_like(gradient));
        var preallocated = direction.Stack();
        matrices.Precondition(new TensorArray(gradient), direction);
        if (!ReferenceEquals(preallocated, direction.Stack()))
            preallocated.Dispose();
        return direction.Stack();
    }
}
