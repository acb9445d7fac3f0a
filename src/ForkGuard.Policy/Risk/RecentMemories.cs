namespace ForkGuard.Policy.Risk;

/// <summary>
/// Memories of targets that are no longer evaluated. Each is kept while one of its announcements holds back the next of the same
/// kind. A target that comes back goes on from there: a risk that no recovery ended is still announced.
/// </summary>
/// <typeparam name="TKey">The name of a target.</typeparam>
public sealed class RecentMemories<TKey>
    where TKey : notnull
{
    /// <summary>More come only from names that change all the time; a target that finds no place is announced again.</summary>
    public const int Capacity = 4096;

    private readonly Dictionary<TKey, RiskMemory> _memories = [];

    /// <summary>Keeps the memory of a target, if it holds back anything at that time.</summary>
    public void Keep(TKey target, RiskMemory memory, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(memory);
        foreach (var (other, _) in _memories.Where(kept => !IsRecent(kept.Value, now)))
        {
            _memories.Remove(other);
        }

        if (IsRecent(memory, now) && _memories.Count < Capacity)
        {
            _memories[target] = memory.WithoutHolds() with { LastRefusals = null };
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

    /// <summary>Returns the memory of a target that is evaluated again; null if there is none that holds back anything.</summary>
    public RiskMemory? Find(TKey target, DateTimeOffset now) =>
        _memories.TryGetValue(target, out var memory) && IsRecent(memory, now) ? memory : null;

    /// <summary>Keeps the memory of a target no longer.</summary>
    public void Remove(TKey target) => _memories.Remove(target);

    // After the clock was set back nothing shows how old a memory is.
    private static bool IsRecent(RiskMemory memory, DateTimeOffset now) =>
        memory.EvaluatedTime <= now && memory.HoldsBack(now);
}
