namespace Shampoo.Runtime;

/// <summary>A collective with its arguments.</summary>
internal sealed class CollectiveCall(CollectiveKind kind)
{
    public CollectiveKind Kind => kind;

    /// <summary>What is received; for all_reduce and broadcast the tensor itself.</summary>
    public Tensor? Output { get; init; }

    public Tensor? Input { get; init; }

    /// <summary>The elements received from every rank.</summary>
    public long[] OutputCounts { get; init; } = [];

    /// <summary>The elements sent to every rank.</summary>
    public long[] InputCounts { get; init; } = [];

    public ReduceOp Op { get; init; }

    public int Source { get; init; }

    /// <summary>The colour of a split.</summary>
    public int Colour { get; init; }

    /// <summary>The dtype of all tensors; once they are checked.</summary>
    public ScalarType Type => Output is null ? ScalarType.Byte : Output.dtype;

    /// <summary>Whether the reduction is carried in float32, and rounded at its end.</summary>
    public bool IsWidened => Type is ScalarType.BFloat16 or ScalarType.Float16;

    public CollectiveSignature Signature => new(kind, Type, Count, Op, Source, kind == CollectiveKind.AllToAll ? 0 : CollectiveSignature.HashOf(Parts), false);

    private long[] Parts => kind == CollectiveKind.ReduceScatter ? InputCounts : OutputCounts;

    private long Count => kind switch
    {
        CollectiveKind.AllGather or CollectiveKind.ReduceScatter => Input!.numel(),
        CollectiveKind.AllGatherParts or CollectiveKind.AllReduce or CollectiveKind.Broadcast => Output!.numel(),
        _ => 0,
    };

    /// <summary>
    /// A number whose sum over all ranks is 0 where everyone sends what the others expect: each pair of ranks has a factor, by which the
    /// sender's count is added and the receiver's subtracted. Wraps around.
    /// </summary>
    public long Balance(int rank)
    {
        long balance = 0;
        for (var other = 0; kind == CollectiveKind.AllToAll && other < InputCounts.Length; other++)
        {
            balance += CollectiveSignature.HashOf([rank, other]) * InputCounts[other];
            balance -= CollectiveSignature.HashOf([other, rank]) * OutputCounts[other];
        }
        return balance;
    }

    /// <summary>Finds what is wrong with the arguments on this rank alone.</summary>
    /// <param name="group">The group.</param>
    /// <param name="misplaced">Says why a tensor is not where the engine needs it; null if it is.</param>
    /// <returns>A sentence without a full stop; null if all is well.</returns>
    public string? Problem(ProcessGroup group, Func<Tensor, string?> misplaced) =>
        kind switch
        {
            CollectiveKind.Barrier => null,
            CollectiveKind.Split => Colour < 0 ? $"colour is {Colour}; it must be 0 or more" : null,
            CollectiveKind.AllReduce or CollectiveKind.Broadcast => ProblemOf(Output, "tensor", misplaced) ?? ProblemOfNumbers(group),
            _ => ProblemOf(Output, "output", misplaced) ?? ProblemOf(Input, "input", misplaced) ?? ProblemOfPair(group) ?? ProblemOfNumbers(group),
        };

    private static string? ProblemOf(Tensor? tensor, string name, Func<Tensor, string?> misplaced) => tensor switch
    {
        null => $"{name} is null",
        { is_sparse: true } => $"{name} is sparse; collectives take dense tensors",
        _ when !IsSupported(tensor.dtype) => $"{name} is {tensor.dtype}; collectives take Float32, Float64, BFloat16, Float16, Int8, Byte, Int32 and Int64",
        _ when misplaced(tensor) is { } reason => $"{name} {reason}",
        _ when !tensor.is_contiguous() => $"{name} is not contiguous: shape ({string.Join(", ", tensor.shape)}), strides ({string.Join(", ", tensor.stride())})",
        _ => null,
    };

    private string? ProblemOfPair(ProcessGroup group)
    {
        if (Output!.dtype != Input!.dtype)
            return $"output is {Output.dtype}, input {Input.dtype}; they must be the same";
        return kind switch
        {
            CollectiveKind.AllGather => Elements("output", Output, group.Size * Input.numel(), $"{group.Size} ranks times the {Input.numel()} of input"),
            CollectiveKind.AllGatherParts =>
                ProblemOfCounts("counts", OutputCounts, group)
                ?? Elements("output", Output, OutputCounts.Sum(), "the sum of counts")
                ?? Elements("input", Input, OutputCounts[group.Rank], $"counts[{group.Rank}]"),
            CollectiveKind.ReduceScatter =>
                ProblemOfCounts("counts", InputCounts, group)
                ?? Elements("input", Input, InputCounts.Sum(), "the sum of counts")
                ?? Elements("output", Output, InputCounts[group.Rank], $"counts[{group.Rank}]"),
            _ =>
                ProblemOfCounts("outputCounts", OutputCounts, group)
                ?? ProblemOfCounts("inputCounts", InputCounts, group)
                ?? Elements("output", Output, OutputCounts.Sum(), "the sum of outputCounts")
                ?? Elements("input", Input, InputCounts.Sum(), "the sum of inputCounts"),
        } ?? ProblemOfMemory(group);
    }

    // Input may be this rank's part of the output, or the other way around; nothing else may share memory.
    private string? ProblemOfMemory(ProcessGroup group)
    {
        var (output, input) = (new Span(Output!), new Span(Input!));
        if (!output.Meets(input))
            return null;
        var isOwnPart = kind switch
        {
            CollectiveKind.AllGather => input.Start == output.At(group.Rank * Input!.numel()),
            CollectiveKind.AllGatherParts => input.Start == output.At(OutputCounts.Take(group.Rank).Sum()),
            CollectiveKind.ReduceScatter => output.Start == input.At(InputCounts.Take(group.Rank).Sum()),
            _ => false,
        };
        return isOwnPart ? null : "input and output share memory, and not as this rank's part of the whole";
    }

    private string? ProblemOfNumbers(ProcessGroup group)
    {
        if (kind == CollectiveKind.Broadcast && (Source < 0 || Source >= group.Size))
            return $"source is {Source}; it must be a rank of the group, from 0 to {group.Size - 1}";
        if (kind is CollectiveKind.AllReduce or CollectiveKind.ReduceScatter && !Enum.IsDefined(Op))
            return $"op is {Op}; it must be Sum, Average, Max or Min";
        if (Op == ReduceOp.Average && Type is ScalarType.Int8 or ScalarType.Byte or ScalarType.Int32 or ScalarType.Int64)
            return $"there is no average of {Type}; reduce the sum, or convert to a floating-point dtype";
        return null;
    }

    private static string? ProblemOfCounts(string name, long[] counts, ProcessGroup group) =>
        counts.Length != group.Size ? $"{name} has {counts.Length} numbers for {group.Size} ranks"
        : counts.Any(count => count < 0) ? $"{name} contains {counts.Min()}; no count may be negative"
        : null;

    private static string? Elements(string name, Tensor tensor, long expected, string because) =>
        tensor.numel() == expected ? null : $"{name} has {tensor.numel()} elements and must have {expected}, {because}";

    private static bool IsSupported(ScalarType type) => type
        is ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16 or ScalarType.Float16
        or ScalarType.Int8 or ScalarType.Byte or ScalarType.Int32 or ScalarType.Int64;

    /// <summary>The memory of a contiguous tensor.</summary>
    private readonly struct Span(Tensor tensor)
    {
        private readonly long _elementSize = tensor.element_size();

        public nint Start { get; } = CollectiveMemory.Address(tensor);

        private nint End { get; } = CollectiveMemory.Address(tensor) + (nint)(tensor.numel() * tensor.element_size());

        public nint At(long element) => Start + (nint)(element * _elementSize);

        public bool Meets(in Span other) => Start < End && other.Start < other.End && Start < other.End && other.Start < End;
    }
}
