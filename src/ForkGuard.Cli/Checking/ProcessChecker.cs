using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Recording;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Readings;

namespace ForkGuard.Cli.Checking;

/// <summary>Reads every constraint of one process. Not for several threads at once.</summary>
internal sealed class ProcessChecker : IDisposable
{
    private readonly ProcRoot _proc;
    private readonly KernelState _state;
    private readonly ProcessInspector _inspector;
    private readonly CgroupRoot? _cgroups;
    private readonly ScanContext? _context;
    private readonly RecordedFacts? _recorded;
    private readonly PodNames _names = new(PodNames.PodLogs, PodNames.ContainerLogs);

    /// <param name="proc">Where to read. Of a captured tree only the accounting of memory can be evaluated.</param>
    /// <param name="state">The machine as it is now.</param>
    internal ProcessChecker(ProcRoot proc, in KernelState state)
    {
        _proc = proc;
        _state = state;
        _inspector = new ProcessInspector(proc);
        if (proc.IsLive)
        {
            _cgroups = new CgroupRoot(proc);
            _context = new ScanContext(proc, _cgroups);
        }
    }

    /// <param name="tree">A recorded process; disposed by the caller.</param>
    /// <param name="state">The recorded machine.</param>
    /// <param name="recorded">Facts that the files do not show.</param>
    internal ProcessChecker(RecordedTree tree, in KernelState state, RecordedFacts recorded)
    {
        _proc = tree.Proc;
        _state = state;
        _inspector = new ProcessInspector(_proc);
        _context = new ScanContext(_proc, tree.Cgroups);
        _recorded = recorded;
    }

    /// <summary>Reads a process now. Its status is Gone if there is none, or it ends meanwhile.</summary>
    internal ProcessCheck Read(int pid, DateTimeOffset now) => Read(pid, now, out _);

    /// <summary>Reads a process now, with the constraints beside the accounting of memory; null for a process that has ended.</summary>
    internal ProcessCheck Read(int pid, DateTimeOffset now, out ForkCheckResult? checks)
    {
        checks = null;
        var accounting = _inspector.Inspect(pid, _state, _state.Mode, levelPercent: 0, now);
        checks = accounting.Status == ReadStatus.Gone ? null : ReadOthers(pid, now);
        var status = checks?.Status is ReadStatus.Gone ? ReadStatus.Gone : accounting.Status;
        var report = WithOwner(CheckReport.Of(_proc, accounting, checks, _state.Distrust, _recorded?.MappingKind), now);
        if (status is ReadStatus.Gone or ReadStatus.NoAddressSpace)
        {
            return new ProcessCheck
            {
                Report = report with { Verdict = status == ReadStatus.Gone ? Verdict.Unknown : Verdict.NotApplicable },
                Status = status,
                Accounting = accounting,
                Problem = ProblemText.Of(status),
            };
        }

        if (checks is { Status: not ReadStatus.Ok } && report.Verdict == Verdict.CanFork)
        {
            status = checks.Status;
            report = report with { Verdict = Verdict.Unknown };
        }

        var memory = ReadMemory(pid, out var isMemoryRead);
        MemoryRoom? room = checks is null || !isMemoryRead ? null : ReadRoom(checks.Facts);
        ForkTime? time = isMemoryRead ? EstimateForkTime(room, memory) : null;
        SnapshotReading? snapshot = room is { Problem: null } known
            ? new SnapshotReading
            {
                Room = known,
                Cost = ForkCost.Of(memory),
                ForkTime = time.GetValueOrDefault(),
            }
            : null;
        report = report with { Snapshot = snapshot?.ToReport() };
        var isRefused = checks?.Deadline == DeadlineThreads.All;
        var advice = CheckAdvice.For(report, accounting, _state, _proc);
        return new ProcessCheck
        {
            Report = report,
            Status = status,
            Accounting = accounting,
            Confidence = isRefused ? Confidence.Exact : VerdictConfidence.Of(report),
            Problem = status == ReadStatus.Ok ? _state.Distrust : ProblemText.Of(status),
            RefusedByPolicy = isRefused ? DeadlineText.Refusal : null,
            ForkTime = time,
            Advice = isRefused ? [DeadlineText.Advice, .. advice] : advice,
            SaveAdvice = snapshot is { } save ? CheckAdvice.ForSave(report, save, _state) : null,
        };
    }

    public void Dispose() => _cgroups?.Dispose();

    private ProcessReport WithOwner(ProcessReport report, DateTimeOffset now)
    {
        var membership = CgroupMembership.Read(_proc, report.Pid);
        if (_proc.IsLive)
        {
            _names.Learn([membership], now);
        }

        var place = _names.Of(membership);
        return report with { Pod = place?.Pod, Container = place?.Container, SystemdUnit = membership.Unit };
    }

    private ForkCheckResult? ReadOthers(int pid, DateTimeOffset now) =>
        _context is null ? null
        : _recorded is null ? ForkChecks.ReadAll(_context, pid, now)
        : RecordedChecks.Complete(ForkChecks.ReadAll(_context, pid, now), _recorded);

    private ProcessMemory ReadMemory(int pid, out bool isRead)
    {
        isRead = LivingProcessMemory.Read(_proc, pid, out var memory) == ReadStatus.Ok;
        return memory;
    }

    private MemoryRoom ReadRoom(ProcessFacts facts)
    {
        // Below this the kubelet evicts pods, long before the node has no memory left.
        var threshold = facts.Memory.Cgroup?.Pod is null ? 0 : MemoryRoomReader.KubeletEvictionThreshold;
        var reader = new MemoryRoomReader(_proc, threshold);
        reader.BeginScan();
        return reader.Read(facts.Memory);
    }

    private static ForkTime EstimateForkTime(MemoryRoom? room, in ProcessMemory memory)
    {
        var huge = room is { Anonymous: { } all } known
            ? ForkTime.HugeOf(memory.Anonymous, all, known.AnonymousHuge)
            : new ByteInterval(0, memory.Anonymous);
        return ForkTime.Estimate(memory, huge);
    }
}
