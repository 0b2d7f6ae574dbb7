namespace Shampoo.Runtime;

/// <summary>
/// A step began and could not be completed: some of the parameters and of the state are as after it, others as before it. The inner
/// exception says why. What a step finds wrong before it changes anything is never reported by this exception.
/// </summary>
public sealed class IncompleteStepException : Exception
{
    internal IncompleteStepException(long step, int group, Exception cause)
        : base($"Step {step} of group {group} was not completed, and has changed parameters and state in part: load a saved state before going on. {cause.Message}", cause)
    {
    }

    /// <param name="message">What is wrong between the ranks.</param>
    /// <param name="cause">What a collective reported, if that is it.</param>
    internal IncompleteStepException(string message, Exception? cause = null)
        : base($"The step was not completed, and has changed parameters and state in part: load a saved state before going on. {message}", cause)
    {
    }
}
