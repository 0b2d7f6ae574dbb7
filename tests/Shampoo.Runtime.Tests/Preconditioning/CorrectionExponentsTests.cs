namespace Shampoo.Runtime.Tests;

public sealed class CorrectionExponentsTests
{
    [Fact]
    public void Are_the_usual_one_where_nothing_else_is_said_of_an_order()
    {
        var usual = new CorrectionExponents(0.75);
        var exponents = usual.Override(1, 0.25).Override(2, 1).Override(2, 2);

        Assert.Equal([0.25, 0.25, 2, 0.75], [exponents.Of(0), exponents.Of(1), exponents.Of(2), exponents.Of(3)]);
        Assert.Equal(0.75, usual.Of(2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Have_to_be_positive(double exponent)
    {
        Assert.Equal("exponent", Assert.Throws<ArgumentOutOfRangeException>(() => new CorrectionExponents(exponent)).ParamName);
        Assert.Equal("exponent", Assert.Throws<ArgumentOutOfRangeException>(() => new CorrectionExponents(0.5).Override(1, exponent)).ParamName);
        Assert.Equal("order", Assert.Throws<ArgumentOutOfRangeException>(static () => new CorrectionExponents(0.5).Override(0, 1)).ParamName);
    }
}
