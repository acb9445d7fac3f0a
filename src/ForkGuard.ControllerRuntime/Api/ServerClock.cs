namespace ForkGuard.ControllerRuntime;

/// <summary>
/// The time of the API server: the Date header of its last answer, and the time that passed on a monotonic clock since. The
/// wall clock of this machine takes no part in it.
/// </summary>
/// <remarks>
/// A date that departs by more than a minute from those of earlier answers may be that of one server with a wrong clock. The time is unknown from then on, until at least five answers in a row, over at least a minute, agree with each other.
/// </remarks>
/// <param name="time">The monotonic clock.</param>
public sealed class ServerClock(TimeProvider time)
{
    private const int AgreeingAnswers = 5;
    private static readonly TimeSpan MaxDeparture = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AgreeingTime = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();

    // Whole seconds: a date is up to a second behind.
    private Answer? _last;

    // The first of the answers that agree with each other after one that departed, and their count.
    private Answer? _since;
    private int _agreeing;

    /// <summary>The time of the API server; null before its first answer, and while its answers disagree.</summary>
    public DateTimeOffset? Now
    {
        get
        {
            lock (_lock)
            {
                return _last is { } last && _since is null ? After(last) : null;
            }
        }
    }

    /// <summary>Sees every answer of a client.</summary>
    public DelegatingHandler Handler() => new Observer(this);

    private void See(DateTimeOffset? date)
    {
        if (date is not { } given)
        {
            return;
        }

        lock (_lock)
        {
            Answer answer = new(given, time.GetTimestamp());
            if (_last is { } last && (given - After(last)).Duration() > MaxDeparture)
            {
                _since = answer;
                _agreeing = 0;
            }

            _last = answer;
            if (
                _since is { } since
                && ++_agreeing >= AgreeingAnswers
                && time.GetElapsedTime(since.Timestamp) >= AgreeingTime
            )
            {
                _since = null;
            }
        }
    }

    private DateTimeOffset After(Answer answer) => answer.Date + time.GetElapsedTime(answer.Timestamp);

    private sealed record Answer(DateTimeOffset Date, long Timestamp);

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
