namespace Shampoo.Runtime.Tests;

public sealed class InverseExponentsTests
{
    [Fact]
    public void Are_one_over_twice_the_order()
    {
        var exponents = new InverseExponents();

        Assert.Equal(.5, exponents.Of(1, 0));
        Assert.Equal(.25, exponents.Of(2, 1));
        Assert.Equal(1.0 / 6, exponents.Of(3, 2));
    }

    [Fact]
    public void Prefer_what_is_said_of_one_dimension_in_either_order()
    {
        var first = new InverseExponents().Override(order: 2, dimension: 0, exponent: .5).Override(order: 2, exponent: .125);
        var last = new InverseExponents().Override(order: 2, exponent: .125).Override(order: 2, dimension: 0, exponent: .5);

        foreach (var exponents in (InverseExponents[])[first, last])
        {
            Assert.Equal([.5, .125], [exponents.Of(2, 0), exponents.Of(2, 1)]);
            Assert.Equal([.5, 1.0 / 6], [exponents.Of(1, 0), exponents.Of(3, 0)]);
        }
    }

    [Fact]
    public void Multiply_all_of_them()
    {
        var exponents = new InverseExponents(multiplier: 1.82).Override(2, 0.5).Override(2, 1, 0);

        Assert.Equal([.91, 0, .91], [exponents.Of(2, 0), exponents.Of(2, 1), exponents.Of(1, 0)]);
    }

    [Fact]
    public void Do_not_change()
    {
        var exponents = new InverseExponents();
        exponents.Override(2, .5);

        Assert.Equal(.25, exponents.Of(2, 0));
    }

    [Fact]
    public void Refuse_what_is_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new InverseExponents(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InverseExponents(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InverseExponents().Override(0, .5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InverseExponents().Override(2, -.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InverseExponents().Override(2, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InverseExponents().Override(2, 2, .5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InverseExponents().Override(2, -1, .5));
    }

    [Fact]
    public void Ignored_dimensions_are_those_of_one_order()
    {
        var none = new IgnoredDimensions();
        var ignored = none.Ignore(2, 0).Ignore(3, 1, 2);

        Assert.True(ignored.Contains(2, 0) && ignored.Contains(3, 1) && ignored.Contains(3, 2));
        Assert.False(ignored.Contains(2, 1) || ignored.Contains(1, 0) || ignored.Contains(3, 0) || none.Contains(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => none.Ignore(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => none.Ignore(2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => none.Ignore(2, -1));
    }
}
