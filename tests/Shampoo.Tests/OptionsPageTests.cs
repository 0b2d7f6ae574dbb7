using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Shampoo.Tests;

/// <summary>docs/options.md has every option, and says the truth about what is not there yet.</summary>
public sealed class OptionsPageTests
{
    private static readonly string Page = Pages.Text("options.md");

    private static readonly Type[] Public = typeof(RootInverseAttribute).Assembly.GetExportedTypes();

    private static readonly Type[] Attributes = [.. Public.Where(static t => t.IsSubclassOf(typeof(Attribute)))];

    public static TheoryData<string, string[]> Types
    {
        get
        {
            var data = new TheoryData<string, string[]>();
            foreach (Type type in Public)
                data.Add(type.IsEnum ? $"### `{type.Name}`" : $"### `[{Short(type)}]`", Members(type));
            return data;
        }
    }

    public static TheoryData<string> NotYet => [.. Pages.Code(Pages.Section(Page, "## Not yet")!).Where(static code => code.StartsWith('[') && !code.Contains("DDP)"))];

    [Theory, MemberData(nameof(Types))]
    public void EveryTypeHasASectionWithAllOfItsMembers(string heading, string[] members)
    {
        string? section = Pages.Section(Page, heading);
        Assert.True(section is not null, $"There is no heading {heading}");
        Assert.Superset(new HashSet<string>(members), new HashSet<string>(Pages.Code(section)));
    }

    [Theory, MemberData(nameof(NotYet))]
    public void WhatIsNotYetThereIsAnError(string attributes)
    {
        (_, IEnumerable<Diagnostic> diagnostics) = Pages.Compile($"using Shampoo;\n\n{attributes}\npublic sealed partial class Optimizer;\n");
        Assert.Contains("SHMP003", diagnostics.Select(static d => d.Id));
        Assert.DoesNotContain(diagnostics, static d => d is { Severity: DiagnosticSeverity.Error, Id: not "SHMP003" });
    }

    /// <summary>Wherever a declaration is shown.</summary>
    [Fact]
    public void EveryAttributeAndPropertyThatIsNamedExists()
    {
        string[] shown = [.. Pages.Code(Page).Where(static code => code.StartsWith('['))];
        Assert.InRange(shown.Length, 100, 1000);
        foreach (string code in shown)
            foreach (Match attribute in Regex.Matches(code, @"(?:^\[|\), )(\w+)(?:\(([^()]*)\)?)?"))
            {
                Type? type = Attributes.SingleOrDefault(t => Short(t) == attribute.Groups[1].Value);
                Assert.True(type is not null, $"{code} has an attribute that does not exist");
                foreach (Match property in Regex.Matches(attribute.Groups[2].Value, @"(\w+) = "))
                    Assert.True(type.GetProperty(property.Groups[1].Value) is not null, $"{code} has a property that does not exist: {property.Groups[1].Value}");
            }
    }

    /// <summary>The names in the reference trajectories are those of Meta's program, but for what tells them apart.</summary>
    [Fact]
    public void EveryOptionOfTheReferenceTrajectoriesIsMapped()
    {
        var names = new HashSet<string>();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "vectors"), "*.json"))
            if (JsonDocument.Parse(File.ReadAllText(file)).RootElement.TryGetProperty("config", out JsonElement configuration))
                names.UnionWith(Options(configuration));
        Assert.InRange(names.Count, 20, 100);
        names.ExceptWith(["beta1", "beta2", "grafting", "preconditioner", "iterate_averaging", "variant", "type", "solver", "rank_deficient"]);
        Assert.Superset(names, new HashSet<string>(Pages.Code(Pages.Section(Page, "## Coming from another program")!)));
    }

    /// <summary>Its names, and those of the configurations in it. What is said of an order or of a dimension has its number for a name.</summary>
    private static IEnumerable<string> Options(JsonElement configuration) => configuration.ValueKind != JsonValueKind.Object ? []
        : configuration.EnumerateObject().SelectMany(static option => Options(option.Value).Prepend(option.Name)).Where(static name => !name.All(char.IsAsciiDigit));

    private static string[] Members(Type type) => type.IsEnum
        ? Enum.GetNames(type)
        : [.. type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(static m => m is PropertyInfo or FieldInfo).Select(static m => m.Name)];

    private static string Short(Type attribute) => attribute.Name[..^nameof(Attribute).Length];
}
