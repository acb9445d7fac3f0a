using System.Text.Json.Serialization;
using ForkGuard.Api;

namespace ForkGuard.Agent.Reporting;

/// <summary>What became of asking the API server.</summary>
internal enum ReportOutcome
{
    Accepted,

    /// <summary>No connection, or it broke.</summary>
    Away,

    /// <summary>No whole answer in time.</summary>
    Slow,

    /// <summary>401 or 403.</summary>
    Forbidden,

    /// <summary>404: the controller has not created the report, or the CRD is not there.</summary>
    NotFound,

    /// <summary>409.</summary>
    Conflict,

    /// <summary>429.</summary>
    Throttled,

    /// <summary>Any other status of HTTP.</summary>
    Refused,

    /// <summary>An answer that is not the report.</summary>
    Garbage,
}

/// <param name="Outcome">In a word.</param>
/// <param name="Report">What was accepted carries the whole report back; null otherwise.</param>
/// <param name="RetryAfter">What the server asks to be waited for.</param>
/// <param name="Message">What went wrong, in a sentence that is safe to print; empty if nothing did.</param>
internal sealed record ReportAnswer(
    ReportOutcome Outcome,
    OwnReport? Report = null,
    TimeSpan? RetryAfter = null,
    string Message = ""
);

/// <summary>The part of its report that an agent reads.</summary>
internal sealed record OwnReport
{
    public ObjectMeta? Metadata { get; init; }
    public NodeForkReportSpec? Spec { get; init; }
    public OwnReportStatus? Status { get; init; }
}

/// <summary>The conditions that were written before.</summary>
internal sealed record OwnReportStatus
{
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OwnReport))]
internal sealed partial class OwnReportJson : JsonSerializerContext;
