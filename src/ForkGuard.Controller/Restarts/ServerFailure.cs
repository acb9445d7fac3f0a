using System.Text.Json;
using k8s.Autorest;
using Polly.Timeout;

namespace ForkGuard.Controller.Restarts;

/// <summary>Distinguishes failures of the API server, or of the way to it, from defects.</summary>
internal static class ServerFailure
{
    /// <summary>
    /// The server refused, did not answer in time, or answered in a form that is not the API's, as a proxy does: JSON of another
    /// structure throws InvalidOperationException or KeyNotFoundException.
    /// </summary>
    /// <param name="failed">The exception.</param>
    /// <param name="cancellationToken">The token of the caller: once it is cancelled, nothing is the server's failure.</param>
    internal static bool Is(Exception failed, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && failed
            is HttpOperationException
                or HttpRequestException
                or IOException
                or OperationCanceledException
                or TimeoutRejectedException
                or JsonException
                or InvalidOperationException
                or KeyNotFoundException;
}
