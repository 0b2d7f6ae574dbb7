namespace Shampoo.Generators.Graph;

/// <summary>
/// One operation of a step, in the order of the algorithm. <paramref name="Summary"/> is its formula, <paramref name="Attribute"/>
/// the attribute that chose it, or empty.
/// </summary>
internal abstract record Operation(string Summary, string Attribute)
{
    public abstract IEnumerable<Array> Reads { get; }

    public abstract IEnumerable<Array> Writes { get; }

    /// <summary>The formula and its reason, for a comment.</summary>
    public string Comment => Attribute == "" ? Summary : $"{Summary}  [{Attribute}]";
}

/// <summary><paramref name="Target"/> becomes <paramref name="Value"/>, element by element.</summary>
internal sealed record Assignment(Array Target, Expression Value);

/// <summary>An operation that can be part of a sweep.</summary>
internal abstract record Elementwise(string Summary, string Attribute) : Operation(Summary, Attribute)
{
    /// <summary>The arrays whose norms it needs.</summary>
    public virtual IEnumerable<Array> Norms => [];

    public virtual IEnumerable<Scalar> Scalars => [];
}

/// <summary>Assignments, in order.</summary>
internal sealed record Stage(string Summary, string Attribute, params Assignment[] Assignments) : Elementwise(Summary, Attribute)
{
    public override IEnumerable<Array> Reads => Nodes.OfType<Array>();

    public override IEnumerable<Array> Writes => Assignments.Select(static a => a.Target);

    public override IEnumerable<Array> Norms => Nodes.OfType<BlockNorm>().Select(static n => n.Array).Distinct();

    public override IEnumerable<Scalar> Scalars => Nodes.Select(static n => (n as WithScalar)?.Scalar ?? (n as RaisedTo)?.Exponent).OfType<Scalar>();

    private IEnumerable<Expression> Nodes => Assignments.SelectMany(static a => a.Value.Nodes());
}

/// <summary>Takes the norm of every block of an array. It is known when the sweep is over.</summary>
internal sealed record TakeNorm(Array Array) : Elementwise($"‖{Array.Symbol}‖ of every block", "")
{
    public override IEnumerable<Array> Reads => [Array];

    public override IEnumerable<Array> Writes => [];
}

internal enum ProductKind
{
    Accumulate, Refresh, RefreshInTurn, BeginFirstRefresh, BeginRefresh, AdoptRefresh, RefreshDiagonals, Precondition, Rotate, RotateBack, Orthogonalise,
    FirstBasis, Follow, FollowInTurn, BeginFollowing, AdoptFollowing, SendNothing,
}

/// <summary>An operation with matrices, which stands between sweeps.</summary>
internal sealed record Product(ProductKind Kind, string Summary, string Attribute, Array[] Inputs, Array[] Outputs) : Operation(Summary, Attribute)
{
    public override IEnumerable<Array> Reads => Inputs;

    public override IEnumerable<Array> Writes => Outputs;
}
