using Shampoo.Runtime;

namespace Shampoo.Tests.Updates;

public sealed class ThreadTests
{
    /// <summary>Sweeps, products and refreshes are cut by shapes alone.</summary>
    [Fact]
    public void NumbersDoNotDependOnTheNumberOfThreads() => Assert.Equal(Train(threads: 1), Train(threads: 3));

    private static double[] Train(int threads)
    {
        int before = ShampooThreads.Count;
        ShampooThreads.Count = threads;
        try
        {
            using var model = new Model([[300, 7], [40, 30], [300, 7], [2, 3, 4], [17], [9, 9]]);
            using var optimizer = new Everything(model.Parameters, lr: 0.01, epsilon: 1e-6);
            for (int step = 0; step < 6; step++)
            {
                model.NewGradients();
                optimizer.step();
            }
            return model.Values();
        }
        finally
        {
            ShampooThreads.Count = before;
        }
    }
}
