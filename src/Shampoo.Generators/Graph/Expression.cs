using Shampoo.Generators.Model;

namespace Shampoo.Generators.Graph;

/// <summary>
/// A value of the elementwise part of a step: one for every element of a stack of blocks, or one for every block. Immutable.
/// Operators build nodes, so that a stage reads like its formula.
/// </summary>
internal abstract record Expression
{
    public static Expression operator +(Expression left, Expression right) => new Binary(Operator.Add, left, right);

    public static Expression operator *(Expression left, Expression right) => new Binary(Operator.Multiply, left, right);

    public static Expression operator /(Expression left, Expression right) => new Binary(Operator.Divide, left, right);

    public static Expression operator +(Expression left, Scalar right) => new WithScalar(Operator.Add, left, right);

    public static Expression operator *(Scalar left, Expression right) => new WithScalar(Operator.Multiply, right, left);

    public static Expression operator /(Expression left, Scalar right) => new WithScalar(Operator.Divide, left, right);

    public static Expression Sqrt(Expression operand) => new SquareRoot(operand);

    /// <summary>−1, 0 or 1.</summary>
    public static Expression Sign(Expression operand) => new Signum(operand);

    /// <summary>A power with a positive constant exponent.</summary>
    public static Expression Power(Expression operand, Number exponent) => exponent.Value switch
    {
        1 => operand,
        0.5 => Sqrt(operand),
        _ => new RaisedTo(operand, new Scalar("exponent", exponent.Text)),
    };

    /// <summary>The Frobenius norm of every block.</summary>
    public static Expression Norm(Array array) => new BlockNorm(array);

    /// <summary>The root mean square of every block.</summary>
    public static Expression Rms(Array array) => new BlockNorm(array, IsRootMeanSquare: true);

    /// <summary>max(1, x) of a value that is the same for all elements of a block.</summary>
    public static Expression AtLeastOne(Expression operand) => new Floored(operand);

    /// <summary>Gives a value a name, which the printers use where they need a variable for it.</summary>
    public Expression As(string name) => new Named(name, this);

    /// <summary>This node and all under it, outer ones first.</summary>
    public IEnumerable<Expression> Nodes() => Operands().SelectMany(static operand => operand.Nodes()).Prepend(this);

    /// <summary>The arrays whose elements the value is computed from.</summary>
    public IEnumerable<Array> Arrays() => Nodes().OfType<Array>();

    /// <summary>Whether the value is the same for all elements of a block.</summary>
    public bool IsPerBlock => Nodes().OfType<BlockNorm>().Any() && !Arrays().Any();

    protected virtual IEnumerable<Expression> Operands() => [];
}

internal enum Operator { Add, Multiply, Divide }

internal sealed record Binary(Operator Operator, Expression Left, Expression Right) : Expression
{
    protected override IEnumerable<Expression> Operands() => [Left, Right];
}

internal sealed record WithScalar(Operator Operator, Expression Operand, Scalar Scalar) : Expression
{
    protected override IEnumerable<Expression> Operands() => [Operand];
}

internal sealed record SquareRoot(Expression Operand) : Expression
{
    protected override IEnumerable<Expression> Operands() => [Operand];
}

internal sealed record Signum(Expression Operand) : Expression
{
    protected override IEnumerable<Expression> Operands() => [Operand];
}

internal sealed record RaisedTo(Expression Operand, Scalar Exponent) : Expression
{
    protected override IEnumerable<Expression> Operands() => [Operand];
}

/// <summary>max(1, x)</summary>
internal sealed record Floored(Expression Operand) : Expression
{
    protected override IEnumerable<Expression> Operands() => [Operand];
}

/// <summary>The norm of every block of an array that an earlier sweep has completed, or that divided by the root of the number of elements.</summary>
internal sealed record BlockNorm(Array Array, bool IsRootMeanSquare = false) : Expression;

internal sealed record Named(string Name, Expression Value) : Expression
{
    protected override IEnumerable<Expression> Operands() => [Value];
}

/// <summary>
/// A number that is the same for all elements in a step. <paramref name="Definition"/> is a C# expression of type double over
/// the group's <c>options</c> and the step counter <c>t</c>; <paramref name="Remark"/> its formula, or empty.
/// </summary>
internal sealed record Scalar(string Name, string Definition, string Remark = "");
