using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Restarts;

/// <summary>Units whose restart systemd refused, for a while: most causes do not go away by themselves.</summary>
internal sealed class RefusedCalls(TimeProvider time)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, (string Message, long Since)> _calls = new(StringComparer.Ordinal);

    internal void Add(string unit, string message) => _calls[unit] = (message, time.GetTimestamp());

    internal BlockedCall? Of(string unit) =>
        _calls.TryGetValue(unit, out var refused) && time.GetElapsedTime(refused.Since) < Wait
            ? new BlockedCall(BlockReason.Refused, refused.Message)
            : null;
}
