using System.Collections.Immutable;
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

    /// <summary>The name of the enum member given, whatever it is; null if there is none.</summary>
    public string? MemberAt(int position) =>
        data.ConstructorArguments.Length > position ? MemberName(data.ConstructorArguments[position]) : null;

    /// <summary>The member's name of an enum argument; null if it is missing or wrong (then it has been reported).</summary>
    public string? Enum(int position, IReadOnlyCollection<string> available)
    {
        if (data.ConstructorArguments.Length <= position) return null;
        return Member(data.ConstructorArguments[position], Argument(position), available, Repair.None);
    }

    /// <inheritdoc cref="Enum(int, IReadOnlyCollection{string})"/>
    public string Enum(string property, string defaultMember, IReadOnlyCollection<string> available) =>
        Named(property) is { } constant ? Member(constant, Argument(property), available, Removing(property)) ?? defaultMember : defaultMember;

    public bool Flag(string property, bool defaultValue) => Named(property)?.Value as bool? ?? defaultValue;

    public bool Flag(int position) => data.ConstructorArguments.Length <= position || data.ConstructorArguments[position].Value is not false;

    public int Integer(string property, int defaultValue, Range range)
    {
        if (Named(property)?.Value is not int value) return defaultValue;
        if (range.Contains(value)) return value;
        ReportAt(property, Descriptors.OutOfRange, Repairs(property, value, defaultValue, range), property, value.ToString(CultureInfo.InvariantCulture), range);
        return defaultValue;
    }

    /// <param name="property">Its name.</param>
    /// <param name="defaultValue">The attribute's own.</param>
    /// <param name="range">What it may be.</param>
    /// <param name="inFloat64">Whether it is used in float64, whatever the parameters are.</param>
    public Number Number(string property, double defaultValue, Range range, bool inFloat64 = false) =>
        Named(property) is { Value: double value } ? Checked(value, property, Argument(property), range, defaultValue, inFloat64)! : Model.Number.Of(defaultValue);

    /// <summary>A number without a default: null if it is not declared.</summary>
    public Number? Number(string property, Range range) =>
        Named(property) is { Value: double value } ? Checked(value, property, Argument(property), range, null, inFloat64: false) : null;

    public Number Number(int position, string name, double defaultValue, Range range) =>
        data.ConstructorArguments.Length > position && data.ConstructorArguments[position].Value is double value
            ? Checked(value, name, Argument(position), range, defaultValue, inFloat64: false)! : Model.Number.Of(defaultValue);

    public int Integer(int position, string name, int defaultValue, Range range)
    {
        if (data.ConstructorArguments.Length <= position || data.ConstructorArguments[position].Value is not int value) return defaultValue;
        if (range.Contains(value)) return value;
        ReportAt(position, Descriptors.OutOfRange, Repair.None.Add(Repair.Default, defaultValue.ToString(CultureInfo.InvariantCulture)), name, value.ToString(CultureInfo.InvariantCulture), range);
        return defaultValue;
    }

    /// <summary>The numbers of a <c>params int[]</c> argument; those out of range are reported and left out.</summary>
    public IEnumerable<int> Integers(int position, string name, Range range)
    {
        if (data.ConstructorArguments.Length <= position || data.ConstructorArguments[position].Kind != TypedConstantKind.Array || data.ConstructorArguments[position].IsNull) yield break;
        ImmutableArray<TypedConstant> constants = data.ConstructorArguments[position].Values;
        for (int i = 0; i < constants.Length; i++)
        {
            if (constants[i].Value is not int value) continue;
            if (range.Contains(value)) yield return value;
            else Report(Element(position, i, constants.Length), Descriptors.OutOfRange, Repair.None, name, value.ToString(CultureInfo.InvariantCulture), range);
        }
    }

    /// <summary>Whether a <c>params</c> argument has no values.</summary>
    public bool IsEmpty(int position) => data.ConstructorArguments.Length <= position || data.ConstructorArguments[position] is { Kind: TypedConstantKind.Array, IsNull: false, Values.Length: 0 };

    /// <summary>Whether the property is declared.</summary>
    public bool Declares(string property) => Named(property) is not null;

    /// <summary>Reports that this version does not implement the property, unless it has its default value.</summary>
    public void Unavailable(string property, object defaultValue, string available)
    {
        if (Named(property) is { Kind: not TypedConstantKind.Error } constant && !Equals(constant.Value, defaultValue))
            ReportAt(property, Descriptors.NotAvailable, Removing(property), $"{Name}.{property} = {Argument(property)?.Expression.ToString() ?? "…"}", available);
    }

    /// <summary>Reports that nothing uses the property, if it is declared.</summary>
    public void WithoutEffect(string property, string reason)
    {
        if (Named(property) is not null)
            ReportAt(property, Descriptors.WithoutEffect, Removing(property), property, reason);
    }

    /// <inheritdoc cref="WithoutEffect"/>
    public void WithoutEffectIf(bool isSo, string property, string reason)
    {
        if (isSo) WithoutEffect(property, reason);
    }

    /// <summary>Reports at the argument for <paramref name="property"/>, or at the attribute if there is none.</summary>
    public void ReportAt(string property, DiagnosticDescriptor descriptor, ImmutableDictionary<string, string?> repairs, params object[] arguments) =>
        Report(Argument(property), descriptor, repairs, arguments);

    public void ReportAt(int position, DiagnosticDescriptor descriptor, ImmutableDictionary<string, string?> repairs, params object[] arguments) =>
        Report(Argument(position), descriptor, repairs, arguments);

    /// <summary>Reports at the whole attribute.</summary>
    public void Report(DiagnosticDescriptor descriptor, ImmutableDictionary<string, string?> repairs, params object[] arguments) =>
        diagnostics.Add(descriptor, Location, repairs, arguments);

    /// <summary>The repair of an argument that may as well not be there.</summary>
    public static ImmutableDictionary<string, string?> Removing(string property) => Repair.None.Add(Repair.Removal, property);

    private string? Member(TypedConstant constant, AttributeArgumentSyntax? argument, IReadOnlyCollection<string> available, ImmutableDictionary<string, string?> repairs)
    {
        if (constant.Kind != TypedConstantKind.Enum || constant.Type is not INamedTypeSymbol type) return null;
        string? member = MemberName(constant);
        if (member is null)
            Report(argument, Descriptors.UndefinedValue, repairs, argument?.Expression.ToString() ?? "It", type.Name);
        else if (!available.Contains(member))
            Report(argument, Descriptors.NotAvailable, repairs.IsEmpty ? repairs.Add(Repair.Instead, available.First()) : repairs, $"{type.Name}.{member}", string.Join(", ", available));
        else
            return member;
        return null;
    }

    private static string? MemberName(TypedConstant constant) =>
        constant.Type?.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => f.HasConstantValue && Equals(f.ConstantValue, constant.Value))?.Name;

    /// <summary>The number, or its default if it is out of range. A warning where float32 turns it into another one.</summary>
    private Number? Checked(double value, string name, AttributeArgumentSyntax? argument, Range range, double? defaultValue, bool inFloat64)
    {
        string text = Model.Number.Of(value).Text;
        if (!range.Contains(value))
        {
            Report(argument, Descriptors.OutOfRange, Repairs(name, value, defaultValue, range), name, text, range);
            return defaultValue is { } number ? Model.Number.Of(number) : null;
        }
        if (!inFloat64 && Float32.Rounded(value) is { } rounded)
            Report(argument, Descriptors.RoundedAway, Repairs(name, value, defaultValue, range), name, text, rounded);
        return new Number(value, Literal(argument) ?? Model.Number.Of(value).Text);
    }

    /// <summary>The default, the bound that was passed, or, where there is neither, nothing at all.</summary>
    private static ImmutableDictionary<string, string?> Repairs(string name, double value, double? defaultValue, Range range)
    {
        ImmutableDictionary<string, string?> repairs = Repair.None;
        if (defaultValue is { } number) repairs = repairs.Add(Repair.Default, Model.Number.Of(number).Text);
        if (range.Nearest(value) is { } nearest && nearest != defaultValue) repairs = repairs.Add(Repair.Nearest, Model.Number.Of(nearest).Text);
        return repairs.IsEmpty ? Removing(name) : repairs;
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

    /// <summary>The argument of one value of <c>params</c>; that of all of them where they are written as an array.</summary>
    private AttributeArgumentSyntax? Element(int position, int index, int count) =>
        _syntax?.ArgumentList is { } list && list.Arguments.Count(static a => a.NameEquals is null) == position + count && list.Arguments.All(static a => a.NameColon is null)
            ? list.Arguments[position + index] : Argument(position);

    private void Report(
        AttributeArgumentSyntax? argument, DiagnosticDescriptor descriptor, ImmutableDictionary<string, string?> repairs, params object[] arguments)
    {
        if (argument is null) Report(descriptor, Repair.None, arguments);
        else if (Compiles(argument)) diagnostics.Add(descriptor, argument.GetLocation(), repairs, arguments);
    }

    /// <summary>The constant of an argument that does not compile is not what the user meant: 1e400 is infinity. Asked only before a report.</summary>
    private bool Compiles(AttributeArgumentSyntax argument) => compilation.GetSemanticModel(argument.SyntaxTree)
        .GetDiagnostics(argument.Span, cancellation).All(static d => d.Severity != DiagnosticSeverity.Error);
}
