using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.ScanLoop;

/// <summary>Reads the limits and scans, as <c>forkguard watch</c> does each time, and measures it.</summary>
internal sealed class Scans : IDisposable
{
    private readonly ScanOptions _options;
    private readonly KernelStateReader _reader;
    private readonly ProcessScanner _scanner;
    private readonly ConstraintChecks? _checks;
    private readonly List<ProcessReading> _found = new(256);
    private readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow();
    private int _done;

    internal Scans(ScanOptions options)
    {
        var proc = new ProcRoot();
        _options = options;
        _reader = new KernelStateReader(proc);
        ReadBudget budget = new(new ScanBudget(), options.IsPodOfParent ? ParentPods.PodOf : null);
        _scanner = new ProcessScanner(proc, DescriptorLimit.Raise() / 2, budget)
        {
            TrustsCommitted = options.TrustsCommitted,
        };
        _checks = options.HasChecks ? new ConstraintChecks(proc) : null;
    }

    /// <exception cref="InvalidOperationException">The limits cannot be read.</exception>
    internal ScanResult Measure()
    {
        var now = _options.Step > TimeSpan.Zero ? _start + (_options.Step * _done++) : TimeProvider.System.GetUtcNow();
        _found.Clear();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var before = CpuClock.Nanoseconds();
        if (!_reader.TryRead(out var state, out var problem))
        {
            throw new InvalidOperationException(problem);
        }

        state = InMeasuredMode(state);
        var statistics = _scanner.Scan(state, state.Mode, _options.Levels, now, _found);
        var scanned = CpuClock.Nanoseconds();
        _checks?.Scan(_scanner, _options.Levels.ReportPercent, now);
        var checkedAt = CpuClock.Nanoseconds();
        return new ScanResult(
            scanned - before,
            _checks is null ? 0 : checkedAt - scanned,
            statistics,
            GC.GetAllocatedBytesForCurrentThread() - allocated
        );
    }

    public void Dispose()
    {
        _checks?.Dispose();
        _scanner.Dispose();
    }

    /// <summary>
    /// In mode 1 the scan has nothing to read. Mode 2 gets a limit of twice Committed_AS: the node is half full, whatever
    /// a machine of another mode has committed.
    /// </summary>
    private KernelState InMeasuredMode(in KernelState state) =>
        _options.IsStrict ? state with { Mode = OvercommitMode.Strict, CommitLimit = state.Committed * 2 }
        : state.Mode == OvercommitMode.Always ? state with { Mode = OvercommitMode.Heuristic }
        : state;
}
