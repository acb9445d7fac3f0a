using System.Collections.Concurrent;
using ForkGuard.Api;
using ForkGuard.Controller.Watches;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarting;

/// <summary>
/// The ledgers of all watches as this leader knows them: read live when its term began, and since then its own writes,
/// which a cache may not have yet.
/// </summary>
internal sealed class Ledgers
{
    private readonly ConcurrentDictionary<WatchIdentity, Ledger> _ledgers = new();

    internal void Load(WatchResource resource) => _ledgers[resource.Identity] = LedgerOf(resource);

    /// <summary>The ledger of a watch; that of its status if the watch is new or was made anew.</summary>
    internal Ledger Of(WatchResource resource)
    {
        if (
            _ledgers.TryGetValue(resource.Identity, out var ledger)
            && string.Equals(ledger.WatchUid, resource.Metadata.Uid, StringComparison.Ordinal)
        )
        {
            return ledger;
        }

        return _ledgers[resource.Identity] = LedgerOf(resource);
    }

    /// <summary>The ledger of a watch that was loaded before; an empty one otherwise.</summary>
    internal Ledger Of(WatchIdentity identity) =>
        _ledgers.GetValueOrDefault(identity) ?? new Ledger("", [], LastRestart: null);

    /// <summary>Drops the entries that decide nothing any more, or a full ledger would stay full.</summary>
    /// <param name="resource">The watch.</param>
    /// <param name="longestCooldown">Of all watches.</param>
    /// <param name="now">The time.</param>
    internal void Prune(WatchResource resource, TimeSpan longestCooldown, DateTimeOffset now)
    {
        var ledger = Of(resource);
        Set(resource.Identity, ledger with { Owners = OwnerLedger.Pruned(ledger.Owners, longestCooldown, now) });
    }

    internal void Set(WatchIdentity identity, Ledger ledger) => _ledgers[identity] = ledger;

    /// <summary>A deleted watch's ledger stays for as long as its entries count, so that a watch made anew starts no second restart.</summary>
    internal void Retire(WatchIdentity identity)
    {
        if (
            _ledgers.TryRemove(identity, out var ledger)
            && ledger.Owners.Any(owner => owner.LastRestartTime is not null)
        )
        {
            var closed = ledger.Owners.Select(owner => owner with { Restart = null });
            _ledgers[identity with { Name = $"{identity.Name} (deleted)" }] = ledger with { Owners = [.. closed] };
        }
    }

    internal IReadOnlyCollection<LedgerPage> Pages =>
        [.. _ledgers.Select(entry => new LedgerPage(entry.Key.ToString(), entry.Value.Owners))];

    private static Ledger LedgerOf(WatchResource resource) =>
        new(resource.Metadata.Uid ?? "", resource.Status?.Owners ?? [], resource.Status?.LastRestart);
}

/// <summary>The part of a watch's status that must never be lost.</summary>
internal sealed record Ledger(string WatchUid, IReadOnlyList<OwnerRecord> Owners, RestartRecord? LastRestart);
