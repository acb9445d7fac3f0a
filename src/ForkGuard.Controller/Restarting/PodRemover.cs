using System.Globalization;
using System.Net;
using ForkGuard.Api;
using ForkGuard.ControllerRuntime;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ForkGuard.Controller.Restarting;

/// <summary>What the API server said to an eviction or a deletion.</summary>
internal enum RemovalAnswer
{
    Accepted,

    /// <summary>There is no such pod any more, or another one under its name.</summary>
    Superseded,

    /// <summary>A disruption budget does not allow it now.</summary>
    Blocked,

    /// <summary>Not permitted, or not possible; the message says why.</summary>
    Refused,
}

/// <param name="Answer">What it said.</param>
/// <param name="Message">In its own words; empty if accepted.</param>
/// <param name="RetryAfter">How long it asked to wait, for <see cref="RemovalAnswer.Blocked"/>.</param>
internal readonly record struct Removal(RemovalAnswer Answer, string Message, TimeSpan RetryAfter);

/// <summary>Evicts or deletes a pod by uid, so that doing it twice does nothing.</summary>
internal sealed class PodRemover(ApiClient client)
{
    private const string EvictionResource = "pods/eviction";
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(10);

    private string? _evictionVersion;

    /// <summary>Asks whether a disruption budget would allow the eviction now; nothing is evicted.</summary>
    internal Task<Removal> TryEvictAsync(PodReference pod, int? gracePeriod, CancellationToken cancellationToken) =>
        AnswerAsync(token => EvictAsync(pod, gracePeriod, dryRun: true, token), cancellationToken);

    /// <summary>Evicts or deletes the pod. It is tried once: what became of a call without an answer is seen on the pod.</summary>
    /// <exception cref="HttpRequestException">No answer; it may have been done.</exception>
    /// <exception cref="HttpOperationException">502, 503 or 504: it may have been done.</exception>
    /// <exception cref="OperationCanceledException">No answer in time; it may have been done.</exception>
    internal Task<Removal> RemoveAsync(
        PodReference pod,
        RestartMethod method,
        int? gracePeriod,
        CancellationToken cancellationToken
    ) =>
        AnswerAsync(
            token =>
                method == RestartMethod.Evict
                    ? EvictAsync(pod, gracePeriod, dryRun: false, token)
                    : DeleteAsync(pod, gracePeriod, token),
            cancellationToken
        );

    private async Task EvictAsync(PodReference pod, int? gracePeriod, bool dryRun, CancellationToken cancellationToken)
    {
        var eviction = new V1Eviction
        {
            ApiVersion = await EvictionVersionAsync(cancellationToken),
            Kind = "Eviction",
            Metadata = new V1ObjectMeta { Name = pod.Name, NamespaceProperty = pod.Namespace },
            DeleteOptions = Options(pod, gracePeriod),
        };
        eviction.DeleteOptions.DryRun = dryRun ? ["All"] : null;
        await client.CoreV1.CreateNamespacedPodEvictionAsync(
            eviction,
            pod.Name,
            pod.Namespace,
            cancellationToken: cancellationToken
        );
    }

    private Task<V1Pod> DeleteAsync(PodReference pod, int? gracePeriod, CancellationToken cancellationToken) =>
        client.CoreV1.DeleteNamespacedPodAsync(
            pod.Name,
            pod.Namespace,
            Options(pod, gracePeriod),
            cancellationToken: cancellationToken
        );

    private static V1DeleteOptions Options(PodReference pod, int? gracePeriod) =>
        new()
        {
            GracePeriodSeconds = gracePeriod,
            Preconditions = new V1Preconditions { Uid = pod.Uid },
        };

    /// <summary>policy/v1, or policy/v1beta1 before Kubernetes 1.22: what the server says it takes, as kubectl drain does it.</summary>
    private async Task<string> EvictionVersionAsync(CancellationToken cancellationToken)
    {
        if (_evictionVersion is null)
        {
            var resources = await client.CoreV1.GetAPIResourcesAsync(cancellationToken: cancellationToken);
            var eviction = resources.Resources.FirstOrDefault(resource =>
                string.Equals(resource.Name, EvictionResource, StringComparison.Ordinal)
            );
            _evictionVersion = eviction is { Group.Length: > 0 } ? $"{eviction.Group}/{eviction.Version}" : "policy/v1";
        }

        return _evictionVersion;
    }

    private static async Task<Removal> AnswerAsync(
        Func<CancellationToken, Task> call,
        CancellationToken cancellationToken
    )
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(TryTimeout);
        try
        {
            await call(limited.Token);
            return new Removal(RemovalAnswer.Accepted, "", default);
        }
        catch (HttpOperationException refused) when (!MayHaveBeenDone(refused.Response.StatusCode))
        {
            return Understood(refused);
        }
    }

    private static bool MayHaveBeenDone(HttpStatusCode code) =>
        code is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static Removal Understood(HttpOperationException refused)
    {
        var message = MessageOf(refused);
        return refused.Response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests => new Removal(RemovalAnswer.Blocked, message, RetryAfter(refused)),
            HttpStatusCode.NotFound or HttpStatusCode.Conflict => new Removal(
                RemovalAnswer.Superseded,
                message,
                default
            ),
            _ => new Removal(RemovalAnswer.Refused, message, default),
        };
    }

    private static TimeSpan RetryAfter(HttpOperationException refused) =>
        refused.Response.Headers.TryGetValue("Retry-After", out var values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : DefaultRetryAfter;

    private static string MessageOf(HttpOperationException refused)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(refused.Response.Content).Message ?? "";
        }
        catch (System.Text.Json.JsonException)
        {
            return refused.Message;
        }
    }
}
