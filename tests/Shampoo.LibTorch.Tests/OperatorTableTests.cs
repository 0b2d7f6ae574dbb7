using System.Reflection;
using Shampoo.LibTorch.Native;

namespace Shampoo.LibTorch.Tests;

public class OperatorTableTests
{
    /// <summary>Operators that only later versions than the oldest supported one have; there is another way for the others.</summary>
    private static readonly string[] Newer = ["scaled_dot_product_attention"];

    [Fact]
    public void The_installed_libtorch_has_every_operator()
    {
        var missing = Table().Where(o => !Newer.Contains(o.Name) && !o.Exists).Select(o => $"{o.Name}.{o.Overload}");
        Assert.Empty(missing);
    }

    [Fact]
    public void A_name_that_is_no_operator_is_an_error_that_names_it()
    {
        var none = new Operator("no_such_operator");
        Assert.False(none.Exists);
        var error = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => none.Call(1L));
        Assert.Contains("no_such_operator", error.Message);
    }

    [Fact]
    public void Too_few_and_too_many_arguments_are_errors()
    {
        using var a = ones(2);
        var add = new Operator("add", "Tensor");
        Assert.Contains("other", Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => add.Call(a)).Message);
        Assert.Contains("too many", Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => add.Call(a, a, 1L, 1L)).Message);
    }

    [Fact]
    public void Long_lists_and_strings_leave_the_stack()
    {
        var many = Enumerable.Range(0, 500).Select(i => tensor((double)i)).ToArray();
        using var stacked = stack(many);
        Values.Near(Enumerable.Range(0, 500).Select(i => (double)i).ToArray(), stacked);
        using var split = cat([.. stacked.split([.. Enumerable.Repeat(1L, 500)])]);
        Values.Near(stacked, split);
    }

    private static IEnumerable<Operator> Table() => typeof(Aten).GetFields(BindingFlags.Static | BindingFlags.NonPublic)
        .Where(f => f.FieldType == typeof(Operator)).Select(f => (Operator)f.GetValue(null)!);
}
