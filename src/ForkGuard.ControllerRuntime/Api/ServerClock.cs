namespace ForkGuard.ControllerRuntime;

/// <summary>
/// The time of the API server: the Date header of its last answer, and the time that passed on a monotonic clock since. The
/// wall clock of this machine takes no part in it.
/// </summary>
/// <param name="time">The monotonic clock.</param>
public sealed class ServerClock(TimeProvider time)
{
    // Whole seconds: a date is up to a second behind.
    private volatile Answer? _last;

    /// <summary>The time of the API server; null before its first answer.</summary>
    public DateTimeOffset? Now => _last is { } last ? last.Date + time.GetElapsedTime(last.Timestamp) : null;

    /// <summary>Sees every answer of a client.</summary>
    public DelegatingHandler Handler() => new Observer(this);

    private void See(DateTimeOffset? date)
    {
        if (date is { } given)
        {
            _last = new Answer(given, time.GetTimestamp());
        }
    }

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
