namespace Shampoo.Runtime.Tests;

public sealed class FullPrecisionTests : IDisposable
{
    private readonly bool _before = Allowed;

    private static bool Allowed
    {
        get => torch.backends.cuda.matmul.allow_tf32;
        set => torch.backends.cuda.matmul.allow_tf32 = value;
    }

    public void Dispose() => Allowed = _before;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Products_are_not_rounded_until_it_is_disposed(bool before)
    {
        Allowed = before;
        using (FullPrecision.ForAll())
            Assert.False(Allowed);
        Assert.Equal(before, Allowed);
    }

    [Fact]
    public void The_last_user_gives_the_setting_back()
    {
        Allowed = true;
        var first = FullPrecision.ForAll();
        var second = FullPrecision.ForAll();
        first.Dispose();
        Assert.False(Allowed);
        second.Dispose();
        Assert.True(Allowed);
    }

    [Fact]
    public void The_setting_is_given_back_after_an_exception()
    {
        Allowed = true;
        Assert.Throws<InvalidOperationException>((Action)Fail);
        Assert.True(Allowed);

        static void Fail()
        {
            using var precision = FullPrecision.ForAll();
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void Nothing_changes_for_the_CPU()
    {
        Allowed = true;
        using var matrices = torch.zeros(1, 2, 2);
        using var precision = FullPrecision.For(matrices);
        Assert.True(Allowed);
    }
}
