namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>The controller's caches of pods and namespaces, which from a moment on take in no change any more.</summary>
internal sealed class LaggingCaches
{
    private readonly TaskCompletionSource _never = new();
    private volatile bool _isLagging;

    internal DelegatingHandler[] Handlers() => [new Handler(this)];

    internal void Lag() => _isLagging = true;

    private Task HeldAsync(CancellationToken cancellationToken) =>
        _isLagging ? _never.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

    private static bool IsStream(Uri request) =>
        request.Query.Contains("watch=", StringComparison.Ordinal) && request.Segments[^1] is "pods" or "namespaces";

    private sealed class Handler(LaggingCaches caches) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.IsSuccessStatusCode && IsStream(request.RequestUri!))
            {
                var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
                answer.Content = new StreamContent(new StalledStream(stream, caches.HeldAsync));
            }

            return answer;
        }
    }
}
