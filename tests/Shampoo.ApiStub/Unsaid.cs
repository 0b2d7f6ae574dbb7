namespace Shampoo.ApiStub;

/// <summary>What reflection did not put into the list, and TorchSharp declares.</summary>
internal static class Unsaid
{
    /// <summary>A nested type that the list calls by its metadata name.</summary>
    public const string HookRemover = "torch.nn.HookableModule`2.HookRemover<TPreHook, TPostHook>";

    private static readonly string[] AnnotatedTypes =
    [
        "TorchSharp.torch", "TorchSharp.torch.Tensor", "TorchSharp.torch.linalg", "TorchSharp.DisposeScope", "TorchSharp.TensorExtensionMethods",
        "TorchSharp.Modules.Linear", "TorchSharp.Modules.LayerNorm",
    ];

    private static readonly string[] ExtensionTypes = ["TorchSharp.ScalarExtensionMethods", "TorchSharp.TensorExtensionMethods"];

    private static readonly string[] OverUnmanagedTypes = ["item", "data", "storage", "ReadCpuValue"];

    /// <summary>Whether the type's file has nullable annotations: null is then only for optional parameters.</summary>
    public static bool IsAnnotated(ListedType type) => AnnotatedTypes.Contains(type.Name);

    /// <summary>What may be null in an annotated type.</summary>
    public static bool MayBeNull(Member member) => member.Name is "grad" or "name" or "bias" or "CurrentDisposeScope";

    /// <summary>What is marked as obsolete, which is an error here.</summary>
    public static bool IsObsolete(ListedType type, Member member) =>
        (type.Name, member.Name) is ("TorchSharp.torch", "eig") or ("TorchSharp.torch.Tensor", "DetatchFromDisposeScope");

    public static bool IsExtension(ListedType type, Member member) =>
        ExtensionTypes.Contains(type.Name) && member.Parameters is [{ Modifier: "", Type: not "BinaryReader" }, ..];

    /// <summary>Fields are listed without their access; those of options are public, as are static ones.</summary>
    public static bool IsProtected(ListedType type, Member member) =>
        member.Kind == MemberKind.Field && !member.Is("static") && type.Path[^1] != "Options";

    public static string WithElementNames(string type) => type
        .Replace("IEnumerable<(string, Parameter)>", "IEnumerable<(string name, Parameter parameter)>")
        .Replace("IEnumerable<(string, torch.Tensor)>", "IEnumerable<(string name, torch.Tensor buffer)>")
        .Replace("IEnumerable<(string, torch.nn.Module)>", "IEnumerable<(string name, torch.nn.Module module)>");

    /// <summary>The constraints of a generic method; an override inherits them.</summary>
    public static string Constraints(ListedType type, Member member)
    {
        var constraint = Constraint(type, member);
        if (constraint is null || member.TypeParameters.Length == 0) return "";
        return string.Concat(Text.Split(member.TypeParameters[1..^1], ',').Select(parameter => $" where {parameter} : {constraint}"));
    }

    private static string? Constraint(ListedType type, Member member) => (type.Path[^1], member.Name) switch
    {
        ("DisposeScope", _) => "IDisposable",
        ("Tensor", var name) when OverUnmanagedTypes.Contains(name) => "unmanaged",
        ("TensorExtensionMethods", "ToTensor") => member.Parameters[0].Type == "T" ? "unmanaged" : null,
        ("OptimizerHelper", "_step") => "global::TorchSharp.Modules.ParamGroup",
        ("Module", "Create") => "global::TorchSharp.torch.nn.Module, new()",
        ("nn", "ModuleList" or "ModuleDict") => "global::TorchSharp.torch.nn.Module",
        _ => null,
    };
}
