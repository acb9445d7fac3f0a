namespace ForkGuard.Policy.Risk;

/// <summary>
/// Memories of targets that are no longer evaluated, each for as long as one of its announcements holds back the next of the
/// same kind. A target that comes back goes on from there.
/// </summary>
/// <typeparam name="TKey">What a target is known by.</typeparam>
public sealed class RecentMemories<TKey>
    where TKey : notnull
{
    /// <summary>More come only from names that change all the time; a target that finds no place is announced again.</summary>
    public const int Capacity = 4096;

    private readonly Dictionary<TKey, RiskMemory> _memories = [];

    /// <summary>Keeps the memory of a target that was last evaluated at a time; an announced risk is over with it.</summary>
    public void Keep(TKey target, RiskMemory memory, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(memory);
        foreach (var (other, _) in _memories.Where(kept => !kept.Value.HoldsBack(now)))
        {
            _memories.Remove(other);
        }

        if (memory.HoldsBack(now) && _memories.Count < Capacity)
        {
            _memories[target] = memory.Recovered();
        }
    }

    /// <summary>Keeps all that another has.</summary>
    public void KeepAllOf(RecentMemories<TKey> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (target, memory) in other._memories)
        {
            _memories[target] = memory;
        }
    }

    /// <summary>Returns the memory of a target that is evaluated again, and keeps it no longer; null if there is none.</summary>
    public RiskMemory? Take(TKey target) => _memories.Remove(target, out var memory) ? memory : null;
}
