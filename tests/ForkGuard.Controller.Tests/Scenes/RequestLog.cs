using System.Collections.Concurrent;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>A request that reached the server, and what it answered.</summary>
internal sealed record LoggedRequest(string Method, Uri Uri, string Body)
{
    /// <summary>0 while there is no answer.</summary>
    internal int Status { get; set; }
}

/// <summary>Every request that a controller made.</summary>
internal sealed class RequestLog
{
    private readonly ConcurrentQueue<LoggedRequest> _requests = new();

    internal IReadOnlyCollection<LoggedRequest> Requests => [.. _requests];

    internal DelegatingHandler[] Handlers() => [new Handler(_requests)];

    /// <summary>The bodies of the requests of a method to paths that end so.</summary>
    internal IReadOnlyList<string> Bodies(string method, string pathEnd) =>
        [
            .. _requests
                .Where(request =>
                    request.Method == method && request.Uri.AbsolutePath.EndsWith(pathEnd, StringComparison.Ordinal)
                )
                .Select(request => request.Body),
        ];

    private sealed class Handler(ConcurrentQueue<LoggedRequest> log) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            var logged = new LoggedRequest(request.Method.Method, request.RequestUri!, body);
            log.Enqueue(logged);
            var response = await base.SendAsync(request, cancellationToken);
            logged.Status = (int)response.StatusCode;
            return response;
        }
    }
}
