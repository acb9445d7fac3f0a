using ForkGuard.Api;

namespace ForkGuard.Policy.Matching;

/// <summary>Compares a process that belongs to no pod with what a watch asks for.</summary>
public static class HostProcesses
{
    /// <summary>It is of one of the units or has one of the commands; a selector with neither matches all.</summary>
    /// <param name="selector">The watch's <c>hostProcesses</c>.</param>
    /// <param name="unit">The process's systemd unit; null if it has none.</param>
    /// <param name="command">The kernel's name of it.</param>
    public static bool Match(HostProcessSelector selector, string? unit, string command)
    {
        ArgumentNullException.ThrowIfNull(selector);
        var units = selector.Units ?? [];
        var commands = selector.Commands ?? [];
        return (units.Count == 0 && commands.Count == 0)
            || (unit is not null && units.Contains(unit, StringComparer.Ordinal))
            || commands.Any(wanted => CommandName.IsSame(wanted, command));
    }
}
