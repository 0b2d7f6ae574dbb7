namespace Digits;

/// <summary>What the command line can change.</summary>
internal sealed record Settings(
    int Epochs, int BatchSize, double ShampooLearningRate, double AdamWLearningRate, int Networks, int Seed, int Threads, int Ranks, FileInfo Output)
{
    /// <summary>The share of the test images that Shampoo has to recognise in the end.</summary>
    public const double TargetAccuracy = 0.97;
}
