using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Cli.Watching;

/// <summary>Processes of a systemd unit, whatever they use.</summary>
internal static class UnitMembers
{
    /// <summary>
    /// Finds a process of the unit that the filter accepts, by its command and unit alone. Reads cgroup and stat of every process
    /// until it has one. Null without one, or if /proc cannot be listed.
    /// </summary>
    internal static ProcessReport? Find(ProcRoot proc, string unit, Func<ProcessReport, bool> filter)
    {
        try
        {
            foreach (var folder in Directory.EnumerateDirectories(proc.Path))
            {
                if (
                    int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                    && ProcessOwner.TryRead(proc, pid, out var owner)
                    && owner.Membership.Unit == unit
                )
                {
                    var process = new ProcessReport
                    {
                        Pid = pid,
                        StartTimeTicks = (long)owner.StartTime,
                        Command = owner.Command,
                        SystemdUnit = unit,
                        Verdict = Verdict.Unknown,
                    };
                    if (filter(process))
                    {
                        return process;
                    }
                }
            }
        }
        catch (IOException)
        {
            // The next scan fails with the reason.
        }

        return null;
    }
}
