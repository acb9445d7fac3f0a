using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

/// <summary>Sees to it that at most one process leads, by a Lease of coordination.k8s.io/v1.</summary>
public sealed class LeaderElection
{
    private const string LaterTerm = "an object was written in a later term";

    /// <summary>A count far above that of any lease leaves room for the terms after it.</summary>
    private const int MaxTransitions = 1_000_000_000;

    private readonly LeaseClient _leases;
    private readonly LeaderElectionOptions _options;
    private readonly RuntimeServices _services;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly TaskCompletionSource<LeaderTerm> _acquired = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    // The last known state, whose resource version the next write goes by.
    private Lease? _lease;

    /// <exception cref="ArgumentException">The times are not LeaseDuration &gt; RenewDeadline &gt; RetryPeriod &gt; 0.</exception>
    public LeaderElection(ApiClient client, LeaderElectionOptions options, RuntimeServices services)
    {
        if (
            options.RetryPeriod <= TimeSpan.Zero
            || options.RenewDeadline <= options.RetryPeriod
            || options.LeaseDuration <= options.RenewDeadline
        )
        {
            throw new ArgumentException(
                "LeaseDuration must be longer than RenewDeadline, and that longer than RetryPeriod: "
                    + $"{options.LeaseDuration}, {options.RenewDeadline}, {options.RetryPeriod}.",
                nameof(options)
            );
        }

        _options = options;
        _services = services;
        _name = $"{options.Namespace}/{options.Name}";
        _leases = new(client, options, services.Time);
        _logger = services.Logging.CreateLogger($"{RuntimeMetrics.MeterName}.LeaderElection");
        services.Metrics.ObserveElection(_name, () => CurrentTerm is not null);
    }

    /// <summary>Null while another one leads, or nobody.</summary>
    public LeaderTerm? CurrentTerm =>
        _acquired.Task is { IsCompletedSuccessfully: true, Result: { IsCurrent: true } term } ? term : null;

    /// <summary>Waits until this process leads.</summary>
    public Task<LeaderTerm> WaitForTermAsync(CancellationToken cancellationToken) =>
        _acquired.Task.WaitAsync(cancellationToken);

    /// <summary>Leads by the token alone; see <see cref="RunAsync(Func{LeaderTerm, Task}, CancellationToken)"/>.</summary>
    /// <remarks>Only where all work has ended before <paramref name="stop"/>: the lease is released right after it.</remarks>
    public Task RunAsync(CancellationToken stop) =>
        RunAsync(static term => Task.Delay(Timeout.InfiniteTimeSpan, term.Lost), stop);

    /// <summary>
    /// Acquires the lease, leads, and renews it all the while. When it is stopped, it ends the term, waits for the work to end and
    /// then releases the lease, so that a successor acquires it at once. Once only.
    /// </summary>
    /// <param name="lead">The work of a leader; ends soon after the term's <see cref="LeaderTerm.Lost"/>.</param>
    /// <param name="stop">Ends everything in good order.</param>
    /// <exception cref="LeadershipLostException">
    /// The lease could not be kept. Nothing but its count of terms is written again: end the process.
    /// </exception>
    public async Task RunAsync(Func<LeaderTerm, Task> lead, CancellationToken stop)
    {
        using LoopBeat beat = _services.Health.Loop($"election of {_name}", _options.LeaseDuration * 4);
        LeaderTerm term;
        try
        {
            term = await AcquireAsync(beat, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }

        ElectionLog.Leads(_logger, _name, _options.Identity, term.Transitions);
        _acquired.SetResult(term);
        using (term)
        {
            Task work = Task.Run(() => lead(term), CancellationToken.None);
            if (await KeepAsync(term, work, beat, stop) is { } loss)
            {
                term.End();
                ElectionLog.Lost(_logger, _name, _options.Identity, loss);
                await CountLaterTermAsync(term);
                throw new LeadershipLostException($"The lease {_name} was lost: {loss}.");
            }

            await ReleaseAsync(term, work);
        }
    }

    private async Task<LeaderTerm> AcquireAsync(LoopBeat beat, CancellationToken stop)
    {
        LeaseObservation observation = new(_services.Time, _options.LeaseDuration);
        string waitsFor = "";
        while (true)
        {
            beat.Beat();
            try
            {
                using CancellationTokenSource late = new(_options.RenewDeadline, _services.Time);
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
                    late.Token,
                    stop
                );
                _lease = await _leases.GetAsync(either.Token);
                if (observation.IsFree(_lease) || _lease?.Holder == _options.Identity)
                {
                    long sent = _services.Time.GetTimestamp();
                    Lease? held = _lease is null
                        ? await _leases.CreateAsync(either.Token)
                        : await _leases.AcquireAsync(_lease, either.Token);
                    if (held is not null)
                    {
                        _lease = held;
                        return new(_services.Time, _options.RenewDeadline, sent, held.Uid, held.Transitions);
                    }
                }
                else if (_lease is not null && _lease.Holder != waitsFor)
                {
                    waitsFor = _lease.Holder;
                    ElectionLog.Waits(_logger, _name, waitsFor, _options.Identity);
                }
            }
            catch (Exception exception) when (!stop.IsCancellationRequested && ApiFailure.IsOfServer(exception))
            {
                ElectionLog.CannotAcquire(_logger, _name, exception.Message);
            }

            await Task.Delay(_options.RetryPeriod * (1 + (Random.Shared.NextDouble() / 5)), _services.Time, stop);
        }
    }

    /// <summary>Renews until the work has ended, or is to.</summary>
    /// <returns>Why the lease was lost; null if it was not.</returns>
    private async Task<string?> KeepAsync(LeaderTerm term, Task work, LoopBeat beat, CancellationToken stop)
    {
        while (true)
        {
            beat.Beat();
            await PauseAsync(work, term, stop);
            if (stop.IsCancellationRequested || work.IsCompleted)
            {
                return term.IsCurrent ? null
                    : term.Remaining > TimeSpan.Zero ? LaterTerm
                    : "it was not renewed in time";
            }

            if (!term.IsCurrent)
            {
                return term.Remaining > TimeSpan.Zero ? LaterTerm : "it was not renewed in time";
            }

            try
            {
                using CancellationTokenSource late = new(_options.RenewDeadline / 2, _services.Time);
                using CancellationTokenSource any = CancellationTokenSource.CreateLinkedTokenSource(
                    late.Token,
                    term.Lost,
                    stop
                );
                if (await RenewAsync(term, any.Token) is { } loss)
                {
                    return loss;
                }
            }
            catch (Exception exception) when (ApiFailure.IsOfServer(exception))
            {
                if (!stop.IsCancellationRequested)
                {
                    ElectionLog.CannotRenew(_logger, _name, term.Remaining.TotalSeconds, exception.Message);
                }
            }
        }
    }

    /// <returns>Why the lease is lost; null if it is not.</returns>
    private async Task<string?> RenewAsync(LeaderTerm term, CancellationToken cancellationToken)
    {
        long sent = _services.Time.GetTimestamp();
        if (await _leases.RenewAsync(_lease!, cancellationToken) is { } renewed)
        {
            _lease = renewed;
            term.Renewed(sent);
            return null;
        }

        // Someone wrote it: an annotation, this process by a call whose answer was lost, or another leader.
        Lease? now = await _leases.GetAsync(cancellationToken);
        if (now?.Holder != _options.Identity)
        {
            return now is null ? "it was deleted" : $"its holder is now '{now.Holder}'";
        }

        _lease = now;
        return null;
    }

    private async Task PauseAsync(Task work, LeaderTerm term, CancellationToken stop)
    {
        using CancellationTokenSource woken = CancellationTokenSource.CreateLinkedTokenSource(term.Lost, stop);
        await Task.WhenAny(work, Task.Delay(_options.RetryPeriod, _services.Time, woken.Token));
        await woken.CancelAsync();
    }

    private async Task ReleaseAsync(LeaderTerm term, Task work)
    {
        term.End();
        using CancellationTokenSource late = new(term.Remaining, _services.Time);
        try
        {
            await work.WaitAsync(late.Token);
        }
        catch (OperationCanceledException) when (work.IsCompleted)
        {
            // The work ended because it was cancelled.
        }
        catch (OperationCanceledException)
        {
            ElectionLog.NotReleased(_logger, _name, "the work of the leader has not ended");
            return;
        }
        finally
        {
            if (work.IsCompleted)
            {
                await TryReleaseAsync(late.Token);
            }
        }
    }

    /// <summary>
    /// Writes the count of the later term that an object names, if no other term came after this one: the lease was replaced by one
    /// without its count, as by <c>kubectl replace</c>. Until the count is past it, every term would end at that object.
    /// </summary>
    private async Task CountLaterTermAsync(LeaderTerm term)
    {
        if (term.LaterTransitions is not (> 0 and < MaxTransitions and var later))
        {
            return;
        }

        using CancellationTokenSource late = new(term.Remaining, _services.Time);
        try
        {
            // A renewal that was cancelled may still be written.
            while (
                await _leases.GetAsync(late.Token) is { } lease
                && lease.Holder == _options.Identity
                && lease.Transitions == term.Transitions
            )
            {
                if (await _leases.CountAsync(lease, later, late.Token) is not null)
                {
                    ElectionLog.Counted(_logger, _name, later);
                    return;
                }
            }
        }
        catch (Exception exception) when (ApiFailure.IsOfServer(exception))
        {
            ElectionLog.NotCounted(_logger, _name, later, exception.Message);
        }
    }

    private async Task TryReleaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            Lease? lease = await _leases.GetAsync(cancellationToken);
            if (lease?.Holder == _options.Identity && await _leases.ReleaseAsync(lease, cancellationToken) is not null)
            {
                ElectionLog.Released(_logger, _name, _options.Identity);
            }
        }
        catch (Exception exception) when (ApiFailure.IsOfServer(exception))
        {
            ElectionLog.NotReleased(_logger, _name, exception.Message);
        }
    }
}
