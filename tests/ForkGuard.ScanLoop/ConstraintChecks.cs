using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.ScanLoop;

/// <summary>Reads the constraints beside accounting of the processes that a scanner has just scanned, as the agent does.</summary>
internal sealed class ConstraintChecks : IDisposable
{
    private readonly CgroupRoot _cgroups;
    private readonly ScanContext _context;
    private readonly ProcessFactsReader _reader;
    private readonly CgroupTurns _turns = new();
    private readonly List<ConstraintReading> _found = new(1024);

    internal ConstraintChecks(ProcRoot proc)
    {
        _cgroups = new CgroupRoot(proc);
        _context = new ScanContext(proc, _cgroups);
        _reader = new ProcessFactsReader(_context);
    }

    internal void Scan(ProcessScanner scanner, int levelPercent, DateTimeOffset now)
    {
        _found.Clear();
        _context.BeginScan(now, levelPercent);
        _turns.Begin(_context.Now);
        var visitor = new Visitor(this);
        scanner.Visit(ref visitor);
        ForkChecks.ScanNode(_context, _found);
    }

    public void Dispose() => _cgroups.Dispose();

    private void Visit(int pid, in ProcessSize size, ref object? kept)
    {
        if (size.Total == 0)
        {
            return;
        }

        var facts = kept as ProcessFacts ?? new ProcessFacts { Pid = pid };
        facts.Size = size;
        if (!facts.IsDue(_context.Now) && _turns.Take(facts) && _reader.RenewCgroups(facts) != ReadStatus.Ok)
        {
            kept = null;
            return;
        }

        kept = ForkChecks.Scan(_context, _reader, facts, _found) == ReadStatus.Ok ? facts : null;
    }

    private readonly struct Visitor(ConstraintChecks checks) : IProcessVisitor
    {
        public void Visit(int pid, in ProcessSize size, ref object? facts) => checks.Visit(pid, size, ref facts);
    }
}
