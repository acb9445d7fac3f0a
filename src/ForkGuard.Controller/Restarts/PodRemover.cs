using System.Net;
using ForkGuard.Api;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Polly.Timeout;

namespace ForkGuard.Controller.Restarts;

/// <summary>Evicts or deletes a pod by uid, so that doing it twice does nothing.</summary>
internal sealed class PodRemover(ApiClient client, TimeSpan callTimeout, TimeProvider time)
{
    private const string EvictionResource = "pods/eviction";
    private const string OtherUid = "UID in precondition";
    private const int MaxMessage = 1000;

    private string? _evictionVersion;

    /// <summary>Asks whether the eviction would be accepted now; nothing is evicted.</summary>
    internal Task<Removal> TryEvictAsync(PodReference pod, int? gracePeriod, CancellationToken cancellationToken) =>
        AnswerAsync(token => EvictAsync(pod, gracePeriod, dryRun: true, token), cancellationToken);

    /// <summary>Evicts or deletes the pod of a restart, once.</summary>
    internal Task<Removal> RemoveAsync(RestartRun run, CancellationToken cancellationToken) =>
        AnswerAsync(
            token =>
                run.Method == RestartMethod.Delete
                    ? DeleteAsync(run.Pod, run.GracePeriodSeconds, token)
                    : EvictAsync(run.Pod, run.GracePeriodSeconds, dryRun: false, token),
            cancellationToken
        );

    /// <summary>policy/v1, or policy/v1beta1 before Kubernetes 1.22: the version that the server lists, as kubectl drain does it.</summary>
    internal async Task<string> EvictionVersionAsync(CancellationToken cancellationToken)
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
        // An audit log has the query, and may not have the body of an eviction.
        await client.CoreV1.CreateNamespacedPodEvictionAsync(
            eviction,
            pod.Name,
            pod.Namespace,
            dryRun: dryRun ? "All" : null,
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

    private async Task<Removal> AnswerAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(callTimeout, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token);
        try
        {
            await call(limited.Token);
            return new Removal(new CallAnswer(CallAnswerKind.Accepted, ""), default);
        }
        catch (HttpOperationException refused)
        {
            return Understood(refused);
        }
        catch (Exception failed)
            when (failed is HttpRequestException or IOException or TimeoutRejectedException
                || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return new Removal(new CallAnswer(CallAnswerKind.Unknown, failed.Message), default);
        }
    }

    private static Removal Understood(HttpOperationException refused)
    {
        var status = StatusOf(refused);
        var message = PrintableText.Escape(status?.Message ?? refused.Message, MaxMessage);
        var kind = refused.Response.StatusCode switch
        {
            HttpStatusCode.NotFound => CallAnswerKind.Gone,
            HttpStatusCode.Conflict when message.Contains(OtherUid, StringComparison.Ordinal) => CallAnswerKind.Gone,
            HttpStatusCode.Conflict or HttpStatusCode.RequestTimeout => CallAnswerKind.Unknown,
            HttpStatusCode.TooManyRequests => OfBudget(status)
                ? CallAnswerKind.DisruptionBudget
                : CallAnswerKind.Throttled,
            >= HttpStatusCode.InternalServerError => CallAnswerKind.Unknown,
            _ => CallAnswerKind.Refused,
        };
        return new Removal(new CallAnswer(kind, message), RetryAfterHeader.Of(refused));
    }

    private static bool OfBudget(V1Status? status) =>
        status?.Details?.Causes?.Any(cause => string.Equals(cause.Reason, "DisruptionBudget", StringComparison.Ordinal))
        == true;

    private static V1Status? StatusOf(HttpOperationException refused)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(refused.Response.Content);
        }
        catch (System.Text.Json.JsonException)
        {
            // A proxy's answer.
            return null;
        }
    }
}

/// <param name="Answer">Answer of the API server.</param>
/// <param name="RetryAfter">How long it asked to wait, an hour at most; null if it did not.</param>
internal readonly record struct Removal(CallAnswer Answer, TimeSpan? RetryAfter);
