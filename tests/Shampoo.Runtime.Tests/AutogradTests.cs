using System.Runtime.InteropServices;

namespace Shampoo.Runtime.Tests;

public sealed class AutogradTests
{
    public static TheoryData<long[], bool> Shapes => new()
    {
        { [], true },
        { [4], true },
        { [4, 3], true },
        { [4, 3], false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Tells_autograd_that_a_parameter_has_changed(long[] shape, bool usesMemory)
    {
        var parameter = Data.Parameter(1, shape);
        using var optimizer = new HandWrittenShampoo([parameter], new Settings(MaxDimension: 2), new(UsesMemory: usesMemory));

        for (var step = 0; step < 3; step++)
        {
            using var loss = Squares(parameter);
            loss.backward(retain_graph: true);
            optimizer.step();
            Assert.Contains("modified by an inplace operation", Assert.Throws<ExternalException>(() => loss.backward()).Message);
        }
    }

    [Fact]
    public void Tells_autograd_nothing_of_a_parameter_that_has_not_changed()
    {
        var (changed, other) = (Data.Parameter(1, 4, 3), Data.Parameter(2, 4, 3));
        using var optimizer = new HandWrittenShampoo([changed, other]);
        using var loss = Squares(other);
        Data.SetGradient(changed, Data.Normal(3, 12));

        optimizer.step();

        loss.backward();
        Assert.NotNull(other.grad);
    }

    [Fact]
    public void Leaves_the_parameter_as_it_is()
    {
        var parameter = Data.Parameter(1, 4, 3);
        using var optimizer = new HandWrittenShampoo([parameter]);
        Data.SetGradient(parameter, Data.Normal(3, 12));

        optimizer.step();

        Assert.True(parameter.requires_grad);
        Assert.True(parameter.is_leaf);
        Assert.Equal([4, 3], parameter.shape);
    }

    private static Tensor Squares(Parameter parameter)
    {
        using var squares = parameter.mul(parameter);
        return squares.sum();
    }
}
