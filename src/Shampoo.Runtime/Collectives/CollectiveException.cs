namespace Shampoo.Runtime;

/// <summary>A collective that failed, or could not be begun. Its group cannot be used any more, unless its engine was never there.</summary>
public sealed class CollectiveException : Exception
{
    internal CollectiveException(int rank, string operation, string problem, string advice)
        : base($"Rank {rank}, {operation}: {problem}. {advice}.")
    {
        Rank = rank;
        Operation = operation;
        Advice = advice;
    }

    /// <summary>The rank, in its group, that reports this.</summary>
    public int Rank { get; }

    /// <summary>What was called, such as <c>all_reduce (Sum) of 12 Float32</c>.</summary>
    public string Operation { get; }

    /// <summary>What can be done.</summary>
    public string Advice { get; }
}
