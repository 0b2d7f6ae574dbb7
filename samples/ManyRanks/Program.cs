using Shampoo;
using Shampoo.Runtime;
using TorchSharp;
using static TorchSharp.torch;

var world = ProcessGroup.init_process_group();          // all processes that mpirun has started; this one alone without it
using var model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)).to(world.Device);
using var parallel = new DistributedDataParallel(model); // from here on all processes have the weights of the first
using var optimizer = new ManyShampoo(model.named_parameters(), lr: 0.01);

for (var step = 1; step <= 100; step++)
{
    using var scope = NewDisposeScope();
    var (images, labels) = Batch(step);
    var loss = nn.functional.cross_entropy(model.call(images), labels);
    optimizer.zero_grad();
    parallel.backward(loss);                             // loss.backward(), and the mean of all processes' gradients
    optimizer.step();
    if (world.Rank == 0 && step % 20 == 0)
        Console.WriteLine($"step {step}: loss {loss.item<float>():0.000}");
}

Directory.CreateDirectory("out");
optimizer.save_checkpoint("out/optimizer.safetensors");  // all processes together: each has a part of the state
if (world.Rank == 0)
    model.save("out/model.dat");

// This process's part of a batch: 32 examples that no other process has. What is to be learnt is which of ten numbers is the largest.
(Tensor Images, Tensor Labels) Batch(int step)
{
    manual_seed(step * world.Size + world.Rank);
    var images = randn([32, 64], device: world.Device);
    return (images, images.narrow(1, 0, 10).argmax(1));
}

/// <summary>Shampoo, with its state and work divided among the processes.</summary>
[Grafting(GraftingMethod.Adam)]
[RootInverse(Solver.Eigh)]
[FirstMoment]
[Distributed(Parallelism.DDP)]
public sealed partial class ManyShampoo;
