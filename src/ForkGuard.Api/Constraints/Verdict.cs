namespace ForkGuard.Api.Constraints;

/// <summary>Ability of a process to fork now.</summary>
public enum Verdict
{
    /// <summary>A source that could refuse was not readable, and its bound does not exclude a refusal.</summary>
    Unknown,

    CanFork,

    /// <summary>At least one constraint refuses a fork now.</summary>
    CannotFork,

    /// <summary>A zombie or a kernel thread, which never forks.</summary>
    NotApplicable,
}
