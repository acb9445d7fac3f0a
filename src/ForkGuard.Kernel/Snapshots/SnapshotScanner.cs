using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Snapshots;

/// <summary>
/// Finds the programs of a node that save by forking, and reads in every scan whether their saves survive. A program
/// counts from the first scan that finds a save until the program ends. Not for several threads at once.
/// </summary>
public sealed class SnapshotScanner
{
    private readonly ScanContext _context;
    private readonly SavingProcesses _saving;
    private readonly SnapshotTracker _tracker = new();
    private readonly List<SavingProcess> _found = [];
    private readonly Dictionary<int, int> _children = [];

    public SnapshotScanner(ScanContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _saving = new SavingProcesses(_tracker.Knows);
    }

    /// <summary>
    /// Adds a reading of each program that saves by forking. Call it once a scan, after
    /// <see cref="ScanContext.BeginScan"/>.
    /// </summary>
    /// <param name="processes">All processes of the scan.</param>
    /// <param name="uptime">Time since boot.</param>
    /// <param name="readings">Takes one for each program.</param>
    public void Scan(IReadOnlyList<ListedProcess> processes, TimeSpan uptime, ICollection<SnapshotReading> readings)
    {
        ArgumentNullException.ThrowIfNull(processes);
        ArgumentNullException.ThrowIfNull(readings);
        _found.Clear();
        _children.Clear();
        _saving.Find(processes, uptime, _found);
        foreach (var saving in _found)
        {
            _children[saving.Process.Pid] = saving.Child.Pid;
        }

        _tracker.BeginScan();
        for (var i = 0; i < processes.Count; i++)
        {
            var process = processes[i];
            var isSaving = _children.TryGetValue(process.Pid, out var child);
            if (
                (isSaving || _tracker.Knows(process.Pid, process.StartTime))
                && Read(_context, process.Pid, process.StartTime) is { } reading
            )
            {
                readings.Add(_tracker.Update(WithChild(reading, child), _context.Now));
            }
        }

        _tracker.EndScan();
    }

    /// <summary>
    /// Reads one process by itself, whether or not it was seen to save. Null if it has ended, has no address space, or
    /// its status cannot be read.
    /// </summary>
    public static SnapshotReading? Read(ScanContext context, int pid, ulong startTime)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (LivingProcessMemory.Read(context.Proc, pid, out var memory, out var files) != ReadStatus.Ok)
        {
            return null;
        }

        Span<byte> buffer = stackalloc byte[16 * 1024];
        var place =
            files.Root.TryReadAll(files.Id, "cgroup"u8, buffer, out var text) == ReadStatus.Ok
                ? context.Cgroups.Locate(text, CgroupController.Memory)
                : default;
        var room = context.Memory.Read(place);
        var mappings = context.LevelPercent == 0 ? MappingCount.Read(files.Root, files.Id) : null;
        return new SnapshotReading
        {
            Pid = pid,
            StartTime = startTime,
            Room = room,
            Cost = ForkCost.Of(memory, mappings),
            Memory = memory,
            CounterError = context.CounterError(memory),
            ForkTime = context.Memory.EstimateForkTime(memory, room, mappings ?? 0),
        };
    }

    /// <summary>A child that has ended since it was listed saves no more.</summary>
    private SnapshotReading WithChild(in SnapshotReading reading, int child) =>
        child == 0
            ? reading
            : LivingProcessMemory.Read(_context.Proc, child, out var memory) switch
            {
                ReadStatus.Ok => reading with { ChildPid = child, ChildMemory = memory },
                ReadStatus.Gone or ReadStatus.NoAddressSpace => reading,
                _ => reading with { ChildPid = child },
            };
}
