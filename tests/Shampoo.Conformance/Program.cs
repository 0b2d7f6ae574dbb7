using Shampoo.Conformance;

if (args is [var folder])
    return Report.Write(folder, Console.Out, Console.Error);
Console.Error.WriteLine("usage: Shampoo.Conformance FOLDER    a folder of reference trajectories, with its problem.json");
return 2;
