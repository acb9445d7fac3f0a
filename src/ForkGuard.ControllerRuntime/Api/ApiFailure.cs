using System.Globalization;
using System.Net;
using k8s.Autorest;
using Polly.Timeout;

namespace ForkGuard.ControllerRuntime;

/// <summary>What a failed call means.</summary>
internal static class ApiFailure
{
    /// <summary>The server was busy or away, and another try may succeed.</summary>
    public static bool IsTransient(Exception? exception) =>
        exception switch
        {
            HttpOperationException refused => refused.Response?.StatusCode
                is HttpStatusCode.TooManyRequests
                    or HttpStatusCode.InternalServerError
                    or HttpStatusCode.BadGateway
                    or HttpStatusCode.ServiceUnavailable
                    or HttpStatusCode.GatewayTimeout,
            HttpRequestException or IOException or TimeoutRejectedException => true,
            _ => false,
        };

    /// <summary>How long the server asked to wait; null if it did not. Kubernetes gives whole seconds only.</summary>
    public static TimeSpan? RetryAfter(Exception? exception) =>
        exception is HttpOperationException { Response.Headers: { } headers }
        && headers.TryGetValue("Retry-After", out IEnumerable<string>? values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>The server answered with this status code.</summary>
    public static bool Is(this HttpOperationException refused, HttpStatusCode code) =>
        refused.Response?.StatusCode == code;
}
