using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>Checks that the step can be generated into the annotated class, and names it.</summary>
internal static class TypeParser
{
    /// <summary>Members that the generated part has, with some declaration or other.</summary>
    internal static readonly string[] Taken =
    [
        "Options", "ParamGroup", "State", "Numbers", "Blocks", "VectorBlocks", "TorchBlocks", "CudaBlocks", "Blocking", "Betas", "Momentum", "train", "eval",
        "CudaText", "DeclaredDialect", "CreateState", "CreateSweeps", "StepGroup", "StepBlocks", "UpdateBlocks", "Exponents", "Ignored", "Staggering",
    ];

    private static readonly SymbolDisplayFormat Identifier = new(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    public static TypeName Parse(INamedTypeSymbol type, TypeDeclarationSyntax syntax, DiagnosticBag diagnostics)
    {
        Location location = syntax.Identifier.GetLocation();
        if (!syntax.Modifiers.Any(SyntaxKind.PartialKeyword))
            diagnostics.Add(Descriptors.NotPartial, location, type.Name);
        if (Unsupported(type) is { } reason)
            diagnostics.Add(Descriptors.UnsupportedType, location, type.Name, reason);
        foreach (ISymbol member in type.GetMembers().Concat(type.TypeParameters).Where(static m => Taken.Contains(m.Name)))
            diagnostics.Add(Descriptors.UnsupportedType, member.Locations[0], type.Name, $"it declares {member.Name}, and so does its generated part");

        var enclosing = new Stack<EnclosingType>();
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            enclosing.Push(new EnclosingType(Keyword(outer), outer.ToDisplayString(Identifier)));
            if (NotPartial(outer) is { } part)
                diagnostics.Add(Descriptors.NotPartial, part.Identifier.GetLocation(), outer.Name);
        }

        string name = type.ToDisplayString(Identifier.WithGenericsOptions(SymbolDisplayGenericsOptions.None));
        return new TypeName(
            type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)) : "",
            enclosing.ToEquatableArray(),
            name,
            type.ToDisplayString(Identifier).Substring(name.Length),
            MetadataName(type),
            Factory(type, ((CSharpParseOptions)syntax.SyntaxTree.Options).LanguageVersion));
    }

    /// <summary>A static extension member needs C# 14, and a class that can be named from everywhere.</summary>
    private static string? Factory(INamedTypeSymbol type, LanguageVersion version)
    {
        if (type.ContainingType is not null || type.IsGenericType || !HasExtensionMembers(version)) return null;
        return type.DeclaredAccessibility == Accessibility.Public ? "public" : "internal";
    }

    /// <summary>C# 14 is newer than the compiler that this is built against; "preview" has it if the compiler that runs this knows of it.</summary>
    private static bool HasExtensionMembers(LanguageVersion version)
    {
        const LanguageVersion CSharp14 = (LanguageVersion)1400;
        return version >= CSharp14 && Enum.IsDefined(typeof(LanguageVersion), CSharp14);
    }

    private static string? Unsupported(INamedTypeSymbol type)
    {
        if (type.IsStatic) return "it is static";
        if (type.IsAbstract) return "it is abstract";
        if (type.IsRecord) return "it is a record";
        if (Taken.Contains(type.Name)) return $"its generated part has a member {type.Name}";
        if (type.IsFileLocal) return "it is local to its file, where nothing can be generated into it";
        if (type.BaseType is { SpecialType: not SpecialType.System_Object, TypeKind: not TypeKind.Error } parent)
            return $"it derives from {parent.Name}, but its base class is generated";
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            if (outer.IsFileLocal)
                return $"{outer.Name} is local to its file, where nothing can be generated into it";
        return null;
    }

    private static TypeDeclarationSyntax? NotPartial(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Select(static r => r.GetSyntax()).OfType<TypeDeclarationSyntax>()
            .FirstOrDefault(static t => !t.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static string Keyword(INamedTypeSymbol type) => type switch
    {
        { IsRecord: true, TypeKind: TypeKind.Struct } => "record struct",
        { IsRecord: true } => "record",
        { TypeKind: TypeKind.Struct } => "struct",
        { TypeKind: TypeKind.Interface } => "interface",
        _ => "class",
    };

    private static string MetadataName(INamedTypeSymbol type)
    {
        string name = type.MetadataName;
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            name = $"{outer.MetadataName}+{name}";
        return type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space}.{name}" : name;
    }
}
