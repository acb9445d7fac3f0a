namespace ForkGuard.ControllerLoad;

/// <summary>The goals of a run, all of which may be met.</summary>
internal sealed class Goals
{
    internal bool AreMet { get; private set; } = true;

    /// <summary>The word for the last column.</summary>
    /// <param name="measured">Value of this run.</param>
    /// <param name="most">The largest that meets the goal.</param>
    internal string Of(double measured, double most)
    {
        AreMet &= measured <= most;
        return measured <= most ? "met" : "**missed**";
    }
}
