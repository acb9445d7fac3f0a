using System.Text;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Explains a pids limit: zombies that use it up, who should have reaped them, and forks that the kernel refused.
/// </summary>
/// <param name="Zombies">Ended processes of the limiting cgroup that nobody has reaped.</param>
/// <param name="ParentPid">Process that has the most of them as children; 0 without zombies.</param>
/// <param name="ParentCommand">The kernel's name of that process, decoded as UTF-8; it may hold any character.</param>
/// <param name="Refused">
/// Forks that the kernel refused for the limit since the cgroup exists; null if they cannot be counted.
/// </param>
public sealed record PidsDetail(int Zombies, int ParentPid, string ParentCommand, ulong? Refused)
{
    /// <summary>
    /// Reads the detail of a reading. Null for another constraint. Reads the stat of every process of the machine, once a scan,
    /// and all cgroups below the limiting one.
    /// </summary>
    public static PidsDetail? Read(ScanContext context, ProcessFacts facts, in ConstraintReading reading)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(facts);
        return reading.Type == ConstraintType.Pids && FindLimiting(facts, reading.ScopeName) is { } limiting
            ? ReadZombies(context, limiting) with
            {
                Refused = RefusedForks.Count(limiting),
            }
            : null;
    }

    /// <summary>Returns the cgroup of the process, or the one above it, that a reading names; null without one.</summary>
    public static Cgroup? FindLimiting(ProcessFacts facts, string scopeName)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var cgroup = facts.Pids.Cgroup;
        while (cgroup is not null && cgroup.Path != scopeName)
        {
            cgroup = cgroup.Parent;
        }

        return cgroup;
    }

    /// <summary>Reads the zombies alone. All cgroups of a scan take one read of the stat of every process.</summary>
    public static PidsDetail ReadZombies(ScanContext context, Cgroup limiting)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(limiting);
        var byParent = context.Zombies.Count(limiting);
        var (zombies, parent, most) = (0, 0, 0);
        foreach (var (pid, count) in byParent)
        {
            zombies += count;
            if (count > most)
            {
                (parent, most) = (pid, count);
            }
        }

        return new PidsDetail(zombies, parent, CommandOf(context.Proc, parent), Refused: null);
    }

    private static string CommandOf(ProcRoot proc, int pid)
    {
        Span<byte> buffer = stackalloc byte[1024];
        return
            pid > 0
            && proc.TryRead(pid, "stat"u8, buffer, out var text) == ReadStatus.Ok
            && ProcessStat.TryParse(text, out var stat)
            ? Encoding.UTF8.GetString(stat.Command)
            : "";
    }
}
