namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// The processes of one scan whose smaps has to be read, worst first, as far as the budgets go. Not for several threads at
/// once.
/// </summary>
internal sealed class SmapsQueue(ProcessInspector inspector, ProcessSlots slots, ReadBudget budget, TimeProvider time)
{
    private readonly List<Item> _items = [];

    internal void Begin() => _items.Clear();

    /// <param name="slot">Index of the process.</param>
    /// <param name="bound">Its reading until smaps is read.</param>
    /// <param name="cache">Its earlier answers.</param>
    internal void Add(int slot, in ProcessReading bound, MappingCache cache) =>
        _items.Add(new Item(slot, bound, cache));

    /// <summary>Reads what the budgets allow, and adds a reading of each process. Returns how many were left out.</summary>
    /// <exception cref="OperationCanceledException">The token asks for it.</exception>
    internal int Run(
        in Inspection inspection,
        List<ProcessReading> found,
        ref InspectionCost cost,
        CancellationToken cancellationToken
    )
    {
        _items.Sort(CompareWorstFirst);
        var leftOut = 0;
        foreach (var item in _items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var slot = slots.Current[item.Slot];
            var pod = item.Cache.Pod ??= budget.KeyOf(slot.Pid);
            var predicted = item.Cache.PredictSmaps(slot.Size, inspection.State.PageSize);
            if (item.Cache.IsBackedOff(inspection.Now) || !budget.AllowsSmaps(pod, predicted))
            {
                leftOut++;
                found.Add(item.Bound);
                continue;
            }

            var started = time.GetTimestamp();
            var reading = inspector.LookUp(slot.Target, slot.Size, inspection, item.Cache, ref cost, cancellationToken);
            var measured = time.GetElapsedTime(started);
            item.Cache.NoteSmapsTime(measured, slot.Size);
            budget.SpendSmaps(pod, measured);
            if (reading is { } read)
            {
                found.Add(read);
            }
        }

        return leftOut;
    }

    /// <summary>
    /// Processes at risk at the last read first, then those that were never read; last those that turned out to have reservations.
    /// Within each by what the bound leaves possible.
    /// </summary>
    private static int CompareWorstFirst(Item a, Item b)
    {
        var byRisk = Rank(a).CompareTo(Rank(b));
        return byRisk != 0 ? byRisk : b.Bound.Weight.CompareTo(a.Bound.Weight);
    }

    private static int Rank(in Item item) =>
        item.Cache.WasAtWarning switch
        {
            true => 0,
            null => 1,
            false => 2,
        };

    private readonly record struct Item(int Slot, ProcessReading Bound, MappingCache Cache);
}
