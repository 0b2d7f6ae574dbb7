namespace Shampoo.ApiStub;

/// <summary>Operators by the names that they have in metadata.</summary>
internal static class Operators
{
    private static readonly Dictionary<string, string> Symbols = new()
    {
        ["op_Addition"] = "+",
        ["op_Subtraction"] = "-",
        ["op_Multiply"] = "*",
        ["op_Division"] = "/",
        ["op_Modulus"] = "%",
        ["op_BitwiseAnd"] = "&",
        ["op_BitwiseOr"] = "|",
        ["op_ExclusiveOr"] = "^",
        ["op_OnesComplement"] = "~",
        ["op_UnaryNegation"] = "-",
        ["op_Equality"] = "==",
        ["op_Inequality"] = "!=",
        ["op_LessThan"] = "<",
        ["op_LessThanOrEqual"] = "<=",
        ["op_GreaterThan"] = ">",
        ["op_GreaterThanOrEqual"] = ">=",
    };

    /// <summary>What stands before the parameters, or null if it is a method like any other.</summary>
    public static string? Header(string name, string type) => name switch
    {
        "op_Implicit" => $"implicit operator {type}",
        "op_Explicit" => $"explicit operator {type}",
        _ => Symbols.TryGetValue(name, out var symbol) ? $"{type} operator {symbol}" : null,
    };
}
