using ForkGuard.Api;

namespace ForkGuard.Policy.Messages;

/// <summary>Processes that end with the one that an OOM kill chooses (memory.oom.group of cgroup v2).</summary>
public static class OomKillText
{
    /// <summary>A clause; null where only the chosen process ends, or nothing is known.</summary>
    public static string? Of(ProcessReport? process) =>
        process?.Snapshot?.KillsContainer != true ? null
        : process.Pod is null ? "an OOM kill ends all processes of its cgroup (memory.oom.group)"
        : "an OOM kill ends the whole container (memory.oom.group)";
}
