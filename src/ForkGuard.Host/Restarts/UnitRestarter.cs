using ForkGuard.Api;
using ForkGuard.Host.Records;
using ForkGuard.Host.Systemd;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Host.Restarts;

/// <summary>
/// Restarts units beside the scans, one step after the other. Neither systemd, the bus nor the disk can delay a scan or end
/// the watch.
/// </summary>
internal sealed class UnitRestarter : IDisposable
{
    /// <summary>Named in the messages about it.</summary>
    private const string NoDirectory =
        "there is no state directory for the records of restarts; set --state DIRECTORY, or StateDirectory= in the service's unit";

    private readonly string? _directory;
    private readonly Func<CancellationToken, Task<ISystemd>> _connect;
    private readonly HostIdentity _host;
    private readonly TimeProvider _time;
    private readonly UnitEvents _events;
    private readonly RefusedCalls _refusals;
    private readonly ClockSteps _steps;
    private readonly UsageOfRuns _usage = new();
    private readonly CancellationTokenSource _stop = new();

    // Of a batch, and of the thread of the scans only before the first one.
    private readonly HashSet<NamedUnit> _checked = [];
    private RecordStore? _store;
    private bool _hasOpen = true;
    private bool _hasFollowedAll;

    private volatile UnitScan? _scan;
    private Task _batch = Task.CompletedTask;

    /// <param name="directory">The state directory; null if there is none.</param>
    /// <param name="connect">Connects to systemd.</param>
    /// <param name="host">This process.</param>
    /// <param name="time">The clocks.</param>
    internal UnitRestarter(
        string? directory,
        Func<CancellationToken, Task<ISystemd>> connect,
        HostIdentity host,
        TimeProvider time
    )
    {
        _directory = directory;
        _connect = connect;
        _host = host;
        _time = time;
        _events = new UnitEvents(time);
        _refusals = new RefusedCalls(time);
        _steps = new ClockSteps(host, time);
    }

    /// <summary>Goes on by a new scan, unless the steps of an earlier one still run.</summary>
    internal void Observe(UnitScan scan)
    {
        _scan = scan;
        if (!_batch.IsCompleted)
        {
            return;
        }

        if (_batch.IsFaulted)
        {
            _batch.GetAwaiter().GetResult();
        }

        _events.Forget(scan.Interval);
        if (_hasOpen || scan.Wants.Count > 0 || scan.Units.Any(unit => !_checked.Contains(unit)))
        {
            _batch = Task.Run(() => RunAsync(scan, _stop.Token));
        }
    }

    /// <summary>Takes the events since the last time.</summary>
    internal IReadOnlyList<UnitEvent> TakeEvents() => _events.Take();

    /// <summary>Completes when the steps of the last scan are done.</summary>
    internal Task Idle => _batch;

    /// <summary>Waits for the steps that run: none is left between a call and its answer.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        ((IAsyncResult)_batch).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(5));
        _store?.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(UnitScan scan, CancellationToken cancellationToken)
    {
        try
        {
            if (TryOpen() is { } problem)
            {
                Block(scan, scan.Units, problem);
                // Emitted for all of them, and forgotten by the next check that finds no problem.
                _checked.Clear();
                return;
            }

            _steps.Follow(_store!);
            using var systemd = await _connect(cancellationToken);
            await CheckAsync(scan, systemd, cancellationToken);
            await StepAllAsync(scan, systemd, cancellationToken);
        }
        catch (Exception failed) when (failed is SystemdException or IOException or UnauthorizedAccessException)
        {
            Block(scan, scan.Units.Where(unit => !_checked.Contains(unit)), failed.Message);
        }
        catch (OperationCanceledException)
        {
            // The watch ends.
        }
        catch (OutOfMemoryException)
        {
            // The next scan goes on from the record.
        }
    }

    private string? TryOpen()
    {
        if (_directory is null)
        {
            return NoDirectory;
        }

        try
        {
            _store ??= new RecordStore(_directory);
            _store.Follow();
            return null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return $"the state directory cannot be used: {failed.Message}";
        }
    }

    /// <summary>Emits once for each named unit what would hold back every restart of it.</summary>
    private async Task CheckAsync(UnitScan scan, ISystemd systemd, CancellationToken cancellationToken)
    {
        foreach (var named in scan.Units.Where(named => !_checked.Contains(named)).ToList())
        {
            try
            {
                var unit = await systemd.ReadAsync(named.Unit, cancellationToken);
                var unmanaged = UnitFacts.Unmanaged(unit) ?? UnitFacts.Misnamed(unit, named.Unit);
                if (unmanaged is not null)
                {
                    _events.Blocked(named.Unit, named.Watch, [new RestartBlock(BlockReason.Unmanaged, unmanaged)]);
                }

                _checked.Add(named);
                _store!.Read(UnitFacts.OwnerOf(named.Unit));
                if (unmanaged is null)
                {
                    _events.Unblocked(named.Unit, named.Watch);
                }
            }
            catch (IOException unreadable)
            {
                Block([named], PrintableText.Escape(unreadable.Message));
            }
            catch (SystemdException failed)
            {
                Block([named], PrintableText.Escape(failed.Message));
                if (failed.IsRefusal)
                {
                    _checked.Add(named);
                }
            }
        }
    }

    private async Task StepAllAsync(UnitScan scan, ISystemd systemd, CancellationToken cancellationToken)
    {
        var runner = new UnitRunner(_store!, systemd, () => _scan!, _refusals, _usage, _events, _host, _time);
        foreach (var record in _store!.List().Where(record => IsOpen(record) || !_hasFollowedAll))
        {
            var unit = record.Spec.Owner.Name;
            await TryAsync(() => runner.RunAsync(unit, wanted: null, cancellationToken), unit, wanted: null);
        }

        _hasFollowedAll = true;

        foreach (var wanted in scan.Wants)
        {
            await TryAsync(() => runner.RunAsync(wanted.Unit, wanted, cancellationToken), wanted.Unit, wanted);
        }

        _hasOpen = !_store.IsInPlace || _store.List().Any(IsOpen);
    }

    /// <summary>An error holds back the restart of this unit alone.</summary>
    private async Task TryAsync(Func<Task<IReadOnlyList<RestartBlock>?>> run, string unit, UnitWant? wanted)
    {
        IReadOnlyList<RestartBlock>? blocks;
        try
        {
            blocks = await run();
        }
        catch (Exception failed) when (failed is SystemdException or IOException or UnauthorizedAccessException)
        {
            blocks = [new RestartBlock(BlockReason.Unavailable, PrintableText.Escape(failed.Message))];
        }

        if (wanted is not null && blocks is not null)
        {
            _events.Blocked(unit, wanted.Watch, blocks);
        }
    }

    private static bool IsOpen(ForkRestart record) => RestartRecords.StateOf(record.Status) != RestartState.Idle;

    private void Block(UnitScan scan, IEnumerable<NamedUnit> units, string message) =>
        Block(units.Concat(scan.Wants.Select(want => new NamedUnit(want.Watch, want.Unit))), message);

    private void Block(IEnumerable<NamedUnit> units, string message)
    {
        foreach (var unit in units.Distinct().ToList())
        {
            _events.Blocked(unit.Unit, unit.Watch, [new RestartBlock(BlockReason.Unavailable, message)]);
        }
    }
}
