using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Cli.Checking;

/// <summary>One process, read once for every constraint.</summary>
internal sealed record ProcessCheck
{
    /// <summary>Every constraint that applies, worst first, whatever its percentage.</summary>
    internal required ProcessReport Report { get; init; }

    /// <summary>Gone: nothing else is known. NoAddressSpace: a zombie or a kernel thread, which never forks.</summary>
    internal required ReadStatus Status { get; init; }

    /// <summary>The accounting of memory, as it was read.</summary>
    internal ProcessReading Accounting { get; init; }

    /// <summary>How far the verdict can be trusted; null without one.</summary>
    internal Confidence? Confidence { get; init; }

    /// <summary>Reason for which the accounting of memory could only be bounded, or nothing could be read; null if all was read.</summary>
    internal string? Problem { get; init; }

    /// <summary>The scheduling policy of every thread refuses a fork: the sentence that reports it; otherwise null.</summary>
    internal string? RefusedByPolicy { get; init; }

    /// <summary>Time that a fork stops the process, an estimate; null if its memory could not be read.</summary>
    internal ForkTime? ForkTime { get; init; }

    /// <summary>Full sentences, the least intrusive remedy first; empty below the warning level.</summary>
    internal IReadOnlyList<string> Advice { get; init; } = [];

    /// <summary>Full sentences for a process that saves by forking; null where a save fits in any case, or nothing is known.</summary>
    internal string? SaveAdvice { get; init; }

    internal bool Exists => Status != ReadStatus.Gone;
}
