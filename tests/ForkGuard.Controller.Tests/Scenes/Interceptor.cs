namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>Stands between a controller and the API server: acts before a request, or answers in the server's place.</summary>
/// <param name="intercept">Gets the request and its body; null sends it on.</param>
internal sealed class Interceptor(Func<HttpRequestMessage, string, Task<HttpResponseMessage?>> intercept)
{
    internal static bool IsTo(HttpRequestMessage request, string method, string end) =>
        request.Method.Method == method && request.RequestUri!.AbsolutePath.EndsWith(end, StringComparison.Ordinal);

    internal DelegatingHandler[] Handlers() => [new Handler(intercept)];

    private sealed class Handler(Func<HttpRequestMessage, string, Task<HttpResponseMessage?>> intercept)
        : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            return await intercept(request, body) ?? await base.SendAsync(request, cancellationToken);
        }
    }
}
