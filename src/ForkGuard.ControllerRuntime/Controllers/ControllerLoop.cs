using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

/// <summary>Has a controller work on the objects of a cache: cache, queue, workers.</summary>
public sealed class ControllerLoop<TEntity> : IDisposable
    where TEntity : class
{
    private readonly string _name;
    private readonly ResourceCache<TEntity> _cache;
    private readonly IEntityController<TEntity> _controller;
    private readonly RuntimeServices _services;
    private readonly ControllerLoopOptions _options;
    private readonly ILogger _logger;
    private readonly WorkQueue<ResourceKey> _queue;
    private readonly Tombstones<TEntity> _tombstones = new();

    /// <param name="name">In logs, metrics and health.</param>
    /// <param name="cache">Its objects; run by the caller.</param>
    /// <param name="controller">The controller of these objects.</param>
    /// <param name="services">Clock, metrics, health, log.</param>
    /// <param name="options">How they are worked on.</param>
    public ControllerLoop(
        string name,
        ResourceCache<TEntity> cache,
        IEntityController<TEntity> controller,
        RuntimeServices services,
        ControllerLoopOptions? options = null
    )
    {
        _name = name;
        _cache = cache;
        _controller = controller;
        _services = services;
        _options = options ?? new();
        _logger = services.Logging.CreateLogger($"{RuntimeMetrics.MeterName}.ControllerLoop");
        _queue = new(services.Time, _options.Queue);
        services.Metrics.ObserveQueue(name, () => _queue.Depth);
    }

    /// <summary>Has an object reconciled though it did not change itself, because another one did.</summary>
    public void Enqueue(ResourceKey key) => _queue.Add(key);

    /// <summary>Has an object reconciled after a time.</summary>
    public void EnqueueAfter(ResourceKey key, TimeSpan delay) => _queue.AddAfter(key, delay);

    /// <summary>
    /// Waits for the caches, then works until cancelled: first on all there is, then on what changes. A reconciliation that
    /// fails is tried again; what this throws otherwise is a defect, and should end the process. Once only.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled, and no reconciliation is under way any more.</exception>
    /// <exception cref="LeadershipLostException">A reconciliation found that this process leads no more.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ControllerLog.Waits(_logger, _name);
        foreach (ICacheHealth needed in _options.WaitFor.Prepend(_cache))
        {
            await needed.WaitForSyncAsync(cancellationToken);
        }

        ControllerLog.Starts(_logger, _name, _options.Workers);
        using IDisposable changes = _cache.OnChanged(Changed);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(Enumerable.Range(1, _options.Workers).Select(number => WorkAsync(number, ended)));
    }

    public void Dispose() => _queue.Dispose();

    private void Changed(ResourceChange<TEntity> change)
    {
        if (change is { New: null, Old: { } gone })
        {
            _tombstones.Add(change.Key, gone);
        }

        _queue.Add(change.Key);
    }

    private async Task WorkAsync(int number, CancellationTokenSource ended)
    {
        using LoopBeat beat = _services.Health.Loop($"worker {number} of {_name}", _options.StuckAfter);
        try
        {
            // The worker gives its thread back, so that the first one does not hold up the others.
            await Task.Yield();
            while (true)
            {
                beat.Rest();
                WorkItem<ResourceKey> item = await _queue.GetAsync(ended.Token);
                if (item.IsShutDown)
                {
                    return;
                }

                beat.Beat();
                await ProcessAsync(item.Key, ended.Token);
            }
        }
        finally
        {
            // One worker alone never ends: the others go with it.
            await ended.CancelAsync();
        }
    }

    private async Task ProcessAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        using IDisposable? scope = ControllerLog.Scope(_logger, _name, key.ToString());
        long started = _services.Time.GetTimestamp();
        string result = "error";
        try
        {
            using CancellationTokenSource late = new(_options.ReconcileTimeout, _services.Time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
                late.Token,
                cancellationToken
            );
            ReconciliationResult outcome = await ReconcileAsync(key, either.Token);
            _queue.Forget(key);
            result = "success";
            if (outcome.RequeueAfter is { } delay)
            {
                _queue.AddAfter(key, delay);
            }
        }
#pragma warning disable CA1031 // An object that fails must not stop the others.
        catch (Exception exception)
            when (exception is not LeadershipLostException || cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // A reconciliation that was cancelled may fail in any way, which is not an error.
            if (!cancellationToken.IsCancellationRequested)
            {
                ControllerLog.Failed(_logger, _name, key, exception);
                _queue.AddRateLimited(key);
            }
        }
        finally
        {
            _queue.Done(key);
            _services.Metrics.Reconciled(_name, result, _services.Time.GetElapsedTime(started));
        }
    }

    private async Task<ReconciliationResult> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        while (_tombstones.Peek(key) is { } gone)
        {
            await _controller.DeletedAsync(gone, cancellationToken);
            _tombstones.Remove(key);
        }

        return _cache.Get(key) is { } entity
            ? await _controller.ReconcileAsync(entity, cancellationToken)
            : ReconciliationResult.Done;
    }
}
