using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Polly.Timeout;

namespace ForkGuard.ControllerRuntime;

/// <summary>Meaning of a failed call.</summary>
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

    /// <summary>A failure of the server or the way to it, a call that was given up included; anything else is a defect.</summary>
    public static bool IsOfServer(Exception exception) =>
        exception
            is HttpOperationException
                or HttpRequestException
                or IOException
                or OperationCanceledException
                or TimeoutRejectedException
                or JsonException;

    /// <summary>
    /// The server has forgotten the resource version, or has yet to reach it, as after a restored backup: the objects held
    /// may differ from those that exist now.
    /// </summary>
    public static bool IsVersionUnknown(HttpOperationException refused) =>
        refused.Is(HttpStatusCode.Gone) || StatusOf(refused)?.Details?.Causes?.Any(IsTooLarge) == true;

    private static bool IsTooLarge(V1StatusCause cause) => cause.Reason == "ResourceVersionTooLarge";

    private static V1Status? StatusOf(HttpOperationException refused)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(refused.Response?.Content ?? "null");
        }
        catch (JsonException)
        {
            // A proxy's answer.
            return null;
        }
    }

    /// <summary>The server answered with this status code.</summary>
    public static bool Is(this HttpOperationException refused, HttpStatusCode code) =>
        refused.Response?.StatusCode == code;
}
