using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Checks;

/// <summary>All constraints beside the accounting of memory, read for one process or for all processes of a scan.</summary>
public static class ForkChecks
{
    private static readonly IForkCheck[] Checks =
    [
        new PidsCheck(),
        new ThreadsCheck(),
        new PidSpaceCheck(),
        new UserProcessesCheck(),
        new PidNamespaceCheck(),
        new ContainerMemoryCheck(),
    ];

    private static readonly IForkCheck[] NodeChecks = [.. Checks.Where(check => check.IsOfNode)];
    private static readonly IForkCheck[] ProcessChecks = [.. Checks.Where(check => !check.IsOfNode)];

    public static IReadOnlyList<IForkCheck> All => Checks;

    /// <summary>
    /// Reads every constraint of one process now, from its own facts. The result's status is Gone if the process has ended.
    /// </summary>
    public static ForkCheckResult ReadAll(ScanContext context, int pid, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.BeginScan(now, levelPercent: 0);
        var facts = new ProcessFacts { Pid = pid };
        var reader = new ProcessFactsReader(context);
        var status = reader.Read(facts);
        if (status != ReadStatus.Ok || facts.CannotForkByNature)
        {
            return new ForkCheckResult
            {
                Status = status == ReadStatus.Ok ? ReadStatus.NoAddressSpace : status,
                Facts = facts,
            };
        }

        var readings = new List<ConstraintReading>();
        ReadProcess(context, facts, readings, out var pids);
        if (reader.LacksCgroup(facts) && reader.Read(facts) == ReadStatus.Ok)
        {
            ReadProcess(context, facts, readings, out pids);
            if (reader.NoteMissingCgroups(facts))
            {
                ReadProcess(context, facts, readings, out pids);
            }
        }

        // Facts have the policy of the main thread alone.
        var deadline = DeadlineThreadsReader.Read(context.Proc, pid);
        var unknown = deadline == DeadlineThreads.Some ? NotChecked.SchedDeadline : NotChecked.None;
        unknown |= ThreadFacts.Differ(context, facts) ? NotChecked.OtherThreads : NotChecked.None;
        return new ForkCheckResult
        {
            Status = ReadStatus.Ok,
            Facts = facts,
            Readings = readings,
            NotChecked = (ReadNotChecked(context, facts) & ~NotChecked.SchedDeadline) | unknown,
            Deadline = deadline,
            Pids = pids,
        };
    }

    /// <summary>
    /// Adds the constraints of a process that refuse, are at or above the level of the scan, or could not be read. Those of
    /// the node are left out. Allocates nothing if there is none.
    /// </summary>
    public static void Scan(ScanContext context, ProcessFacts facts, ICollection<ConstraintReading> found)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(found);
        if (facts.CannotForkByNature)
        {
            return;
        }

        foreach (var check in ProcessChecks)
        {
            if (check.TryRead(context, facts, out var reading) && Matters(context, reading))
            {
                found.Add(reading);
            }
        }
    }

    /// <summary>
    /// As <see cref="Scan(ScanContext, ProcessFacts, ICollection{ConstraintReading})"/>, and keeps the facts: reads them when they are due, and once
    /// more before it adds anything on the ground of older ones. Anything but Ok means that the process has ended, another one has its pid, or its stat
    /// cannot be read; then nothing is added.
    /// </summary>
    public static ReadStatus Scan(
        ScanContext context,
        ProcessFactsReader reader,
        ProcessFacts facts,
        IList<ConstraintReading> found
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(found);
        var reads = facts.Reads;
        if (facts.IsDue(context.Now) && reader.Renew(facts) is not ReadStatus.Ok and var unread)
        {
            return unread;
        }

        var isFresh = facts.Reads != reads;
        var before = found.Count;
        Scan(context, facts, found);
        if (!facts.IsOutdated && (isFresh || found.Count == before))
        {
            return ReadStatus.Ok;
        }

        Remove(found, before);
        var status = reader.Read(facts);
        if (status == ReadStatus.Ok)
        {
            ScanFresh(context, reader, facts, found);
        }

        return status;
    }

    /// <summary>As <see cref="Scan(ScanContext, ProcessFacts, ICollection{ConstraintReading})"/>, of facts that were read just now.</summary>
    public static void ScanFresh(
        ScanContext context,
        ProcessFactsReader reader,
        ProcessFacts facts,
        IList<ConstraintReading> found
    )
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(found);
        var before = found.Count;
        Scan(context, facts, found);
        if (facts.IsOutdated && reader.NoteMissingCgroups(facts))
        {
            Remove(found, before);
            Scan(context, facts, found);
        }
    }

    /// <summary>Adds the constraints of the node, whatever their level: they stand once for all processes.</summary>
    public static void ScanNode(ScanContext context, ICollection<ConstraintReading> found)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(found);
        foreach (var check in NodeChecks)
        {
            if (check.TryRead(context, process: null, out var reading))
            {
                found.Add(reading);
            }
        }
    }

    /// <summary>Returns what may refuse a fork of the process beside the constraints that were read.</summary>
    public static NotChecked ReadNotChecked(ScanContext context, ProcessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(facts);
        var result = NotChecked.None;
        if (facts.HasSeccompFilter)
        {
            result |= NotChecked.Seccomp;
        }

        var isNested = facts.PidNamespaceDepth > 0 || facts.HasNestedChildren;
        if (isNested && context.Release.HasPidMaxOfNamespace)
        {
            result |= NotChecked.NestedPidMax;
        }

        if (context.ReadsNestedPidMax)
        {
            result |= NotChecked.OuterPidMax;
        }

        if (facts.UserNamespace != 0 && !facts.IsInInitialUserNamespace)
        {
            result |= NotChecked.CreatorLimit;
        }

        if (
            context.Cgroups.HidesAncestors(Cgroups.CgroupController.Pids)
            || context.Cgroups.HidesAncestors(Cgroups.CgroupController.Memory)
        )
        {
            result |= NotChecked.OuterCgroups;
        }

        if (facts.IsDeadlineWithoutReset)
        {
            result |= NotChecked.SchedDeadline;
        }

        if (facts.SoftProcessLimit <= context.Node.Tasks)
        {
            result |=
                facts.IsExemptFromProcessLimit ? NotChecked.SetuidExec
                : context.ShowsAllProcesses ? NotChecked.None
                : NotChecked.OuterTasks;
        }

        return result;
    }

    private static void ReadProcess(
        ScanContext context,
        ProcessFacts facts,
        List<ConstraintReading> readings,
        out PidsDetail? pids
    )
    {
        readings.Clear();
        pids = null;
        foreach (var check in Checks)
        {
            if (check.TryRead(context, facts, out var reading))
            {
                readings.Add(reading);
                pids ??= PidsDetail.Read(context, facts, reading);
            }
        }
    }

    private static void Remove(IList<ConstraintReading> found, int from)
    {
        while (found.Count > from)
        {
            found.RemoveAt(found.Count - 1);
        }
    }

    private static bool Matters(ScanContext context, in ConstraintReading reading) =>
        reading.Refuses || reading.Problem is not null || reading.Percent >= context.LevelPercent;
}
