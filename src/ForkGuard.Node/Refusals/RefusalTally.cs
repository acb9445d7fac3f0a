using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.KernelLog;

namespace ForkGuard.Node.Refusals;

/// <summary>Counts the refusals of the kernel's log by command or cgroup. Not for several threads at once.</summary>
internal sealed class RefusalTally
{
    private const int MaxNames = 256;

    /// <summary>A name without a refusal for so long starts from 0.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    private readonly Dictionary<(RefusalKind Kind, string Name), (RefusalReport Report, long Order)> _counts = [];
    private long _order;

    /// <summary>The names with a refusal within the last hour, the latest first.</summary>
    internal IReadOnlyList<RefusalReport> Counts =>
        [
            .. _counts
                .Values.Select(count => count.Report)
                .OrderByDescending(count => count.LastTime)
                .ThenBy(count => count.Name, StringComparer.Ordinal),
        ];

    /// <summary>
    /// Adds refusals that were read now. Keeps 256 names: a further one takes the place of that whose last refusal is the oldest.
    /// </summary>
    /// <param name="refusals">Oldest first.</param>
    /// <param name="now">The time of the read, which stands for that of the refusals.</param>
    internal void Add(IEnumerable<KernelRefusal> refusals, DateTimeOffset now)
    {
        foreach (var (key, count) in _counts)
        {
            if (now - count.Report.LastTime >= KeptFor)
            {
                _counts.Remove(key);
            }
        }

        foreach (var refusal in refusals)
        {
            Add(refusal, now);
        }
    }

    private void Add(in KernelRefusal refusal, DateTimeOffset now)
    {
        var name = refusal.Kind == RefusalKind.Pids ? refusal.Cgroup : refusal.Command;
        var key = (refusal.Kind, name);
        var known = _counts.GetValueOrDefault(key).Report;
        if (known is null && _counts.Count >= MaxNames)
        {
            _counts.Remove(_counts.MinBy(count => count.Value.Order).Key);
        }

        var report = new RefusalReport
        {
            Kind = refusal.Kind,
            Name = name,
            Count = (known?.Count ?? 0) + refusal.Count,
            Since = known?.Since ?? now,
            LastTime = now,
            LastPid = refusal.Pid > 0 ? refusal.Pid : null,
            LastBytes = refusal.Bytes > 0 ? (long)Math.Min(refusal.Bytes, long.MaxValue) : null,
        };
        _counts[key] = (report, _order++);
    }
}
