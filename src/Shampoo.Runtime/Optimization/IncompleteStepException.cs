namespace Shampoo.Runtime;

/// <summary>
/// A step began and could not be completed: some of the parameters and of the state are as after it, others as before it. The inner
/// exception says why. What a step finds wrong before it changes anything is never reported by this exception.
/// </summary>
/// <remarks>NaN and infinity in gradients on a GPU are found when the step with them is over: parameters and state may contain them.</remarks>
public sealed class IncompleteStepException : Exception
{
    internal IncompleteStepException(long step, int group, Exception cause)
        : base($"Step {step} of group {group} was not completed, and has changed parameters and state in part: load a saved state before going on. {cause.Message}", cause)
    {
    }

    private IncompleteStepException(string message, Exception? cause) : base(message, cause)
    {
    }

    /// <summary>Of ranks that could not complete a step together.</summary>
    /// <param name="message">What is wrong between them.</param>
    /// <param name="cause">What a collective reported, if that is it.</param>
    internal static IncompleteStepException OfRanks(string message, Exception? cause = null) =>
        new($"The step was not completed, and has changed parameters and state in part: load a saved state before going on. {message}", cause);

    /// <summary>Of gradients whose device reported after their step that they contained NaN or infinity.</summary>
    internal static IncompleteStepException NonFiniteGradients(long step, int group, string[] parameters)
    {
        var found = $"The gradient of {string.Join(", ", parameters)} contained NaN or infinity in step {step} of group {group}.";
        return new(
            $"{found} Its device reported it after that step, so that parameters and state may contain it: load a saved state before going on.",
            new NotFiniteNumberException(found));
    }
}
