using System.Runtime.InteropServices;

namespace Shampoo.Runtime.Tests;

/// <summary>Eigh that fails whenever <see cref="Script.Fails"/> says so, as libtorch's does when it does not converge.</summary>
internal readonly struct FailingSolver(FailingSolver.Script script) : IInverseRootSolver
{
    public Tensor InverseRoot(Tensor matrices, double exponent)
    {
        script.Calls.Add((matrices.shape[0], matrices.dtype));
        if (script.Fails(matrices))
            throw new ExternalException("linalg.eigh: the algorithm failed to converge");
        return new Eigh(1e-6).InverseRoot(matrices, exponent);
    }

    public void Regularize(Tensor matrices) => new Eigh(1e-6).Regularize(matrices);

    public sealed class Script
    {
        public Func<Tensor, bool> Fails { get; set; } = _ => false;

        public List<(long Matrices, ScalarType Type)> Calls { get; } = [];
    }
}
