using System.Collections.Concurrent;
using System.Globalization;

namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Reports whether the process should be restarted (liveness: a loop is stuck) and whether it can do its work (readiness: its caches
/// are there and connected). A lost API server is a matter of readiness only: a restart would cure nothing and forget much.
/// </summary>
public sealed class HealthRegistry
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _disconnectedLimit;
    private readonly ConcurrentDictionary<LoopBeat, byte> _loops = new();
    private readonly ConcurrentDictionary<ICacheHealth, byte> _caches = new();

    /// <param name="time">The clock.</param>
    /// <param name="disconnectedLimit">How long a cache may go without a watch and still be ready; default 30 s.</param>
    public HealthRegistry(TimeProvider time, TimeSpan? disconnectedLimit = null)
    {
        _time = time;
        _disconnectedLimit = disconnectedLimit ?? TimeSpan.FromSeconds(30);
    }

    /// <summary>Watches over a loop until the result is disposed of.</summary>
    /// <param name="name">Shown when it is stuck.</param>
    /// <param name="maxSilence">A loop that neither beats nor rests for longer is stuck.</param>
    public LoopBeat Loop(string name, TimeSpan maxSilence)
    {
        LoopBeat beat = new(name, maxSilence, _time, ended => _loops.TryRemove(ended, out _));
        _loops[beat] = 0;
        return beat;
    }

    /// <summary>Has readiness depend on a cache.</summary>
    public void Cache(ICacheHealth cache) => _caches[cache] = 0;

    /// <summary>Fails when a loop is stuck, and names it.</summary>
    public HealthAnswer Liveness() =>
        Answer(
            from loop in _loops.Keys
            let silence = loop.Silence
            where silence > loop.MaxSilence
            select $"{loop.Name} has been silent for {Seconds(silence)}"
        );

    /// <summary>Fails when a cache is missing or cut off, and names it.</summary>
    public HealthAnswer Readiness() =>
        Answer(
            from cache in _caches.Keys
            let disconnected = cache.DisconnectedFor
            where !cache.IsSynced || disconnected > _disconnectedLimit
            select cache.IsSynced
                ? $"{cache.Name} has been disconnected for {Seconds(disconnected!.Value)}"
                : $"{cache.Name} has not been listed yet"
        );

    private static HealthAnswer Answer(IEnumerable<string> findings)
    {
        string text = string.Join('\n', findings.Order(StringComparer.Ordinal));
        return text.Length == 0 ? new(Ok: true, "ok") : new(Ok: false, text);
    }

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalSeconds)} s");
}

/// <summary>The answer to a probe.</summary>
/// <param name="Ok">True if it passes.</param>
/// <param name="Text"><c>ok</c>, or one line for each thing that is wrong.</param>
public readonly record struct HealthAnswer(bool Ok, string Text);
