using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Commands;
using ForkGuard.Cli.Recording;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
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
        var report = CheckReport.Of(_proc, accounting, checks, _state.Distrust, _recorded?.MappingKind);
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
        report = report with { Snapshot = room is { } known ? SnapshotOf(known, memory) : null };
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
            ForkTime = isMemoryRead ? EstimateForkTime(room, memory) : null,
            Advice = isRefused ? [DeadlineText.Advice, .. advice] : advice,
        };
    }

    public void Dispose() => _cgroups?.Dispose();

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

    private static SnapshotReport? SnapshotOf(in MemoryRoom room, in ProcessMemory memory)
    {
        var cost = ForkCost.Of(memory);
        return room.Problem is not null
            ? null
            : new SnapshotReport
            {
                RoomBytes = KernelConversion.Signed(room.Bytes.Low),
                ReclaimableBytes = SnapshotConversion.Reclaimable(room.Bytes),
                ForkCostBytes = KernelConversion.Signed(cost.Bytes),
                WorstCaseBytes = KernelConversion.Signed(cost.WorstCaseBytes),
                KillsContainer = room.KillsWholeContainer ? true : null,
            };
    }

    private static ForkTime EstimateForkTime(MemoryRoom? room, in ProcessMemory memory)
    {
        var huge = room is { Anonymous: { } all } known
            ? ForkTime.HugeOf(memory.Anonymous, all, known.AnonymousHuge)
            : new ByteInterval(0, memory.Anonymous);
        return ForkTime.Estimate(memory, huge);
    }
}
