namespace ForkGuard.ControllerRuntime;

/// <summary>A time in which this process leads, and no other.</summary>
public sealed class LeaderTerm : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _renewDeadline;
    private readonly CancellationTokenSource _lost;
    private readonly ITimer _deadline;
    private long _renewed;

    /// <param name="time">The clock.</param>
    /// <param name="renewDeadline">How long a renewal is good for.</param>
    /// <param name="renewed">When the request that acquired the lease was sent.</param>
    /// <param name="leaseUid">The lease's uid.</param>
    /// <param name="transitions">The lease's own count.</param>
    internal LeaderTerm(TimeProvider time, TimeSpan renewDeadline, long renewed, string leaseUid, int transitions)
    {
        _time = time;
        _renewDeadline = renewDeadline;
        _renewed = renewed;
        LeaseUid = leaseUid;
        Transitions = transitions;
        _lost = new();
        Lost = _lost.Token;
        _deadline = time.CreateTimer(_ => EndIfPast(), state: null, Remaining, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Cancelled when the term is over, at the latest when the renew deadline has passed; no other process acquires the lease
    /// before the rest of the lease's duration has passed too.
    /// </summary>
    public CancellationToken Lost { get; }

    /// <summary>The uid of the lease: counts of another lease are not comparable.</summary>
    public string LeaseUid { get; }

    /// <summary>How often the lease changed hands before; grows from term to term.</summary>
    public int Transitions { get; }

    /// <summary>
    /// Asks the clock, and not only whether <see cref="Lost"/> was cancelled: a process that was frozen runs on before its
    /// timers do.
    /// </summary>
    public bool IsCurrent => !Lost.IsCancellationRequested && Remaining > TimeSpan.Zero;

    /// <summary>How long the last renewal is still good for; not below zero.</summary>
    internal TimeSpan Remaining
    {
        get
        {
            TimeSpan remaining = _renewDeadline - _time.GetElapsedTime(Interlocked.Read(ref _renewed));
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    /// <summary>To be called right before a write that only a leader may make.</summary>
    /// <exception cref="LeadershipLostException">The term is over.</exception>
    public void ThrowIfLost()
    {
        if (!IsCurrent)
        {
            throw new LeadershipLostException("The term as leader is over.");
        }
    }

    public void Dispose()
    {
        _deadline.Dispose();
        End();
    }

    /// <param name="sent">When the request of a renewal that succeeded was sent.</param>
    internal void Renewed(long sent)
    {
        if (!Lost.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _renewed, sent);
            _deadline.Change(Remaining, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The count of a later term in which an object was written; null if none was seen.</summary>
    internal int? LaterTransitions { get; private set; }

    /// <summary>Ends the term: an object was written in a later term of the same lease.</summary>
    /// <param name="laterTransitions">The count of that term.</param>
    public void EndBefore(int laterTransitions)
    {
        LaterTransitions = laterTransitions;
        End();
    }

    internal void End() => _lost.Cancel();

    private void EndIfPast()
    {
        TimeSpan remaining = Remaining;
        if (remaining > TimeSpan.Zero)
        {
            _deadline.Change(remaining, Timeout.InfiniteTimeSpan);
        }
        else
        {
            End();
        }
    }
}

/// <summary>This process is the leader no more. It must write nothing that a leader writes, and end.</summary>
public sealed class LeadershipLostException : Exception
{
    public LeadershipLostException() { }

    public LeadershipLostException(string message)
        : base(message) { }

    public LeadershipLostException(string message, Exception innerException)
        : base(message, innerException) { }
}
