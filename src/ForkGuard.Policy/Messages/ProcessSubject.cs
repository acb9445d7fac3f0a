using ForkGuard.Api;

namespace ForkGuard.Policy.Messages;

/// <summary>The process of an announcement, as an Event on its pod or node names it.</summary>
public static class ProcessSubject
{
    /// <summary>Such as <c>container redis, redis-server (pid 4711 on node-1)</c>, with the number of equal processes.</summary>
    /// <param name="process">The worst process of the target; null for a constraint that the whole node shares.</param>
    /// <param name="node">The node; null on a single machine.</param>
    public static string Of(ProcessReport? process, string? node)
    {
        if (process is null)
        {
            return node is null ? "this machine" : $"node {node}";
        }

        var command = PrintableText.Escape(process.Command);
        var place = node is null ? "" : $" on {node}";
        var pid =
            process.Pid <= 0 ? ""
            : process.ProcessCount > 1 ? $" ({process.ProcessCount} processes, the worst has pid {process.Pid}{place})"
            : $" (pid {process.Pid}{place})";
        var owner =
            process.Container is { } container
                ? $"container {PrintableText.Escape(container.Name ?? container.Id ?? "")}, "
            : process.SystemdUnit is { } unit ? $"{PrintableText.Escape(unit)}, "
            : "";
        return $"{owner}{command}{pid}";
    }
}
