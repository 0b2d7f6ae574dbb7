using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// The statistics of KL-Shampoo (Lin et al. 2025): L_k is a sum of H₍ₖ₎H₍ₖ₎ᵀ, where H is G multiplied by the inverse roots of all
/// dimensions but k.
/// </summary>
internal interface IKullbackLeibler
{
    /// <summary>L_k ← decay·L_k + weight·H₍ₖ₎H₍ₖ₎ᵀ, for every dimension k that has an L_k.</summary>
    void Accumulate(BlockArray gradient, double decay, double weight);
}

internal static class KullbackLeibler
{
    /// <summary>BLAS where both kinds of products are done by it.</summary>
    /// <param name="source">Of the state that the matrices belong to.</param>
    /// <param name="factors">L_k; null where there is none.</param>
    /// <param name="roots">X_k; null where there is no L_k.</param>
    public static IKullbackLeibler Choose(StateSource source, Tensor?[] factors, Tensor?[] roots) =>
        (OuterProducts.Choose(source, factors), ModeProducts.Choose(source, roots)) switch
        {
            (BlasOuterProducts<float> outer, BlasModeProducts<float> modes) => new Blas<float>(factors, outer, modes),
            (BlasOuterProducts<double> outer, BlasModeProducts<double> modes) => new Blas<double>(factors, outer, modes),
            _ => new Operators(factors, new TorchOuterProducts(source, factors), new TorchModeProducts(source, roots)),
        };

    private sealed class Blas<T>(Tensor?[] factors, BlasOuterProducts<T> statistics, BlasModeProducts<T> roots) : IKullbackLeibler
        where T : unmanaged, INumberBase<T>
    {
        public void Accumulate(BlockArray gradient, double decay, double weight)
        {
            for (var k = 0; k < factors.Length; k++)
            {
                if (factors[k] is not null)
                    statistics.Accumulate(roots.MultiplyOthers(gradient, k), k, decay, weight);
            }
        }
    }

    private sealed class Operators(Tensor?[] factors, TorchOuterProducts statistics, TorchModeProducts roots) : IKullbackLeibler
    {
        public void Accumulate(BlockArray gradient, double decay, double weight)
        {
            for (var k = 0; k < factors.Length; k++)
            {
                if (factors[k] is null)
                    continue;
                using var preconditioned = roots.MultiplyOthers(gradient.Stack(), k);
                statistics.Accumulate(preconditioned, k, decay, weight);
            }
        }
    }
}
