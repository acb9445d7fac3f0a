using System.Threading.Channels;

namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Keys that need work. A key is handed to one worker at a time, however often it was added; one that is added while it is
/// worked on is handed out once more afterwards. A key that fails waits longer each time.
/// </summary>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly WorkQueueOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _processing = [];
    private readonly Dictionary<TKey, Waiting> _waiting = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private bool _shutDown;

    public WorkQueue(TimeProvider time, WorkQueueOptions? options = null)
    {
        _time = time;
        _options = options ?? new();
    }

    /// <summary>Keys that could be worked on now, and are not.</summary>
    public int Depth
    {
        get
        {
            lock (_gate)
            {
                return _ready.Reader.Count;
            }
        }
    }

    /// <summary>Has the key worked on as soon as a worker is free. Nothing happens after <see cref="ShutDown"/>.</summary>
    public void Add(TKey key)
    {
        lock (_gate)
        {
            AddLocked(key);
        }
    }

    /// <summary>Adds the key when the time has passed; of several such times the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_gate)
        {
            if (delay <= TimeSpan.Zero)
            {
                AddLocked(key);
            }
            else if (!_shutDown)
            {
                WaitLocked(key, delay);
            }
        }
    }

    /// <summary>Adds a key that failed, after a delay that grows until <see cref="Forget"/>.</summary>
    public void AddRateLimited(TKey key)
    {
        TimeSpan delay;
        lock (_gate)
        {
            int failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            delay = Backoff.Delay(failures, _options.MinDelay, _options.MaxDelay);
        }

        AddAfter(key, delay);
    }

    /// <summary>The key succeeded: its next failure is its first.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            _failures.Remove(key);
        }
    }

    /// <summary>Waits for a key. After <see cref="ShutDown"/> what was ready is still handed out.</summary>
    public async ValueTask<WorkItem<TKey>> GetAsync(CancellationToken cancellationToken)
    {
        while (await _ready.Reader.WaitToReadAsync(cancellationToken))
        {
            lock (_gate)
            {
                if (_ready.Reader.TryRead(out TKey? key))
                {
                    _dirty.Remove(key);
                    _processing.Add(key);
                    return new(IsShutDown: false, key);
                }
            }
        }

        return new(IsShutDown: true, default!);
    }

    /// <summary>The worker is done with the key, whether it succeeded or not.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            if (_processing.Remove(key) && _dirty.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Takes no more keys and forgets those that wait for their time.</summary>
    public void ShutDown()
    {
        lock (_gate)
        {
            _shutDown = true;
            foreach (Waiting waiting in _waiting.Values)
            {
                waiting.Timer.Dispose();
            }

            _waiting.Clear();
            _ready.Writer.TryComplete();
        }
    }

    public void Dispose() => ShutDown();

    private void AddLocked(TKey key)
    {
        if (!_shutDown && _dirty.Add(key) && !_processing.Contains(key))
        {
            _ready.Writer.TryWrite(key);
        }
    }

    private void WaitLocked(TKey key, TimeSpan delay)
    {
        long due = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
        if (_waiting.TryGetValue(key, out Waiting? earlier))
        {
            if (earlier.Due <= due)
            {
                return;
            }

            earlier.Timer.Dispose();
        }

        Waiting waiting = new(due);
        _waiting[key] = waiting;
        waiting.Timer = _time.CreateTimer(_ => Elapsed(key, waiting), state: null, delay, Timeout.InfiniteTimeSpan);
    }

    private void Elapsed(TKey key, Waiting waiting)
    {
        lock (_gate)
        {
            // A timer that was replaced may have been on its way already.
            if (_waiting.TryGetValue(key, out Waiting? current) && ReferenceEquals(current, waiting))
            {
                _waiting.Remove(key);
                waiting.Timer.Dispose();
                AddLocked(key);
            }
        }
    }

    private sealed class Waiting(long due)
    {
        public long Due => due;
        public ITimer Timer { get; set; } = null!;
    }
}
