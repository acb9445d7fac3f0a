namespace ForkGuard.ControllerRuntime;

/// <summary>
/// The time of the API server: the Date header of its last answer, and the time that passed on a monotonic clock since. The
/// wall clock of this machine takes no part in it.
/// </summary>
/// <remarks>
/// A date that departs by more than a minute from the dates before is that of another clock. The time is then unknown until at
/// least five answers, over at least a minute, agree: with each other alone, if the clock was set or one answer was wrong, or
/// with each of the clocks, if servers with different clocks answer. Of such servers the clock that is furthest behind gives
/// the time for as long as a cooldown can last, whether its server answers or not, so that no cooldown ends early.
/// </remarks>
/// <param name="time">The monotonic clock.</param>
public sealed class ServerClock(TimeProvider time)
{
    private const int AgreeingAnswers = 5;
    private const int MaxClocks = 8;
    private static readonly TimeSpan MaxDeparture = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AgreeingTime = TimeSpan.FromMinutes(1);

    /// <summary>The longest cooldown that a watch can have.</summary>
    private static readonly TimeSpan MaxKept = TimeSpan.FromDays(7);

    /// <summary>No clock shows a later date, and the time after it has one.</summary>
    private static readonly DateTimeOffset MaxDate = new(3000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly List<ObservedClock> _clocks = [];
    private long _answers;

    /// <summary>The time of the API server; null before its first answer, and while its answers disagree.</summary>
    public DateTimeOffset? Now
    {
        get
        {
            lock (_lock)
            {
                return _clocks is [] || (_clocks.Count > 1 && !_clocks.TrueForAll(HasAgreed))
                    ? null
                    : _clocks.Min(After);
            }
        }
    }

    /// <summary>Sees every answer of a client.</summary>
    public DelegatingHandler Handler() => new Observer(this);

    private void See(DateTimeOffset? date)
    {
        if (date is not { } given || given > MaxDate)
        {
            return;
        }

        lock (_lock)
        {
            Answer answer = new(given, time.GetTimestamp(), ++_answers);
            ObservedClock? own = _clocks.MinBy(clock => (given - After(clock)).Duration());
            if (own is null || (given - After(own)).Duration() > MaxDeparture)
            {
                own = new ObservedClock(answer);
                _clocks.Add(own);
            }

            own.Last = answer;
            own.Count++;
            _clocks.RemoveAll(IsOver);
            if (_clocks.Count > MaxClocks)
            {
                _clocks.Remove(_clocks.OrderBy(clock => clock.IsKept).ThenBy(clock => clock.Last.Number).First());
            }

            if (_clocks.Count > 1 && _clocks.TrueForAll(HasAgreed))
            {
                _clocks.ForEach(clock => clock.IsKept = true);
            }
        }
    }

    // Whole seconds: a date is up to a second behind.
    private DateTimeOffset After(ObservedClock clock) => clock.Last.Date + time.GetElapsedTime(clock.Last.Timestamp);

    private bool HasAgreed(ObservedClock clock) =>
        clock.Count >= AgreeingAnswers && time.GetElapsedTime(clock.Since, clock.Last.Timestamp) >= AgreeingTime;

    private bool IsOver(ObservedClock clock) =>
        _answers - clock.Last.Number >= AgreeingAnswers
        && time.GetElapsedTime(clock.Last.Timestamp) >= (clock.IsKept ? MaxKept : AgreeingTime);

    private sealed record Answer(DateTimeOffset Date, long Timestamp, long Number);

    /// <summary>The answers that agree about the time.</summary>
    private sealed class ObservedClock(Answer first)
    {
        internal long Since { get; } = first.Timestamp;
        internal Answer Last { get; set; } = first;
        internal int Count { get; set; }

        /// <summary>It was one of several that agreed with themselves at the same time.</summary>
        internal bool IsKept { get; set; }
    }

    private sealed class Observer(ServerClock clock) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            clock.See(answer.Headers.Date);
            return answer;
        }
    }
}
