using ForkGuard.Kernel.Checks;

namespace ForkGuard.Kernel.Snapshots;

/// <summary>A process as a scan lists it.</summary>
/// <param name="Pid">Its pid.</param>
/// <param name="StartTime">Clock ticks since boot: with the pid, the identity of the process.</param>
/// <param name="Parent">Pid of its parent; 0 without one.</param>
/// <param name="StartStack">
/// Field 28 of proc_pid_stat(5): a fork inherits it, an exec chooses another. 0 if it is not known.
/// </param>
public readonly record struct ListedProcess(int Pid, ulong StartTime, int Parent, ulong StartStack);

/// <summary>A process and the child with which it saves.</summary>
/// <param name="Process">The parent.</param>
/// <param name="Child">Its fork child, which runs the same program in a copy of its memory.</param>
public readonly record struct SavingProcess(ListedProcess Process, ListedProcess Child);

/// <summary>
/// Finds programs that save by forking: processes with one child that runs the same program in an address space of its
/// own and is at least a second and at most an hour old. The child of a process that has saved before may be younger. A server with
/// several such children keeps workers and saves nothing.
/// </summary>
/// <remarks>Compares each pair of parent and child once. Allocates nothing while no process starts or ends.</remarks>
public sealed class SavingProcesses
{
    /// <summary>A save takes minutes; an older child is a worker that stays.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private readonly Func<int, int, AddressSpaceComparison> _compare;
    private readonly Func<int, ulong, bool> _hasSaved;
    private readonly Dictionary<int, int> _indexes = [];
    private readonly Dictionary<int, int> _onlyChildren = [];
    private readonly Dictionary<Pair, long> _copies = [];
    private long _scan;

    /// <param name="hasSaved">Reports whether a process, by pid and start time, was seen to save.</param>
    public SavingProcesses(Func<int, ulong, bool> hasSaved)
        : this(AddressSpaces.Compare, hasSaved) { }

    internal SavingProcesses(Func<int, int, AddressSpaceComparison> compare, Func<int, ulong, bool>? hasSaved = null)
    {
        _compare = compare;
        _hasSaved = hasSaved ?? ((_, _) => false);
    }

    /// <summary>Adds those among <paramref name="processes"/> that save now to <paramref name="found"/>.</summary>
    /// <param name="processes">All processes of a scan.</param>
    /// <param name="uptime">Time since boot.</param>
    /// <param name="found">Takes one entry for each process that saves.</param>
    public void Find(IReadOnlyList<ListedProcess> processes, TimeSpan uptime, ICollection<SavingProcess> found)
    {
        ArgumentNullException.ThrowIfNull(processes);
        ArgumentNullException.ThrowIfNull(found);
        _scan++;
        _indexes.Clear();
        _onlyChildren.Clear();
        for (var i = 0; i < processes.Count; i++)
        {
            _indexes[processes[i].Pid] = i;
        }

        for (var i = 0; i < processes.Count; i++)
        {
            NoteChild(processes, i);
        }

        var oldest =
            Saturating.Subtract((ulong)uptime.TotalSeconds, (ulong)MaxAge.TotalSeconds) * ProcessFacts.TicksPerSecond;
        foreach (var (parent, child) in _onlyChildren)
        {
            if (
                child >= 0
                && processes[child].StartTime >= oldest
                && (
                    ProcessFacts.IsOldEnoughToSave(processes[child].StartTime, uptime)
                    || _hasSaved(processes[parent].Pid, processes[parent].StartTime)
                )
            )
            {
                found.Add(new SavingProcess(processes[parent], processes[child]));
            }
        }

        ForgetUnseen();
    }

    private void NoteChild(IReadOnlyList<ListedProcess> processes, int index)
    {
        var child = processes[index];
        if (
            child.StartStack != 0
            && _indexes.TryGetValue(child.Parent, out var parent)
            && processes[parent].StartStack == child.StartStack
            && IsCopy(processes[parent], child)
        )
        {
            _onlyChildren[parent] = _onlyChildren.ContainsKey(parent) ? -1 : index;
        }
    }

    /// <summary>
    /// An address space once copied is never shared again; one that is shared or unknown is compared again.
    /// </summary>
    private bool IsCopy(in ListedProcess parent, in ListedProcess child)
    {
        var pair = new Pair(parent.Pid, parent.StartTime, child.Pid, child.StartTime);
        var isCopy = _copies.ContainsKey(pair) || _compare(parent.Pid, child.Pid) == AddressSpaceComparison.Different;
        if (isCopy)
        {
            _copies[pair] = _scan;
        }

        return isCopy;
    }

    private void ForgetUnseen()
    {
        foreach (var (pair, scan) in _copies)
        {
            if (scan != _scan)
            {
                _copies.Remove(pair);
            }
        }
    }

    private readonly record struct Pair(int Parent, ulong ParentStart, int Child, ulong ChildStart);
}
