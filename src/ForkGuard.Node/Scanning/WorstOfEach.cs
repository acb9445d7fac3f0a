using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Node.Scanning;

/// <summary>What a report has one entry of: a container and command, or a host unit and command.</summary>
internal readonly record struct ReportedGroup(string? PodUid, string? ContainerId, string? Unit, string Command)
{
    internal static ReportedGroup Of(in CgroupMembership membership, string command) =>
        new(
            membership.IsInPod ? membership.Pod?.Uid ?? "" : null,
            membership.Pod?.ContainerId,
            membership.Unit,
            command
        );
}

/// <summary>One process for the report.</summary>
internal readonly record struct ReportedProcess(
    ReportedGroup Group,
    ProcessReading Reading,
    CgroupMembership Membership
)
{
    internal int Percent => Reading.Assessment.Percent;
}

/// <summary>
/// Chooses the worst process of each group, and measures anew what is hot and was only kept: a kept answer may only keep a
/// process quiet. Looks at no more processes than the report has room for.
/// </summary>
internal sealed class WorstOfEach(Func<int, CgroupMembership> membershipOf, Func<int, ProcessReading> remeasure)
{
    internal const int Most = 64;
    private const int MostRemeasured = 2 * Most;

    /// <summary>The processes, worst first; true if there were more groups.</summary>
    internal (List<ReportedProcess> Worst, bool Truncated) Choose(List<ProcessReading> loud, ReportSettings settings)
    {
        loud.Sort(CompareWorstFirst);
        var chosen = new Dictionary<ReportedGroup, ReportedProcess>();
        var remeasured = 0;
        var isTruncated = false;
        foreach (var found in loud)
        {
            if (found.Status is ReadStatus.NoAddressSpace or ReadStatus.Gone)
            {
                continue;
            }

            var reading = found;
            var membership = membershipOf(reading.Pid);
            var group = ReportedGroup.Of(membership, reading.Command);
            var isKnown = chosen.TryGetValue(group, out var worst);
            if (isKnown && CompareWorstFirst(worst.Reading, reading) <= 0)
            {
                continue;
            }

            if (!isKnown && chosen.Count == Most)
            {
                isTruncated = true;
                break;
            }

            if (reading.IsKept && reading.Assessment.Percent >= settings.HotAtPercent && remeasured < MostRemeasured)
            {
                remeasured++;
                reading = remeasure(reading.Pid);
                if (
                    reading.StartTime != found.StartTime
                    || reading.Status is ReadStatus.NoAddressSpace or ReadStatus.Gone
                    || reading.Assessment.Percent < settings.LevelPercent
                    || (isKnown && CompareWorstFirst(worst.Reading, reading) <= 0)
                )
                {
                    continue;
                }
            }

            chosen[group] = new ReportedProcess(group, reading, membership);
        }

        List<ReportedProcess> result = [.. chosen.Values];
        result.Sort((a, b) => CompareWorstFirst(a.Reading, b.Reading));
        return (result, isTruncated);
    }

    private static int CompareWorstFirst(ProcessReading a, ProcessReading b)
    {
        // A fork child holds as much as its parent, and is soon gone: it stands for no group that its parent is in.
        var byKind = a.IsForkChild.CompareTo(b.IsForkChild);
        var byPercent = byKind != 0 ? byKind : b.Assessment.Percent.CompareTo(a.Assessment.Percent);
        var byWeight = byPercent != 0 ? byPercent : b.Weight.CompareTo(a.Weight);
        return byWeight != 0 ? byWeight : a.Pid.CompareTo(b.Pid);
    }
}
