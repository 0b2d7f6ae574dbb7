namespace Shampoo.Runtime;

/// <summary>Eigenbases that are computed beside the steps, and what their adoption does to moments that are kept in them.</summary>
internal sealed class OverlappedEigenbases
{
    private readonly StateSource _source;
    private readonly Factors _factors;      // these, and all below, of all blocks of the bucket
    private readonly Eigenvectors _inUse;
    private readonly Eigenvectors _next;
    private readonly Tensor?[] _orders;     // of the columns of Q_k before the iteration, [blocks, d_k]; none where nothing is sorted
    private readonly string _results;
    private readonly OverlappedRefresh _refresh;

    /// <param name="source">The blocks of a step.</param>
    /// <param name="factors">Of all blocks of the bucket.</param>
    /// <param name="precision">How eigenvectors are stored.</param>
    /// <param name="results">What is computed, for messages.</param>
    /// <param name="areSorted">Whether columns are sorted before they are computed anew, so that their order is adopted with them.</param>
    public OverlappedEigenbases(StateSource source, Factors factors, Precision precision, string results, bool areSorted)
    {
        (_source, _factors, _results) = (source, factors, results);
        _orders = areSorted ? factors.ForEach(k => source.Whole.Zeros($"next_orders.{k}", k, Precision.Float32, isDiagonal: true)) : [];
        _inUse = new Eigenvectors(source.Whole, factors, precision);
        _next = new Eigenvectors(source.Whole, factors, precision, isNext: true);
        _refresh = new OverlappedRefresh(source, factors.Refresh, results, (_inUse.Matrices, _next.Matrices));
    }

    /// <inheritdoc cref="FactorEigenbases.BeginRefresh"/>
    public void Begin<TSolver, TRule>(in TSolver solver, in TRule rule, double biasCorrection)
        where TSolver : struct, IEigenbasisSolver
        where TRule : struct, IRankDeficiencyRule =>
        _refresh.Begin(new EigenbasisFunction<TSolver, TRule>(solver, rule, _inUse, _next, overlaps: null) { Results = _results }, biasCorrection);

    /// <inheritdoc cref="FactorEigenbases.AdoptRefresh()"/>
    public void Adopt() => _refresh.Adopt();

    /// <inheritdoc cref="FactorEigenbases.AdoptRefresh(BlockArray)"/>
    public void Adopt(BlockArray eigenvalues) => _refresh.Adopt((first, count) =>
    {
        using var scope = torch.NewDisposeScope();
        Change(first, count, isSquared: true).Apply(eigenvalues);
    });

    /// <inheritdoc cref="FactorEigenbases.BeginFollowing"/>
    public void BeginFollowing()
    {
        _source.PendingRefreshes.Wait(_source.Start, _source.Count);
        KeepOrders();
        _refresh.Begin(new NextIteration(_inUse, _next, _orders), biasCorrection: 1);
    }

    /// <inheritdoc cref="FactorEigenbases.AdoptFollowing"/>
    public void AdoptFollowing(BlockArray firstMoment, BlockArray secondMoment) => _refresh.Adopt((first, count) =>
    {
        using var scope = torch.NewDisposeScope();
        Change(first, count, isSquared: false).Apply(firstMoment);
        Order(first, count).Apply(secondMoment);
    });

    // What a matrix has on which the iteration fails.
    private void KeepOrders()
    {
        foreach (var k in Dimensions)
        {
            using var orders = _orders[k]!.narrow(0, _source.Start, _source.Count);
            using var kept = torch.arange(orders.shape[1], dtype: orders.dtype, device: orders.device);
            orders.copy_(kept);
        }
    }

    // From the bases in use to the next ones, of some neighbouring blocks of the bucket.
    private BasisChange Change(int first, int count, bool isSquared)
    {
        var change = new BasisChange(_source, _factors.Matrices, isSquared, first, count, _source.Start);
        foreach (var k in Dimensions)
        {
            var matrices = _factors.Matrices[k]!.narrow(0, first, count);
            var arithmetic = matrices.As(matrices.dtype.Arithmetic());
            change.Set(_inUse.Of(arithmetic, k, first), _next.Of(arithmetic, k, first), k, first);
        }
        return change;
    }

    private ColumnOrder Order(int first, int count)
    {
        var order = new ColumnOrder(_factors.Matrices, first, count, _source.Start);
        foreach (var k in Dimensions)
            order.Set(_orders[k]!.narrow(0, first, count), k, first);
        return order;
    }

    private IEnumerable<int> Dimensions => Enumerable.Range(0, _factors.Matrices.Length).Where(k => _factors.Matrices[k] is not null);
}
