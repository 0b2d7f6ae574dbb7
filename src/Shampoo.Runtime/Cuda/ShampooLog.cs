namespace Shampoo.Runtime;

/// <summary>Where the library says what it cannot throw: that something goes another way than expected.</summary>
public static class ShampooLog
{
    /// <summary>Takes one line of text, without its end; called from any thread. Standard error, unless it is set.</summary>
    public static Action<string> Warning { get; set; } = static line => Console.Error.WriteLine("Shampoo: " + line);
}
