namespace Shampoo.Runtime.Tests;

public sealed class IterateAverageTests
{
    [Fact]
    public void Shares_of_equal_weights_are_those_of_a_mean()
    {
        foreach (var weight in (double[])[1, 1e-4, 1e-30, 1e-42, 1e-100]) // of which the last two are no normal numbers of float32
        {
            var average = new IterateAverage();
            for (var t = 1; t <= 4; t++)
                Assert.Equal(1.0 / t, average.Add(weight), 1e-7);
        }
    }

    [Fact]
    public void Iterates_without_weight_have_no_share()
    {
        var average = new IterateAverage();

        Assert.Equal(0, average.Add(0));
        Assert.Equal(1, average.Add(1e-60));
        Assert.Equal(0, average.Add(0));
    }
}
