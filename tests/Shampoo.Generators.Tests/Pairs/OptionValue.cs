namespace Shampoo.Generators.Tests.Pairs;

/// <summary>One way to write an option down.</summary>
/// <param name="Option">The option: an attribute, or a property of it as <c>Attribute.Property</c>. Every option has at most one value in a declaration.</param>
/// <param name="Attribute">The attribute that it is written in.</param>
/// <param name="Argument">What is written there: arguments of the constructor, or <c>Property = value</c>.</param>
internal sealed record OptionValue(string Option, string Attribute, string Argument)
{
    private static readonly string[] Preconditioners = ["RootInverse", "Eigendecomposed", "EigenvalueCorrected", "Soap", "SpectralDescent", "SignDescent"];

    /// <summary>The option that a value of an attribute with these arguments belongs to: all preconditioners fill one place.</summary>
    public static OptionValue Parse(string written)
    {
        string attribute = written[..written.IndexOf('(', StringComparison.Ordinal)], argument = written[(attribute.Length + 1)..^1];
        int assignment = argument.IndexOf(" = ", StringComparison.Ordinal), comma = argument.IndexOf(',', StringComparison.Ordinal);
        bool isProperty = assignment > 0 && (comma < 0 || assignment < comma);
        string option = isProperty ? $"{attribute}.{argument[..assignment]}" : Preconditioners.Contains(attribute) ? "Preconditioner" : attribute;
        return new OptionValue(option, attribute, argument);
    }

    public bool IsProperty => Option.Contains('.', StringComparison.Ordinal);

    public bool IsOfPreconditioner => Preconditioners.Contains(Attribute);

    /// <summary>Whether C# lets the two stand in one declaration.</summary>
    public bool FitsBeside(OptionValue other) =>
        this == other || (Option != other.Option && !(IsOfPreconditioner && other.IsOfPreconditioner && Attribute != other.Attribute));

    public override string ToString() => $"{Attribute}({Argument})";
}
