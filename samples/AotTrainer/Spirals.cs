using static TorchSharp.torch;

namespace AotTrainer;

/// <summary>Points on the noisy arms of a spiral, and the arm that each of them is on.</summary>
internal static class Spirals
{
    public const int Arms = 3;

    public static (Tensor Points, Tensor Labels) Create(int pointsPerArm, int seed)
    {
        var random = new Random(seed);
        var (points, labels) = (new List<float>(), new List<long>());
        for (var arm = 0; arm < Arms; arm++)
        {
            for (var i = 0; i < pointsPerArm; i++)
            {
                var radius = (i + 1.0) / pointsPerArm;
                var angle = 2 * Math.PI * arm / Arms + 4 * radius + 0.4 * (random.NextDouble() - 0.5);
                points.AddRange([(float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle))]);
                labels.Add(arm);
            }
        }
        return (tensor(points.ToArray(), [labels.Count, 2]), tensor(labels.ToArray(), [labels.Count]));
    }
}
