using Microsoft.CodeAnalysis;

namespace Shampoo.Generators.Diagnostics;

/// <summary>Everything that can be wrong with a declaration. Each has a page in docs/diagnostics.</summary>
internal static class Descriptors
{
    public static readonly DiagnosticDescriptor NotPartial = Error("SHMP001", "Optimizer is not partial",
        "'{0}' must be partial, so that its step can be generated into it");

    public static readonly DiagnosticDescriptor UnsupportedType = Error("SHMP002", "Optimizer cannot be such a type",
        "'{0}' cannot be an optimizer: {1}");

    public static readonly DiagnosticDescriptor NotAvailable = Error("SHMP003", "Not available in this version",
        "{0} is not available in this version of Shampoo; available: {1}");

    public static readonly DiagnosticDescriptor UndefinedValue = Error("SHMP004", "Undefined value",
        "{0} is no value of {1}");

    public static readonly DiagnosticDescriptor OutOfRange = Error("SHMP005", "Number out of range",
        "{0} is {1}, but it must be {2}");

    public static readonly DiagnosticDescriptor Contradiction = Error("SHMP006", "Contradicting attributes",
        "[{0}] contradicts [{1}]: {2}");

    public static readonly DiagnosticDescriptor SolverDoesNotFit = Error("SHMP007", "Solver does not fit",
        "{0} does not compute what [{1}] needs; use {2}");

    public static readonly DiagnosticDescriptor StartBeforeFrequency = Error("SHMP008", "Start before the first refresh",
        "Start is {0}, but it must be at least Frequency ({1}), or -1 for Frequency itself");

    public static readonly DiagnosticDescriptor WithoutEffect = Warning("SHMP009", "Option without effect",
        "{0} has no effect: {1}");

    public static readonly DiagnosticDescriptor LanguageVersion = Error("SHMP011", "Language version too low",
        "'{0}' needs C# {1} or later, but the language version is {2}");

    public static readonly DiagnosticDescriptor MissingReference = Error("SHMP012", "Reference missing",
        "'{0}' needs a reference to {1}, which defines '{2}'");

    public static readonly DiagnosticDescriptor NeverStarts = Warning("SHMP013", "Preconditioning never starts",
        "Preconditioning starts at step {0}, which no training reaches: the preconditioner costs memory and time, and is never used");

    public static readonly DiagnosticDescriptor RoundedAway = Warning("SHMP014", "Number rounded away in float32",
        "{0} is {1}, but in float32 that is {2}");

    public static readonly DiagnosticDescriptor ExtremeBlocks = Warning("SHMP016", "Blocks of an extreme size",
        "{0} {1}");

    public static readonly DiagnosticDescriptor BeyondFactors = Warning("SHMP017", "Matrices more precise than their factors",
        "The {0} have the precision {1}, but they are computed from factor matrices of {2}");

    public static readonly DiagnosticDescriptor MergedMatrices = Error("SHMP018", "Matrices merged into vectors",
        "[SpectralDescent] needs matrices, but with TargetDimensionality = 1 small ones become vectors; declare [Preconditioning(TargetDimensionality = 2)]");

    public static readonly DiagnosticDescriptor ExponentDoesNotFit = Error("SHMP019", "Exponent that the solver does not take",
        "{0} does not take the exponent {1} of blocks of order {2}, only {3}; Solver.Eigh takes all");

    public static readonly DiagnosticDescriptor OrdersDoNotFit = Warning("SHMP020", "Solver does not fit blocks of some orders",
        "{0} does not take the exponents {1}, only {2}: training stops with an error if the model has such blocks");

    public static readonly DiagnosticDescriptor FactorsInFloat16 = Error("SHMP021", "Factor matrices in float16",
        "Factor matrices are sums of squares, which float16 has no numbers for below 6e-8 and above 65504; declare Factors = BFloat16, with 16 bits too");
    public static readonly DiagnosticDescriptor RoundedParameters = Warning("SHMP031", "Parameters rounded in every step",
        "The parameters travel in {0}, so that every step rounds them: what changes them by less than 1/{1} of their size is lost; send directions, or declare Communication = Float32");

    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
    [
        NotPartial, UnsupportedType, NotAvailable, UndefinedValue, OutOfRange, Contradiction, SolverDoesNotFit, StartBeforeFrequency,
        WithoutEffect, LanguageVersion, MissingReference, NeverStarts, RoundedAway,
        ExtremeBlocks, BeyondFactors, MergedMatrices, ExponentDoesNotFit, OrdersDoNotFit, FactorsInFloat16, RoundedParameters,
    ];

    private const string Category = "Shampoo";

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Link(id));

    private static DiagnosticDescriptor Warning(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Link(id));

    /// <summary>Relative to the repository: the pages travel with the sources.</summary>
    private static string Link(string id) => $"docs/diagnostics/{id}.md";
}
