using System.Diagnostics;
using System.Globalization;

namespace ForkGuard.Controller.Cluster;

/// <summary>Records a client span for each request to the API server below a span of the controller.</summary>
internal sealed class TracedRequests : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (Activity.Current is not { } parent || parent.Source != ControllerTracing.Source)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        parent.SetTag(ControllerTracing.Requests, 1 + (parent.GetTagItem(ControllerTracing.Requests) as int? ?? 0));
        using var span = ControllerTracing.Source.StartActivity(NameOf(request), ActivityKind.Client);
        span?.SetTag("http.request.method", request.Method.Method)
            .SetTag("url.full", UrlOf(request.RequestUri))
            .SetTag("server.address", request.RequestUri?.Host)
            .SetTag("server.port", request.RequestUri?.Port);
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            span?.SetTag("http.response.status_code", (int)response.StatusCode);
            if (!response.IsSuccessStatusCode)
            {
                Fail(span, ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
            }

            return response;
        }
        catch (Exception failed)
        {
            Fail(span, failed.GetType().FullName);
            throw;
        }
    }

    /// <summary>Method and resource, as in <c>POST pods/eviction</c>: names of objects would make as many names of spans.</summary>
    internal static string NameOf(HttpRequestMessage request)
    {
        // api/v1/... or apis/GROUP/VERSION/...
        var parts = request.RequestUri?.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var rest = parts.AsSpan(Math.Min(parts.Length, parts is ["apis", ..] ? 3 : 2));
        if (rest is ["namespaces", _, _, ..])
        {
            rest = rest[2..];
        }

        return rest switch
        {
            [var resource, _, var part, ..] => $"{request.Method} {resource}/{part}",
            [var resource, ..] => $"{request.Method} {resource}",
            _ => request.Method.Method,
        };
    }

    /// <summary>The address without the query, and without the name and password that it may have.</summary>
    private static string? UrlOf(Uri? uri) =>
        uri?.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static void Fail(Activity? span, string? type) =>
        span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", type);
}
