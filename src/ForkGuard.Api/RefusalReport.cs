using ForkGuard.Api.Constraints;

namespace ForkGuard.Api;

/// <summary>Refusals of one command or cgroup in the kernel's log.</summary>
public sealed record RefusalReport
{
    public OpenEnum<RefusalKind> Kind { get; init; }

    /// <summary>The command, or the path of the cgroup; empty for refusals that the kernel did not log one by one.</summary>
    public string Name
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>Refusals since <see cref="Since"/>.</summary>
    public long Count { get; init; }

    public DateTimeOffset Since { get; init; }
    public DateTimeOffset LastTime { get; init; }

    /// <summary>The thread that was refused last (Memory).</summary>
    public int? LastPid { get; init; }

    /// <summary>The size that was refused last, in bytes (Memory); absent where the kernel does not log it.</summary>
    public long? LastBytes { get; init; }
}
