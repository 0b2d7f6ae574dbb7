namespace Shampoo.Generators.Graph;

/// <summary>
/// A value of the elementwise part of a step: an array over the elements of a stack of blocks. Immutable; a node that is
/// used twice is one object. Operators build nodes, so that a stage reads like its formula.
/// </summary>
internal abstract record Expression
{
    public static Expression operator +(Expression left, Expression right) => new Binary(Operation.Add, left, right);

    public static Expression operator *(Expression left, Expression right) => new Binary(Operation.Multiply, left, right);

    public static Expression operator /(Expression left, Expression right) => new Binary(Operation.Divide, left, right);

    public static Expression operator +(Expression left, Scalar right) => new WithScalar(Operation.Add, left, right);

    public static Expression operator *(Scalar left, Expression right) => new WithScalar(Operation.Multiply, right, left);

    public static Expression operator /(Expression left, Scalar right) => new WithScalar(Operation.Divide, left, right);

    public static Expression Sqrt(Expression operand) => new SquareRoot(operand);

    /// <summary>The Frobenius norm of every block, an array of one element a block.</summary>
    public static Expression Norm(Expression operand) => new BlockNorm(operand);

    /// <summary>Gives a value a name, which the printers use where they need a variable for it.</summary>
    public Expression As(string name) => new Named(name, this);
}

internal enum Operation { Add, Multiply, Divide }

/// <summary>An array that exists: state, a workspace, or what an earlier stage made. <paramref name="Name"/> is what the generated code calls it.</summary>
internal sealed record Array(string Name) : Expression;

internal sealed record Binary(Operation Operation, Expression Left, Expression Right) : Expression;

internal sealed record WithScalar(Operation Operation, Expression Operand, Scalar Scalar) : Expression;

internal sealed record SquareRoot(Expression Operand) : Expression;

internal sealed record BlockNorm(Expression Operand) : Expression;

internal sealed record Named(string Name, Expression Value) : Expression;

/// <summary>The array that another stage returns.</summary>
internal sealed record ResultOf(Stage Stage) : Expression;

/// <summary>
/// A number that is the same for all elements in a step. <paramref name="Definition"/> is a C# expression of type double over
/// the group's <c>options</c> and the step counter <c>t</c>; <paramref name="Remark"/> its formula, or empty.
/// </summary>
internal sealed record Scalar(string Name, string Definition, string Remark = "");
