namespace Shampoo.Runtime;

/// <summary>
/// Two stacks of matrices that an iteration changes together. A matrix that has converged takes no further part in it, so that each gets
/// the iterations that it would get alone.
/// </summary>
/// <remarks>The tensors belong to the dispose scope that is open when the stacks are made.</remarks>
internal sealed class CoupledStacks
{
    private Tensor _first, _second;
    private Tensor? _firstResults, _secondResults;
    private long[] _members; // which matrix of the whole every remaining one is

    /// <param name="first">[matrices, n, n], owned from now on.</param>
    /// <param name="second">The same of the other stack.</param>
    public CoupledStacks(Tensor first, Tensor second)
    {
        (_first, _second) = (first, second);
        _members = [.. Enumerable.Range(0, (int)first.shape[0]).Select(static i => (long)i)];
    }

    /// <summary>The matrices that remain, [remaining, n, n].</summary>
    public Tensor First => _first;

    /// <summary>The same of the other stack.</summary>
    public Tensor Second => _second;

    /// <summary>How many matrices remain.</summary>
    public int Remaining => _members.Length;

    /// <summary>All matrices, in their order, once none remains.</summary>
    public (Tensor First, Tensor Second) Results => (_firstResults!, _secondResults!);

    /// <summary>Puts new matrices in the place of those that remain.</summary>
    public void Replace(Tensor first, Tensor second)
    {
        SquareMatrices.Replace(ref _first, first);
        SquareMatrices.Replace(ref _second, second);
    }

    /// <summary>X ← XT, M ← TᵖM, where X and M are the first and the second stack.</summary>
    public void Multiply(Tensor step, int p)
    {
        using var power = step.Power(p);
        Replace(_first.bmm(step), power.bmm(_second));
    }

    /// <summary>Matrices of the first stack become NaN.</summary>
    /// <param name="failed">For each matrix that remains, whether it does.</param>
    public void MarkFailures(bool[] failed)
    {
        if (!failed.Contains(true))
            return;
        using Scalar nan = double.NaN;
        using var mask = torch.tensor(failed, [failed.Length, 1, 1], device: _first.device);
        _first.masked_fill_(mask, nan);
    }

    /// <summary>All that remain are finished.</summary>
    public void FinishAll() => Finish([.. Enumerable.Repeat(true, Remaining)]);

    /// <summary>Takes out the matrices that are finished.</summary>
    /// <param name="finished">For each matrix that remains, whether it is.</param>
    public void Finish(ReadOnlySpan<bool> finished)
    {
        if (!finished.Contains(true))
            return;
        if (!finished.Contains(false) && _firstResults is null)
        {
            (_firstResults, _secondResults, _members) = (_first, _second, []);
            return;
        }
        long[] done = Rows(finished, true), rest = Rows(finished, false);
        Keep(ref _firstResults, ref _first, done, rest);
        Keep(ref _secondResults, ref _second, done, rest);
        _members = [.. rest.Select(row => _members[row])];
    }

    private void Keep(ref Tensor? results, ref Tensor stack, long[] done, long[] rest)
    {
        results ??= torch.empty_like(stack);
        using var rows = torch.tensor(done, device: stack.device);
        using var members = torch.tensor(done.Select(row => _members[row]).ToArray(), device: stack.device);
        using var finished = stack.index_select(0, rows);
        results.index_copy_(0, members, finished);
        using var others = torch.tensor(rest, dtype: ScalarType.Int64, device: stack.device);
        SquareMatrices.Replace(ref stack, stack.index_select(0, others));
    }

    private static long[] Rows(ReadOnlySpan<bool> finished, bool value)
    {
        var rows = new List<long>();
        for (var row = 0; row < finished.Length; row++)
        {
            if (finished[row] == value)
                rows.Add(row);
        }
        return [.. rows];
    }
}
