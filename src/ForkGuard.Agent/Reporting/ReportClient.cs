using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ForkGuard.Api;

namespace ForkGuard.Agent.Reporting;

/// <summary>Reads and patches the report of one node. Whatever goes wrong is an answer, not an exception.</summary>
internal sealed class ReportClient(ApiServer server, string node)
{
    private const string Reports = "apis/forkguard.io/v1alpha1/nodeforkreports";
    private const int LongestMessage = 300;

    private static readonly MediaTypeHeaderValue JsonPatch = new("application/json-patch+json");

    internal Task<ReportAnswer> GetAsync(CancellationToken stop, bool withStatus = false) =>
        AskAsync(
            new HttpRequestMessage(HttpMethod.Get, new Uri($"{Reports}/{node}", UriKind.Relative)),
            stop,
            withStatus
        );

    /// <summary>Puts this status in the place of the one that was there.</summary>
    internal Task<ReportAnswer> WriteAsync(NodeForkReportStatus status, CancellationToken stop)
    {
        // A merge would leave behind what a later status does not have, such as the limit in mode 1.
        var json = JsonSerializer.Serialize(status, ApiJson.Default.NodeForkReportStatus);
        var request = new HttpRequestMessage(
            HttpMethod.Patch,
            new Uri($"{Reports}/{node}/status?fieldManager=forkguard-agent", UriKind.Relative)
        )
        {
            Content = new StringContent($$"""[{"op":"add","path":"/status","value":{{json}}}]""", JsonPatch),
        };
        return AskAsync(request, stop);
    }

    private async Task<ReportAnswer> AskAsync(
        HttpRequestMessage request,
        CancellationToken stop,
        bool withStatus = false
    )
    {
        try
        {
            using (request)
            {
                using var answer = await server.SendAsync(request, stop);
                return answer.IsSuccessStatusCode
                    ? Accepted(await answer.Content.ReadAsByteArrayAsync(stop), withStatus)
                    : OfStatus(answer, await answer.Content.ReadAsStringAsync(stop));
            }
        }
        catch (OperationCanceledException)
        {
            return new ReportAnswer(
                ReportOutcome.TimedOut,
                Message: string.Create(
                    CultureInfo.InvariantCulture,
                    $"no answer within {ApiServer.LongestWait.TotalSeconds:0} s"
                )
            );
        }
        catch (JsonException e)
        {
            return new ReportAnswer(
                ReportOutcome.InvalidResponse,
                Message: Printable($"the answer is not a JSON report: {e.Message}")
            );
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return new ReportAnswer(
                ReportOutcome.InvalidResponse,
                Message: "the answer is longer than a report can be"
            );
        }
        catch (Exception e)
        {
            // A token that cannot be read ends here, and whatever else: a report that is not written stops no scan.
            return new ReportAnswer(ReportOutcome.Unreachable, Message: Printable(Innermost(e).Message));
        }
    }

    private ReportAnswer Accepted(byte[] body, bool withStatus)
    {
        var report = JsonSerializer.Deserialize(body, OwnReportJson.Default.OwnReport);
        return report?.Metadata?.Name == node
            ? new ReportAnswer(ReportOutcome.Accepted, report) { Earlier = withStatus ? StatusIn(body) : null }
            : new ReportAnswer(ReportOutcome.InvalidResponse, Message: "the answer is not the report of this node");
    }

    /// <summary>Null for a status that this version cannot read: the agent then starts without it.</summary>
    private static NodeForkReportStatus? StatusIn(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ApiJson.Default.NodeForkReport)?.Status;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ReportAnswer OfStatus(HttpResponseMessage answer, string body)
    {
        var outcome = answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ReportOutcome.Forbidden,
            HttpStatusCode.NotFound => ReportOutcome.NotFound,
            HttpStatusCode.Conflict => ReportOutcome.Conflict,
            HttpStatusCode.TooManyRequests => ReportOutcome.Throttled,
            _ => ReportOutcome.Refused,
        };
        return new ReportAnswer(
            outcome,
            // Only the form in seconds is used by Kubernetes.
            RetryAfter: answer.Headers.RetryAfter?.Delta,
            Message: Printable($"HTTP {(int)answer.StatusCode}: {ReasonIn(body)}")
        );
    }

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
