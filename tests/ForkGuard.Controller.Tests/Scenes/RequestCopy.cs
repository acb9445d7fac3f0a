namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>
/// Copies a request that a test holds: the time-out of a write passes meanwhile and disposes of the request, which it does in no
/// process that is frozen.
/// </summary>
internal static class RequestCopy
{
    internal static HttpRequestMessage Of(HttpRequestMessage request, string body)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Version = request.Version };
        foreach (var (name, values) in request.Headers)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        if (request.Content is { } content)
        {
            copy.Content = new StringContent(body);
            copy.Content.Headers.ContentType = content.Headers.ContentType;
        }

        return copy;
    }
}
