using System.Buffers;
using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Holds the objects of a kind by a list and then a watch, for as long as it runs. Whatever way a watch ends, the cache catches
/// up with what was missed; what went meanwhile is noticed.
/// </summary>
public sealed class ResourceCache<T> : IResourceCache<T>, ICacheHealth
    where T : class
{
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HealthyWatch = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    private const long Connected = long.MinValue;

    private readonly ResourceReader<T> _reader;
    private readonly ResourceStore<T> _store;
    private readonly ResourceCacheOptions<T> _options;
    private readonly RuntimeServices _services;
    private readonly ILogger _logger;
    private readonly Lock _dispatch = new();
    private readonly List<Action<ResourceChange<T>>> _handlers = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _disconnectedSince;
    private long _taken;
    private long _heard;

    /// <summary>A cache that readiness depends on from now on.</summary>
    public ResourceCache(
        ApiClient client,
        ResourceKind<T> kind,
        ResourceCacheOptions<T> options,
        RuntimeServices services
    )
    {
        Name = kind.ToString();
        _options = options;
        _services = services;
        _logger = services.Logging.CreateLogger($"{RuntimeMetrics.MeterName}.ResourceCache");
        _reader = new(client, kind, options, services, _logger);
        _store = new(kind.Identify, options);
        _disconnectedSince = _heard = services.Time.GetTimestamp();
        services.Health.Cache(this);
        services.Metrics.StartKind(Name, WatchEnd.Reasons);
    }

    public string Name { get; }
    public bool IsSynced => _synced.Task.IsCompletedSuccessfully;

    public TimeSpan? DisconnectedFor
    {
        get
        {
            long since = Interlocked.Read(ref _disconnectedSince);
            return since == Connected ? null : _services.Time.GetElapsedTime(since);
        }
    }

    public TimeSpan SilentFor => _services.Time.GetElapsedTime(Interlocked.Read(ref _heard));

    public T? Get(ResourceKey key) => _store.Get(key);

    public IReadOnlyCollection<T> List() => _store.List();

    public IReadOnlyCollection<T> ByIndex(string index, string value) => _store.ByIndex(index, value);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Calls the handler for every change from now on, one at a time and in order, after the cache has taken it in. The objects
    /// that it holds already come first, as additions. An object replaced by another of its name is one that went and one that came. A
    /// handler is quick (it adds a key to a queue) and throws nothing: an exception ends <see cref="RunAsync"/>.
    /// </summary>
    /// <returns>Ends the calls.</returns>
    public IDisposable OnChanged(Action<ResourceChange<T>> handler)
    {
        lock (_dispatch)
        {
            _handlers.Add(handler);
            foreach (ResourceChange<T> held in _store.AsAdded())
            {
                handler(held);
            }
        }

        return new Registration(() => Unregister(handler));
    }

    /// <summary>Lists and watches until cancelled. Failures of the API server never end it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using LoopBeat beat = _services.Health.Loop($"cache of {Name}", (_options.WatchTimeout * 2) + Silence);
        string? version = null;
        int failures = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            beat.Beat();
            long started = _services.Time.GetTimestamp();
            long taken = _taken;
            (version, WatchEnd end) = await FollowAsync(version, beat, cancellationToken);
            TimeSpan lasted = _services.Time.GetElapsedTime(started);
            _services.Metrics.StreamEnded(Name, end.Reason);
            // A server ends the watch of a reader that it finds too slow: one that goes on from there at once catches up.
            bool goesOn = end.Ending == WatchEnding.Closed && _taken > taken;
            if (lasted >= HealthyWatch || goesOn)
            {
                failures = 0;
            }

            if (goesOn || (end.Ending == WatchEnding.Closed && lasted >= ShortWatch))
            {
                CacheLog.Ended(_logger, Name, end.Reason, end.Detail);
                continue;
            }

            TimeSpan delay = Backoff.Delay(failures++, MinDelay, MaxDelay);
            delay = end.RetryAfter > delay ? end.RetryAfter.Value : delay;
            CacheLog.Failed(_logger, Name, end.Reason, delay.TotalMilliseconds, end.Detail);
            await Task.Delay(delay, _services.Time, cancellationToken);
        }
    }

    /// <summary>Lists if there is no version to go on from, and watches until the watch ends.</summary>
    /// <returns>The version to go on from, null if there is none; and how it ended.</returns>
    private async Task<(string? Version, WatchEnd End)> FollowAsync(
        string? version,
        LoopBeat beat,
        CancellationToken cancellationToken
    )
    {
        OpenWatch? watch = null;
        try
        {
            if (version is null)
            {
                ResourceList<T> list = await _reader.ListAsync(cancellationToken);
                version = list.Version;
                Dispatch(() => _store.Replace(list.Items));
                Heard();
                CacheLog.Listed(_logger, Name, list.Items.Count, version);
                _synced.TrySetResult();
            }

            watch = await _reader.WatchAsync(version, cancellationToken);
            Interlocked.Exchange(ref _disconnectedSince, Connected);
            Heard();
            await foreach (ReadOnlySequence<byte> line in watch.LinesAsync())
            {
                beat.Beat();
                using WatchEvent? happened = WatchEvent.Parse(line);
                if (happened is null)
                {
                    return (null, new(WatchEnding.Malformed, "A line is not a watch event."));
                }

                if (happened.Type == WatchEventType.Error)
                {
                    return (null, happened.End);
                }

                version = Take(happened);
                Heard();
            }

            return (version, new(WatchEnding.Closed, "by the server"));
        }
        catch (Exception exception)
            when (!cancellationToken.IsCancellationRequested && WatchEnd.Of(exception) is { } end)
        {
            return (end.NeedsList ? null : version, end);
        }
        finally
        {
            watch?.Dispose();
            Interlocked.CompareExchange(ref _disconnectedSince, _services.Time.GetTimestamp(), Connected);
        }
    }

    /// <returns>The version that the event brought.</returns>
    private string Take(WatchEvent happened)
    {
        ResourceIdentity header = ObjectHeader.Read(happened.Object)!;
        _taken++;
        if (happened.Type != WatchEventType.Bookmark)
        {
            T? read = happened.Type == WatchEventType.Put ? _reader.Read(happened.Object) : null;
            Dispatch(() => read is null ? _store.Remove(header.Key) : _store.Put(read));
        }

        return header.ResourceVersion;
    }

    private void Heard() => Interlocked.Exchange(ref _heard, _services.Time.GetTimestamp());

    private void Unregister(Action<ResourceChange<T>> handler)
    {
        lock (_dispatch)
        {
            _handlers.Remove(handler);
        }
    }

    private void Dispatch(Func<IReadOnlyList<ResourceChange<T>>> change)
    {
        lock (_dispatch)
        {
            foreach (ResourceChange<T> changed in change())
            {
                foreach (Action<ResourceChange<T>> handler in _handlers)
                {
                    handler(changed);
                }
            }
        }
    }

    private sealed class Registration(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
