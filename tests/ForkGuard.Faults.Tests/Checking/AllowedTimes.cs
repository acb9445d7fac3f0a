namespace ForkGuard.Faults.Tests.Checking;

/// <summary>When the gates allowed a restart, as the test set them.</summary>
internal sealed class AllowedTimes
{
    /// <summary>A call may leave this long after the gates were evaluated (docs/restarts.md).</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly List<(DateTimeOffset Since, bool IsAllowed, string Why)> _changes = [];

    /// <summary>To be called after the API server accepted what speaks against restarts.</summary>
    internal void Forbid(string why) => _changes.Add((TimeProvider.System.GetUtcNow(), false, why));

    /// <summary>To be called before the API server is asked to remove what speaks against them.</summary>
    internal void Allow() => _changes.Add((TimeProvider.System.GetUtcNow(), true, ""));

    /// <summary>What spoke against a restart at a time; null for nothing.</summary>
    internal string? Against(DateTimeOffset time) =>
        _changes.LastOrDefault(change => time > change.Since + (change.IsAllowed ? TimeSpan.Zero : Slack))
            is { IsAllowed: false, Why: { } why }
            ? why
            : null;
}
