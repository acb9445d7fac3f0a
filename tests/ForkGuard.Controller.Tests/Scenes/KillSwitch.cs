namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>The controller was killed: nothing more of it reaches the server.</summary>
internal sealed class KilledException : Exception
{
    public KilledException() { }

    public KilledException(string message)
        : base(message) { }

    public KilledException(string message, Exception innerException)
        : base(message, innerException) { }
}

/// <summary>Before the request is sent, or after the server did it and before the answer is known.</summary>
public enum KillMoment
{
    Before,
    After,
}

/// <summary>
/// Kills a controller at a chosen request. A real SIGKILL cannot be aimed between a request and its answer; here the process
/// lives on, but every later request of it fails, and so does its lease.
/// </summary>
internal sealed class KillSwitch(Func<HttpRequestMessage, string, bool> at, KillMoment moment)
{
    private readonly TaskCompletionSource _killed = new();

    internal Task Killed => _killed.Task;

    internal DelegatingHandler[] Handlers() => [new Handler(this)];

    private sealed class Handler(KillSwitch kill) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            if (kill.Killed.IsCompleted)
            {
                throw new KilledException("killed by the test");
            }

            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            if (!kill.Matches(request, body))
            {
                return await base.SendAsync(request, cancellationToken);
            }

            if (kill.Moment == KillMoment.After)
            {
                (await base.SendAsync(request, cancellationToken)).Dispose();
            }

            kill._killed.TrySetResult();
            throw new KilledException("killed by the test");
        }
    }

    private KillMoment Moment => moment;

    private bool Matches(HttpRequestMessage request, string body) => at(request, body);
}
