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

    private readonly Dictionary<TKey, Kept> _memories = [];

    /// <summary>Keeps the memory of a target, if it holds back anything at that time.</summary>
    public void Keep(TKey target, RiskMemory memory, DateTimeOffset now) =>
        Keep(target, memory, isInherited: false, now);

    /// <summary>
    /// Keeps the memory of a target of an earlier spec, also if it holds back nothing: the risk is announced until the target
    /// recovers.
    /// </summary>
    public void Inherit(TKey target, RiskMemory memory, DateTimeOffset now) =>
        Keep(target, memory, isInherited: true, now);

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
        _memories.TryGetValue(target, out var kept) && Counts(kept, now) ? kept.Memory : null;

    /// <summary>Keeps the memory of a target no longer.</summary>
    public void Remove(TKey target) => _memories.Remove(target);

    private void Keep(TKey target, RiskMemory memory, bool isInherited, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(memory);
        foreach (var (other, _) in _memories.Where(known => !Counts(known.Value, now)))
        {
            _memories.Remove(other);
        }

        var kept = new Kept(memory.WithoutHolds() with { LastRefusals = null }, isInherited && memory.IsAnnounced);
        if (Counts(kept, now) && _memories.Count < Capacity)
        {
            _memories[target] = kept;
        }
    }

    // After the clock was set back nothing shows how old a memory is.
    private static bool Counts(Kept kept, DateTimeOffset now) =>
        kept.Memory.EvaluatedTime <= now && (kept.IsLasting || kept.Memory.HoldsBack(now));

    private readonly record struct Kept(RiskMemory Memory, bool IsLasting);
}
