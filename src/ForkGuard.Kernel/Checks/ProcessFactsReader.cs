using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Checks;

/// <summary>Reads the facts of one process after another, in one buffer. Not for several threads at once.</summary>
public sealed class ProcessFactsReader(ScanContext context)
{
    private const string Denied = "permission denied";

    // Of the instance: the runtime would allocate in the middle of a scan to initialize it.
    private readonly ulong _largePages = ProcessFacts.MinSavingBytes / (ulong)ProcRoot.PageSize;

    private byte[] _buffer = new byte[16 * 1024];

    /// <summary>
    /// Reads or renews the facts of a process. Gone if it has ended or another one has its pid by now, Failed or
    /// Malformed if its stat cannot be
    /// read; whatever else cannot be read stands in the facts as a problem of its own.
    /// </summary>
    public ReadStatus Read(ProcessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var pid = facts.Pid;
        var read = context.Proc.TryRead(pid, "stat"u8, _buffer, out var text);
        if (read != ReadStatus.Ok)
        {
            return read;
        }

        if (!ProcessStat.TryParse(text, out var stat))
        {
            return ReadStatus.Malformed;
        }

        if (facts.Reads > 0 && facts.StartTime != stat.StartTime)
        {
            return ReadStatus.Gone;
        }

        var isDeadline = !stat.IsZombie && DeadlineThreadsReader.IsDeadline(text);
        facts.StartTime = stat.StartTime;
        facts.Parent = stat.Parent;
        facts.StartStack = stat.StartStack;
        facts.CannotForkByNature = stat.IsKernelThread;
        facts.ReadTime = context.Now;
        facts.RenewTime = context.Now;
        facts.IsOutdated = false;
        facts.Reads++;
        if (stat.IsKernelThread)
        {
            return ReadStatus.Ok;
        }

        var (root, id) = stat.IsZombie ? LivingThread.FilesOf(context.Proc, pid) : (context.Proc, pid);
        ReadStatusFile(facts, root, id);
        if (facts.CannotForkByNature)
        {
            return ReadStatus.Ok;
        }

        ReadLimits(facts, root, id);
        ReadNamespaces(facts, root, id);
        ReadCgroups(facts, root, id);
        facts.IsDeadlineWithoutReset = isDeadline && Libc.ResetsOnFork(id) != true;
        return ReadStatus.Ok;
    }

    /// <summary>
    /// Reads of known facts what a scan needs: the limit, the pid namespace for children and the cgroups, and everything of a
    /// process for which that is not enough: a large one may save, and uid and user namespace matter where the limit is near. The caller knows by other means that the
    /// pid is still that of the process.
    /// </summary>
    public ReadStatus Renew(ProcessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var pid = facts.Pid;
        if (facts.Reads < 2 || facts.IsOutdated || facts.LimitProblem is not null || facts.Size.Total >= _largePages)
        {
            return Read(facts);
        }

        ReadLimits(facts, context.Proc, pid);
        var children = ProcessLinks.ReadNamespace(context.Proc, pid, "ns/pid_for_children"u8, out var forChildren);
        var isNear =
            facts.SoftProcessLimit != ulong.MaxValue
            && !context.Node.StaysBelow(context.LevelPercent, facts.SoftProcessLimit);
        if (isNear || facts.LimitProblem is not null || children != ReadStatus.Ok)
        {
            return Read(facts);
        }

        facts.PidNamespaceForChildren = forChildren;
        ReadCgroups(facts, context.Proc, pid);
        facts.RenewTime = context.Now;
        return ReadStatus.Ok;
    }

    /// <summary>
    /// Reads the cgroups of known facts, and everything if the process has moved. The caller knows by other means that the pid is
    /// still that of the process.
    /// </summary>
    public ReadStatus RenewCgroups(ProcessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var (pids, memory) = (facts.Pids, facts.Memory);
        ReadCgroups(facts, context.Proc, facts.Pid);
        return facts.Pids == pids && facts.Memory == memory ? ReadStatus.Ok : Read(facts);
    }

    /// <summary>
    /// Reads parent and stack of a large process again, once it is old enough to save, where they were read before: until its
    /// exec a child has the stack of its parent. Reads nothing otherwise, and leaves the other facts as they are. Gone as for
    /// <see cref="Read"/>.
    /// </summary>
    /// <param name="facts">Known facts.</param>
    /// <param name="uptime">Time since boot, as of the start of the scan.</param>
    public ReadStatus RenewStack(ProcessFacts facts, TimeSpan uptime)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (facts.HasLastingStack || !ProcessFacts.IsOldEnoughToSave(facts.StartTime, uptime))
        {
            return ReadStatus.Ok;
        }

        if (facts.ReadTime != context.Now)
        {
            if (facts.Size.Total < _largePages)
            {
                return ReadStatus.Ok;
            }

            var read = ReadStack(facts);
            if (read != ReadStatus.Ok)
            {
                return read;
            }
        }

        facts.HasLastingStack = true;
        return ReadStatus.Ok;
    }

    private ReadStatus ReadStack(ProcessFacts facts)
    {
        var read = context.Proc.TryRead(facts.Pid, "stat"u8, _buffer, out var text);
        if (read != ReadStatus.Ok)
        {
            return read;
        }

        if (!ProcessStat.TryParse(text, out var stat))
        {
            return ReadStatus.Malformed;
        }

        if (facts.StartTime != stat.StartTime)
        {
            return ReadStatus.Gone;
        }

        facts.Parent = stat.Parent;
        facts.StartStack = stat.StartStack;
        return ReadStatus.Ok;
    }

    /// <summary>
    /// A cgroup of the process was removed, or is hidden: its limits cannot be read. Never of a captured tree, which has only the
    /// cgroups with a limit.
    /// </summary>
    internal bool LacksCgroup(ProcessFacts facts) =>
        context.Proc.IsLive && (IsMissing(facts.Pids) || IsMissing(facts.Memory));

    /// <summary>
    /// Makes each cgroup that is missing a problem of its own. Only right after the facts were read: a process that moves leaves a
    /// cgroup that is removed then.
    /// </summary>
    /// <returns>False if none is missing.</returns>
    internal bool NoteMissingCgroups(ProcessFacts facts)
    {
        if (!LacksCgroup(facts))
        {
            return false;
        }

        facts.Pids = PlaceOf(facts.Pids);
        facts.Memory = PlaceOf(facts.Memory);
        facts.IsOutdated = true;
        return true;

        static CgroupPlace PlaceOf(in CgroupPlace place) =>
            IsMissing(place)
                ? new CgroupPlace(Cgroup: null, $"the cgroup {place.Cgroup!.DirectoryPath} does not exist")
                : place;
    }

    private static bool IsMissing(in CgroupPlace place) =>
        place.Cgroup is { } cgroup && !CgroupHierarchy.Exists(cgroup.Directory, "/."u8);

    private void ReadStatusFile(ProcessFacts facts, ProcRoot root, int id)
    {
        facts.LimitProblem = null;
        var read = StatusFile.Read(root, id, ref _buffer, out var status);
        if (read != ReadStatus.Ok)
        {
            facts.LimitProblem = $"/proc/{facts.Pid}/status: {Reason(read)}";
            return;
        }

        facts.CannotForkByNature = status.HasEnded;
        facts.SetUid(status.RealUid);
        facts.IsRoot = context.Reader.IsRoot(status.RealUid);
        facts.IsUidAmbiguous = context.Reader.IsAmbiguous(status.RealUid);
        facts.EffectiveCapabilities = status.EffectiveCapabilities;
        facts.HasSeccompFilter = status.Seccomp == 2;
        facts.PidNamespaceDepth = Math.Max(status.PidNamespaces - 1, 0);
    }

    private void ReadLimits(ProcessFacts facts, ProcRoot root, int id)
    {
        var read = root.TryRead(id, "limits"u8, _buffer, out var text);
        if (read == ReadStatus.Ok && TryParseProcessLimit(text, out var soft))
        {
            facts.SoftProcessLimit = soft;
            return;
        }

        facts.LimitProblem ??= $"/proc/{facts.Pid}/limits: {Reason(read)}";
    }

    private static void ReadNamespaces(ProcessFacts facts, ProcRoot root, int id)
    {
        facts.UserNamespace =
            ProcessLinks.ReadNamespace(root, id, "ns/user"u8, out var user) == ReadStatus.Ok ? user : 0;
        var own = ProcessLinks.ReadNamespace(root, id, "ns/pid"u8, out var pidNamespace);
        var children = ProcessLinks.ReadNamespace(root, id, "ns/pid_for_children"u8, out var forChildren);
        facts.PidNamespace = pidNamespace;
        facts.PidNamespaceForChildren = forChildren;
        facts.PidNamespaceProblem =
            own is ReadStatus.Ok or ReadStatus.Gone && children is ReadStatus.Ok or ReadStatus.Gone
                ? null
                : $"/proc/{facts.Pid}/ns/pid_for_children: {Reason(own is ReadStatus.Ok or ReadStatus.Gone ? children : own)}";
    }

    private void ReadCgroups(ProcessFacts facts, ProcRoot root, int id)
    {
        facts.CgroupsTime = context.Now;
        var read = root.TryReadAll(id, "cgroup"u8, _buffer, out var text);
        if (read != ReadStatus.Ok)
        {
            var place = new CgroupPlace(Cgroup: null, $"/proc/{facts.Pid}/cgroup: {Reason(read)}");
            facts.Pids = place;
            facts.Memory = place;
            return;
        }

        var (pids, memory) = (facts.Pids.Cgroup, facts.Memory.Cgroup);
        facts.Pids = context.Cgroups.Locate(text, CgroupController.Pids);
        facts.Memory = context.Cgroups.Locate(text, CgroupController.Memory);
        if (facts.Pids.Cgroup != pids)
        {
            facts.Pids.Cgroup?.ForgetKept();
        }

        if (facts.Memory.Cgroup != memory)
        {
            facts.Memory.Cgroup?.ForgetKept();
            // Other cgroups keep the room of those above them.
            context.Memory.EndFar();
        }
    }

    /// <summary>
    /// Soft limit in the line "Max processes" of proc_pid_limits(5). False if the line is missing or malformed.
    /// </summary>
    internal static bool TryParseProcessLimit(ReadOnlySpan<byte> text, out ulong soft)
    {
        soft = ulong.MaxValue;
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (line.StartsWith("Max processes "u8))
            {
                line = line["Max processes "u8.Length..];
                Ascii.SkipSpaces(ref line);
                return line.StartsWith("unlimited "u8)
                    || (Ascii.TryTakeNumber(ref line, out soft) && Ascii.TryTake(ref line, (byte)' '));
            }
        }

        return false;
    }

    private static string Reason(ReadStatus status) =>
        status switch
        {
            ReadStatus.Denied => Denied,
            ReadStatus.Gone => "it does not exist",
            ReadStatus.Ok or ReadStatus.Malformed => "it is malformed",
            _ => "it cannot be read",
        };
}
