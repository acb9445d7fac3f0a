namespace ForkGuard.Agent.Reporting;

/// <summary>How long to wait after a write that failed: 1 second, doubled up to one minute, with jitter.</summary>
internal sealed class RetryDelay(Func<double> random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestAskedFor = TimeSpan.FromMinutes(5);

    private int _failures;

    /// <summary>The wait after one more failure. A longer wait that the server asks for (Retry-After) counts, up to five minutes.</summary>
    internal TimeSpan Next(TimeSpan? askedFor)
    {
        var doubled = First * Math.Pow(2, Math.Min(_failures, 10));
        _failures++;
        var own = (doubled < Longest ? doubled : Longest) * (0.75 + (0.5 * random()));
        var asked =
            askedFor < LongestAskedFor ? askedFor.Value
            : askedFor is null ? TimeSpan.Zero
            : LongestAskedFor;
        return asked > own ? asked : own;
    }

    internal void Succeeded() => _failures = 0;
}
