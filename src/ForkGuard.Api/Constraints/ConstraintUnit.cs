namespace ForkGuard.Api.Constraints;

/// <summary>Unit of <c>used</c>, <c>limit</c> and <c>uncertainty</c> of a constraint.</summary>
public enum ConstraintUnit
{
    Bytes,

    /// <summary>Processes and threads, each thread counted, zombies included.</summary>
    Tasks,

    /// <summary>Process ids, which threads, sessions and process groups hold as well.</summary>
    Pids,
}
