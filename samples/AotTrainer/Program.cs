// Trains a small network for 200 steps and prints what a compiler could have changed: the loss every 20 steps with all
// of its digits, and a checksum of the parameters. Ahead of time or not, the output is the same.

using System.Globalization;
using System.Security.Cryptography;
using AotTrainer;
using TorchSharp;
using static TorchSharp.torch;

const int steps = 200;

set_num_threads(1);
manual_seed(1);
var (points, labels) = Spirals.Create(pointsPerArm: 100, seed: 1);
using var network = new Network();
using var optimizer = new SpiralShampoo(network.named_parameters(), lr: 0.01);
var schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max: steps);

for (var step = 1; step <= steps; step++)
{
    var loss = Step();
    schedule.step();
    if (step % 20 == 0)
        Console.WriteLine($"step {step}: loss {loss.ToString("R", CultureInfo.InvariantCulture)}");
}
Console.WriteLine($"accuracy: {Accuracy()} of {labels.numel()}");
Console.WriteLine($"parameters: {Checksum()}");

float Step()
{
    using var scope = NewDisposeScope();
    var loss = nn.functional.cross_entropy(network.call(points), labels);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss.item<float>();
}

long Accuracy()
{
    using var scope = NewDisposeScope();
    return network.call(points).argmax(1).eq(labels).sum().item<long>();
}

string Checksum()
{
    using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    foreach (var (name, parameter) in network.named_parameters())
        hash.AppendData(parameter.bytes);
    return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
}
