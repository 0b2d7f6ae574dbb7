using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Shampoo.LibTorch.Tests.Api;

/// <summary>Writes types and members as the list of TorchSharp's API does.</summary>
internal static class ApiFormat
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Aliases = new() {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(char)] = "char", [typeof(short)] = "short",
        [typeof(int)] = "int", [typeof(long)] = "long", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(string)] = "string", [typeof(object)] = "object", [typeof(void)] = "void",
    };

    internal static string Header(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType ? "struct"
            : type.IsAbstract && type.IsSealed ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        string header = $"{kind} {type.Namespace}.{Name(type)}";
        return kind.EndsWith("class", StringComparison.Ordinal) && type.BaseType != typeof(object) ? $"{header} : {Name(type.BaseType!)}" : header;
    }

    internal static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum) {
            foreach (object value in Enum.GetValues(type)) yield return $"{value}={Convert.ToInt64(value, CultureInfo.InvariantCulture)}";
            yield break;
        }
        foreach (var constructor in type.GetConstructors(Declared))
            if (IsVisible(constructor) && !constructor.IsStatic) yield return $"{Protected(constructor)}new({Parameters(constructor.GetParameters())})";
        foreach (var field in type.GetFields(Declared))
            if (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) yield return $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name};";
        foreach (var property in type.GetProperties(Declared)) {
            var accessors = property.GetAccessors(nonPublic: true).Where(IsVisible).ToList();
            if (accessors.Count == 0) continue;
            string get = accessors.Contains(property.GetMethod!) ? "get; " : "";
            string set = property.SetMethod is not null && accessors.Contains(property.SetMethod) ? "set; " : "";
            var indices = property.GetIndexParameters();
            string name = indices.Length > 0 ? $"this[{Parameters(indices)}]" : property.Name;
            yield return $"{Modifiers(accessors[0])}{Name(property.PropertyType)} {name} {{ {get}{set}}}";
        }
        foreach (var method in type.GetMethods(Declared)) {
            if (!IsVisible(method) || (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal))) continue;
            string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
            yield return $"{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method.GetParameters())})";
        }
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Protected(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) => Protected(method)
        + (method.IsStatic ? "static " : method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal ? "virtual " : "");

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string modifier = parameter.IsDefined(typeof(ParamArrayAttribute), false) ? "params "
            : parameter.IsOut ? "out "
            : parameter.ParameterType.IsByRef ? "ref "
            : "";
        return modifier + Name(parameter.ParameterType) + " " + parameter.Name + (parameter.HasDefaultValue ? " = " + Default(parameter) : "");
    }

    private static string Default(ParameterInfo parameter)
    {
        object? value = parameter.RawDefaultValue;
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return value switch {
            null => "null",
            bool flag => flag ? "true" : "false",
            string text => $"\"{text}\"",
            char letter => $"'{letter}'",
            _ when type.IsEnum => $"{type.Name}.{Enum.ToObject(type, value)}",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
    }

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[" + new string(',', type.GetArrayRank() - 1) + "]";
        if (Aliases.TryGetValue(type, out string? alias)) return alias;
        if (type.IsGenericParameter) return type.Name;
        if (Nullable.GetUnderlyingType(type) is Type inner) return Name(inner) + "?";
        var arguments = type.GetGenericArguments();
        if (typeof(ITuple).IsAssignableFrom(type) && type.IsValueType && arguments.Length > 0 && !type.ContainsGenericParameters)
            return $"({string.Join(", ", arguments.Select(Name))})";
        string own = type.Name.Split('`')[0];
        string path = type.DeclaringType is null ? own : $"{Path(type.DeclaringType)}.{own}";
        return arguments.Length == 0 ? path : $"{path}<{string.Join(", ", arguments.Select(Name))}>";
    }

    private static string Path(Type type) => type.DeclaringType is null ? type.Name : $"{Path(type.DeclaringType)}.{type.Name}";
}
