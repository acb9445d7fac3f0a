using System.Threading.Channels;
using ForkGuard.Api;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Agent.Reporting;

/// <summary>
/// Writes what the scans give as the policy has it. Keeps the newest scan and nothing else, so that an API server that is
/// away or slow holds up no scan and fills no memory.
/// </summary>
internal sealed class ReportWriter(ReportClient client, AgentMetrics metrics, AgentLog log, TimeProvider time)
{
    /// <summary>A quiet agent looks up what is asked of it, or the first watch would wait for its next heartbeat.</summary>
    private static readonly TimeSpan LookUpAfter = TimeSpan.FromSeconds(30);

    private readonly Channel<Observation> _newest = Channel.CreateBounded<Observation>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }
    );
    private readonly WritePolicy _policy = new(Random.Shared.NextDouble);
    private readonly RetryDelay _delay = new(Random.Shared.NextDouble);
    private readonly StatusConditions _conditions = new();
    private volatile ReportSettings _settings = ReportSettings.Default;
    private NodeForkReportStatus? _earlier;
    private string? _uid;
    private long _asked;
    private TimeSpan _lookUpAfter;

    /// <summary>The report's spec, as it was read last.</summary>
    internal ReportSettings Settings => _settings;

    /// <summary>The status that an earlier agent of this node has written, once; null before the first answer and after that.</summary>
    internal NodeForkReportStatus? TakeEarlier() => Interlocked.Exchange(ref _earlier, null);

    /// <summary>Takes the place of a scan that was not written yet.</summary>
    internal void Offer(NodeScan scan, Degradation? degradation) =>
        _newest.Writer.TryWrite(new Observation(scan, degradation));

    internal async Task RunAsync(CancellationToken stop)
    {
        var isIntroduced = false;
        Observation? pending = null;
        while (!stop.IsCancellationRequested)
        {
            if (!isIntroduced)
            {
                isIntroduced = await TryAsync(() => client.GetAsync(stop, withStatus: true), stop);
                continue;
            }

            pending = _newest.Reader.TryRead(out var newer) ? newer : pending ?? await _newest.Reader.ReadAsync(stop);
            var scan = pending.Scan;
            var conditions = _conditions.Of(pending.Degradation, scan.Time);
            var reason = _policy.Ask(scan, conditions, _settings, time.GetUtcNow());
            if (reason == WriteReason.None)
            {
                pending = null;
                if (time.GetElapsedTime(_asked) >= _lookUpAfter)
                {
                    await LookUpAsync(stop);
                }

                continue;
            }

            var askedFor = _settings;
            if (await TryAsync(() => client.WriteAsync(scan.ToStatus(conditions), stop), stop))
            {
                _policy.Written(scan, conditions, askedFor, time.GetUtcNow());
                metrics.Written(reason);
                pending = null;
            }
        }
    }

    /// <summary>A failure holds up no write and is not logged: the next write reports the problem.</summary>
    private async Task LookUpAsync(CancellationToken stop)
    {
        var answer = await client.GetAsync(stop);
        stop.ThrowIfCancellationRequested();
        metrics.Answered(answer.Outcome);
        NoteAsked(answer.RetryAfter ?? TimeSpan.Zero);
        if (answer.Outcome == ReportOutcome.Accepted)
        {
            Follow(answer);
        }
        else if (answer.Outcome == ReportOutcome.NotFound)
        {
            _policy.Forget();
        }
    }

    private void NoteAsked(TimeSpan notBefore)
    {
        var after = LookUpAfter * (0.8 + (0.2 * Random.Shared.NextDouble()));
        _asked = time.GetTimestamp();
        _lookUpAfter = after > notBefore ? after : notBefore;
    }

    /// <summary>Asks once; after a failure waits as long as it takes before the next time.</summary>
    private async Task<bool> TryAsync(Func<Task<ReportAnswer>> ask, CancellationToken stop)
    {
        var answer = await ask();
        stop.ThrowIfCancellationRequested();
        metrics.Answered(answer.Outcome);
        if (answer.Outcome == ReportOutcome.Accepted)
        {
            _delay.Succeeded();
            NoteAsked(TimeSpan.Zero);
            log.AppendOnce("API", state: null, "the API server takes reports again");
            Follow(answer);
            return true;
        }

        log.AppendOnce("API", answer.Outcome.ToString(), $"report not written, scans go on: {Explain(answer)}");
        if (answer.Outcome == ReportOutcome.NotFound)
        {
            _policy.Forget();
        }

        await Task.Delay(_delay.Next(answer.RetryAfter), time, stop);
        return false;
    }

    private void Follow(ReportAnswer answer)
    {
        var report = answer.Report!;
        if (report.Metadata?.Uid != _uid)
        {
            // A report that was deleted and created again has no status yet.
            _uid = report.Metadata?.Uid;
            _policy.Forget();
        }

        if (answer.Earlier is { } earlier)
        {
            Interlocked.Exchange(ref _earlier, earlier);
        }

        _conditions.Continue(report.Status?.Conditions);
        var asked = _settings.With(report.Spec);
        if (asked != _settings)
        {
            _settings = asked;
            log.Append($"the report's spec asks for: {asked}");
        }
    }

    private static string Explain(ReportAnswer answer) =>
        answer.Outcome switch
        {
            ReportOutcome.NotFound =>
                $"the NodeForkReport of this node does not exist yet; the controller creates it ({answer.Message})",
            ReportOutcome.Forbidden =>
                $"the service account needs get on nodeforkreports and patch on nodeforkreports/status ({answer.Message})",
            _ => answer.Message,
        };

    private sealed record Observation(NodeScan Scan, Degradation? Degradation);
}
