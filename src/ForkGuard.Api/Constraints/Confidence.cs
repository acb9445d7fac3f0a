namespace ForkGuard.Api.Constraints;

/// <summary>How far the numbers of a constraint can be trusted.</summary>
public enum Confidence
{
    /// <summary>Read from what the kernel itself compares, and the kernel does just this.</summary>
    Exact,

    /// <summary>The rule depends on the moment or on values that cannot be read; the uncertainty is given where it is known.</summary>
    Estimate,

    /// <summary><c>used</c> is an upper bound: it proves that a fork succeeds, never that one is refused.</summary>
    UpperBound,
}
