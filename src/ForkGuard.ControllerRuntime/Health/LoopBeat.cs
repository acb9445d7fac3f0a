namespace ForkGuard.ControllerRuntime;

/// <summary>A loop's sign of life.</summary>
public sealed class LoopBeat : IDisposable
{
    private const long Resting = long.MinValue;

    private readonly TimeProvider _time;
    private readonly Action<LoopBeat> _ended;
    private long _last;

    internal LoopBeat(string name, TimeSpan maxSilence, TimeProvider time, Action<LoopBeat> ended)
    {
        Name = name;
        MaxSilence = maxSilence;
        _time = time;
        _ended = ended;
        _last = time.GetTimestamp();
    }

    internal string Name { get; }
    internal TimeSpan MaxSilence { get; }

    internal TimeSpan Silence =>
        Interlocked.Read(ref _last) is var last && last == Resting ? TimeSpan.Zero : _time.GetElapsedTime(last);

    /// <summary>The loop is at work, and got on.</summary>
    public void Beat() => Interlocked.Exchange(ref _last, _time.GetTimestamp());

    /// <summary>The loop waits for work; until the next <see cref="Beat"/> silence means nothing.</summary>
    public void Rest() => Interlocked.Exchange(ref _last, Resting);

    /// <summary>The loop ended.</summary>
    public void Dispose() => _ended(this);
}
