using System.Globalization;
using System.Net;
using System.Text.Json;
using ForkGuard.Api;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ForkGuard.Agent.Reporting;

/// <summary>Reads and patches the report of one node. Whatever goes wrong is an answer, not an exception.</summary>
internal sealed class ReportClient : IDisposable
{
    private const string Group = "forkguard.io";
    private const string Version = "v1alpha1";
    private const string Plural = "nodeforkreports";
    private const int LongestMessage = 300;
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    private readonly string _node;
    private readonly Kubernetes _client;

    static ReportClient() =>
        KubernetesJson.AddJsonOptions(o => o.TypeInfoResolverChain.Insert(0, OwnReportJson.Default));

    internal ReportClient(KubernetesClientConfiguration configuration, string node)
    {
        _node = node;
        configuration.HttpClientTimeout = LongestAnswer;
        _client = new Kubernetes(configuration, new AnswerLimit());
    }

    internal Task<ReportAnswer> GetAsync(CancellationToken stop) =>
        AskAsync(() =>
            _client.CustomObjects.GetClusterCustomObjectAsync<OwnReport>(Group, Version, Plural, _node, stop)
        );

    /// <summary>Puts this status in the place of the one that was there.</summary>
    internal Task<ReportAnswer> WriteAsync(NodeForkReportStatus status, CancellationToken stop)
    {
        // A merge would leave behind what a later status does not have, such as the limit in mode 1.
        var json = JsonSerializer.Serialize(status, ApiJson.Default.NodeForkReportStatus);
        var patch = new V1Patch($$"""[{"op":"add","path":"/status","value":{{json}}}]""", V1Patch.PatchType.JsonPatch);
        return AskAsync(() =>
            _client.CustomObjects.PatchClusterCustomObjectStatusAsync<OwnReport>(
                patch,
                Group,
                Version,
                Plural,
                _node,
                cancellationToken: stop
            )
        );
    }

    public void Dispose() => _client.Dispose();

    private async Task<ReportAnswer> AskAsync(Func<Task<OwnReport>> ask)
    {
        try
        {
            var report = await ask();
            return report?.Metadata?.Name == _node
                ? new ReportAnswer(ReportOutcome.Accepted, report)
                : new ReportAnswer(ReportOutcome.Garbage, Message: "the answer is not the report of this node");
        }
        catch (HttpOperationException refused)
        {
            return OfStatus(refused);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            return new ReportAnswer(
                ReportOutcome.Slow,
                Message: $"no answer within {LongestAnswer.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s"
            );
        }
        catch (JsonException e)
        {
            return new ReportAnswer(
                ReportOutcome.Garbage,
                Message: Printable($"the answer is no JSON of a report: {e.Message}")
            );
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return new ReportAnswer(ReportOutcome.Garbage, Message: "the answer is longer than a report can be");
        }
        catch (Exception e)
        {
            // A token that cannot be read ends here, and whatever else: a report that is not written stops no scan.
            return new ReportAnswer(ReportOutcome.Away, Message: Printable(Innermost(e).Message));
        }
    }

    private static ReportAnswer OfStatus(HttpOperationException refused)
    {
        var status = refused.Response.StatusCode;
        var outcome = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ReportOutcome.Forbidden,
            HttpStatusCode.NotFound => ReportOutcome.NotFound,
            HttpStatusCode.Conflict => ReportOutcome.Conflict,
            HttpStatusCode.TooManyRequests => ReportOutcome.Throttled,
            _ => ReportOutcome.Refused,
        };
        var body = refused.Response.Content ?? "";
        return new ReportAnswer(
            outcome,
            RetryAfter: RetryAfterOf(refused.Response.Headers),
            Message: Printable($"HTTP {(int)status}: {ReasonIn(body)}")
        );
    }

    // Only the form in seconds is used by Kubernetes.
    private static TimeSpan? RetryAfterOf(IDictionary<string, IEnumerable<string>> headers) =>
        headers.TryGetValue("Retry-After", out var values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>The message of Kubernetes' Status; of anything else, as it is.</summary>
    private static string ReasonIn(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return
                json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("message", out var message)
                && message.ValueKind == JsonValueKind.String
                ? message.GetString()!
                : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    private static string Printable(string message) => PrintableText.Escape(message, LongestMessage);
}
