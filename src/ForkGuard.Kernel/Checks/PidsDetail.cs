using System.Text;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Explains a pids limit: zombies that use it up, who should have reaped them, and forks that the kernel refused.
/// </summary>
/// <param name="Zombies">Ended processes of the limiting cgroup that nobody has reaped.</param>
/// <param name="ParentPid">Process that has the most of them as children; 0 without zombies.</param>
/// <param name="ParentCommand">The kernel's name of that process, decoded as UTF-8; it may hold any character.</param>
/// <param name="Refused">
/// Forks that the kernel refused for the limit since the cgroup exists, by <c>max</c> of pids.events; null if it cannot
/// be read.
/// </param>
public sealed record PidsDetail(int Zombies, int ParentPid, string ParentCommand, ulong? Refused)
{
    private const int MaxEventsBytes = 256;

    private static readonly CgroupFile Events = new("pids.events");

    /// <summary>
    /// Reads the detail of a reading. Null for another constraint. Reads the stat of every process of the machine.
    /// </summary>
    public static PidsDetail? Read(ScanContext context, ProcessFacts facts, in ConstraintReading reading)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(facts);
        if (reading.Type != ConstraintType.Pids || FindLimiting(facts, reading) is not { } limiting)
        {
            return null;
        }

        var byParent = new ZombieSurvey(context).Count(limiting);
        var (zombies, parent, most) = (0, 0, 0);
        foreach (var (pid, count) in byParent)
        {
            zombies += count;
            if (count > most)
            {
                (parent, most) = (pid, count);
            }
        }

        return new PidsDetail(zombies, parent, CommandOf(context.Proc, parent), ReadRefused(facts, limiting));
    }

    private static Cgroup? FindLimiting(ProcessFacts facts, in ConstraintReading reading)
    {
        var cgroup = facts.Pids.Cgroup;
        while (cgroup is not null && cgroup.Path != reading.ScopeName)
        {
            cgroup = cgroup.Parent;
        }

        return cgroup;
    }

    // Before 6.11 and on v1 the forking cgroup counts a refusal, from 6.11 on v2 the limiting one and its ancestors. The
    // highest level has all of them; a sum would count some twice.
    private static ulong? ReadRefused(ProcessFacts facts, Cgroup limiting)
    {
        ulong? most = null;
        Span<byte> buffer = stackalloc byte[MaxEventsBytes];
        for (var cgroup = facts.Pids.Cgroup; cgroup is not null; cgroup = cgroup.Parent)
        {
            if (
                cgroup.Read(Events, buffer, out var text, out _) == CgroupReadStatus.Ok
                && TryParseMax(text, out var refused)
            )
            {
                most = Math.Max(most ?? 0, refused);
            }

            if (ReferenceEquals(cgroup, limiting))
            {
                break;
            }
        }

        return most;
    }

    internal static bool TryParseMax(ReadOnlySpan<byte> text, out ulong refused)
    {
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (line.StartsWith("max "u8))
            {
                return Ascii.TryParseOnlyNumber(line["max "u8.Length..], out refused);
            }
        }

        refused = 0;
        return false;
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
