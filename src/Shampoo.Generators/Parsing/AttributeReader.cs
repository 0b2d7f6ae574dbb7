using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>
/// Reads the arguments of one attribute. An argument that does not compile is skipped silently, because the compiler
/// reports it; one that is wrong is reported here, at the argument, and its default taken.
/// </summary>
internal sealed class AttributeReader(AttributeData data, Compilation compilation, DiagnosticBag diagnostics, CancellationToken cancellation)
{
    private readonly AttributeSyntax? _syntax = data.ApplicationSyntaxReference?.GetSyntax(cancellation) as AttributeSyntax;

    /// <summary>The attribute's name as the user writes it.</summary>
    public string Name { get; } = AttributeNames.Short(data.AttributeClass!.Name);

    public Location Location => _syntax?.GetLocation() ?? Location.None;

    /// <summary>The attribute as the user wrote it, on one line.</summary>
    public string Text => _syntax is null ? Name : string.Join(" ", _syntax.ToString().Split((char[])null!, StringSplitOptions.RemoveEmptyEntries));

    public bool Has(string property) => Named(property) is not null;

    /// <summary>The name of the enum member given, whatever it is; null if there is none.</summary>
    public string? MemberAt(int position) =>
        data.ConstructorArguments.Length > position ? MemberName(data.ConstructorArguments[position]) : null;

    /// <summary>The member's name of an enum argument; null if it is missing or wrong (then it has been reported).</summary>
    public string? Enum(int position, IReadOnlyCollection<string> available)
    {
        if (data.ConstructorArguments.Length <= position) return null;
        return Member(data.ConstructorArguments[position], Argument(position), available);
    }

    /// <inheritdoc cref="Enum(int, IReadOnlyCollection{string})"/>
    public string Enum(string property, string defaultMember, IReadOnlyCollection<string> available) =>
        Named(property) is { } constant ? Member(constant, Argument(property), available) ?? defaultMember : defaultMember;

    public bool Flag(string property, bool defaultValue) => Named(property)?.Value as bool? ?? defaultValue;

    public bool Flag(int position) => data.ConstructorArguments.Length <= position || data.ConstructorArguments[position].Value is not false;

    public int Integer(string property, int defaultValue, Range range)
    {
        if (Named(property)?.Value is not int value) return defaultValue;
        if (range.Contains(value)) return value;
        ReportAt(property, Descriptors.OutOfRange, property, value.ToString(CultureInfo.InvariantCulture), range);
        return defaultValue;
    }

    public Number Number(string property, double defaultValue, Range range) => Number(property, range) ?? Model.Number.Of(defaultValue);

    /// <summary>A number without a default: null if it is not declared.</summary>
    public Number? Number(string property, Range range) =>
        Named(property) is { Value: double value } ? Checked(value, property, Argument(property), range) : null;

    public Number Number(int position, string name, double defaultValue, Range range) =>
        (data.ConstructorArguments.Length > position && data.ConstructorArguments[position].Value is double value
            ? Checked(value, name, Argument(position), range) : null) ?? Model.Number.Of(defaultValue);

    /// <summary>Reports that this version does not implement the property, unless it has its default value.</summary>
    public void Unavailable(string property, object defaultValue, string available)
    {
        if (Named(property) is { Kind: not TypedConstantKind.Error } constant && !Equals(constant.Value, defaultValue))
            ReportAt(property, Descriptors.NotAvailable, $"{Name}.{property} = {Argument(property)?.Expression.ToString() ?? "…"}", available);
    }

    /// <summary>Reports at the argument for <paramref name="property"/>, or at the attribute if there is none.</summary>
    public void ReportAt(string property, DiagnosticDescriptor descriptor, params object[] arguments) =>
        Report(Argument(property), descriptor, arguments);

    public void ReportAt(int position, DiagnosticDescriptor descriptor, params object[] arguments) =>
        Report(Argument(position), descriptor, arguments);

    /// <summary>Reports at the whole attribute.</summary>
    public void Report(DiagnosticDescriptor descriptor, params object[] arguments) => diagnostics.Add(descriptor, Location, arguments);

    private string? Member(TypedConstant constant, AttributeArgumentSyntax? argument, IReadOnlyCollection<string> available)
    {
        if (constant.Kind != TypedConstantKind.Enum || constant.Type is not INamedTypeSymbol type) return null;
        string? member = MemberName(constant);
        if (member is null)
            Report(argument, Descriptors.UndefinedValue, argument?.Expression.ToString() ?? "It", type.Name);
        else if (!available.Contains(member))
            Report(argument, Descriptors.NotAvailable, $"{type.Name}.{member}", string.Join(", ", available));
        else
            return member;
        return null;
    }

    private static string? MemberName(TypedConstant constant) =>
        constant.Type?.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => f.HasConstantValue && Equals(f.ConstantValue, constant.Value))?.Name;

    private Number? Checked(double value, string name, AttributeArgumentSyntax? argument, Range range)
    {
        if (range.Contains(value)) return new Number(value, Literal(argument) ?? Model.Number.Of(value).Text);
        Report(argument, Descriptors.OutOfRange, name, value.ToString("R", CultureInfo.InvariantCulture), range);
        return null;
    }

    /// <summary>The user's own spelling, where it means the same in the generated file: a literal without a suffix.</summary>
    private static string? Literal(AttributeArgumentSyntax? argument) =>
        argument?.Expression is LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } literal
        && literal.Token.Text is var text && !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        && !text.StartsWith("0b", StringComparison.OrdinalIgnoreCase) && text.All(static c => c is (>= '0' and <= '9') or '.' or 'e' or 'E' or '-' or '+')
            ? text : null;

    private TypedConstant? Named(string property)
    {
        foreach (var pair in data.NamedArguments)
            if (pair.Key == property)
                return pair.Value;
        return null;
    }

    private AttributeArgumentSyntax? Argument(string property) =>
        _syntax?.ArgumentList?.Arguments.FirstOrDefault(a => a.NameEquals?.Name.Identifier.ValueText == property);

    /// <summary>The argument of a constructor's parameter, given by position or by name.</summary>
    private AttributeArgumentSyntax? Argument(int position)
    {
        if (_syntax?.ArgumentList is not { } list || data.AttributeConstructor is not { } constructor) return null;
        string parameter = constructor.Parameters[position].Name;
        return list.Arguments.FirstOrDefault(a => a.NameColon?.Name.Identifier.ValueText == parameter)
            ?? (position < list.Arguments.Count && list.Arguments[position] is { NameEquals: null, NameColon: null } argument ? argument : null);
    }

    private void Report(AttributeArgumentSyntax? argument, DiagnosticDescriptor descriptor, params object[] arguments)
    {
        if (argument is null) Report(descriptor, arguments);
        else if (Compiles(argument)) diagnostics.Add(descriptor, argument.GetLocation(), arguments);
    }

    /// <summary>The constant of an argument that does not compile is not what the user meant: 1e400 is infinity. Asked only before a report.</summary>
    private bool Compiles(AttributeArgumentSyntax argument) => compilation.GetSemanticModel(argument.SyntaxTree)
        .GetDiagnostics(argument.Span, cancellation).All(static d => d.Severity != DiagnosticSeverity.Error);
}
