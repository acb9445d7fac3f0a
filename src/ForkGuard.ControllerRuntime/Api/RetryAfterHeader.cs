using System.Globalization;
using k8s.Autorest;

namespace ForkGuard.ControllerRuntime;

/// <summary>The header Retry-After of an answer (RFC 9110, 10.2.3). Kubernetes gives whole seconds only.</summary>
public static class RetryAfterHeader
{
    // A proxy may ask for longer than a timer can wait.
    private const int MaxSeconds = 3600;

    /// <summary>Returns how long the server asked to wait, an hour at most; null if it did not.</summary>
    public static TimeSpan? Of(Exception? exception) =>
        exception is HttpOperationException { Response.Headers: { } headers }
        && headers.TryGetValue("Retry-After", out IEnumerable<string>? values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
        && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, MaxSeconds))
            : null;
}
