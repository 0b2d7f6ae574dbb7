using System.Reflection;
using Shampoo.Ranks;

// mpirun -n K dotnet Shampoo.Ranks.dll [SCENARIO…]    runs them all, or some, on K ranks: a line "passed NAME" or "FAILED NAME …" for each
// dotnet Shampoo.Ranks.dll --ending                   the names of those that need processes of their own
// dotnet Shampoo.Ranks.dll --gpus                     how many GPUs torch sees
// On GPUs all are those that run anywhere or need one.
var scenarios = Assembly.GetExecutingAssembly().GetTypes()
    .Where(type => type.IsSubclassOf(typeof(Scenario)) && !type.IsAbstract)
    .Select(type => (Scenario)Activator.CreateInstance(type)!)
    .OrderBy(scenario => scenario.Name, StringComparer.Ordinal)
    .ToArray();
if (args is ["--ending"])
{
    Array.ForEach(scenarios, scenario => { if (scenario.EndsProcesses) Console.WriteLine(scenario.Name); });
    return 0;
}
if (args is ["--gpus"])
{
    Console.WriteLine(torch.cuda.is_available() ? torch.cuda.device_count() : 0);
    return 0;
}
if (args.Except(scenarios.Select(scenario => scenario.Name)).FirstOrDefault() is { } unknown)
{
    Console.WriteLine($"FAILED {unknown}: there is no such scenario");
    return 1;
}
var world = ProcessGroup.World;
Data.Device = world.Device;
foreach (var scenario in scenarios)
{
    if (args.Length == 0 ? scenario.EndsProcesses || !IsHere(scenario) : !args.Contains(scenario.Name))
        continue;
    if (world.Size < scenario.FewestRanks || world.Size > scenario.MostRanks)
        continue;
    try
    {
        scenario.Run(world);
        if (!scenario.EndsProcesses)
            world.barrier();
    }
    catch (Exception exception)
    {
        // The other ranks may be anywhere; mpirun ends them.
        Console.WriteLine($"FAILED {scenario.Name} on rank {world.Rank} of {world.Size}: {exception}");
        return 1;
    }
    if (world.Rank == 0)
        Console.WriteLine($"passed {scenario.Name}");
}
return 0;

bool IsHere(Scenario scenario) => world.Device.type == DeviceType.CPU ? !scenario.NeedsGpu : scenario.RunsAnywhere || scenario.NeedsGpu;
