using System.Text.Json.Serialization;
using ForkGuard.Api;

namespace ForkGuard.Agent.Reporting;

/// <summary>Outcomes of a request to the API server.</summary>
internal enum ReportOutcome
{
    Accepted,

    /// <summary>No connection, or it broke.</summary>
    Unreachable,

    /// <summary>No whole answer in time.</summary>
    TimedOut,

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
    InvalidResponse,
}

/// <param name="Outcome">The outcome.</param>
/// <param name="Report">The part of an accepted report that an agent follows; null otherwise.</param>
/// <param name="RetryAfter">Time that the server asks to wait.</param>
/// <param name="Message">A sentence about the error that is safe to print; empty without one.</param>
internal sealed record ReportAnswer(
    ReportOutcome Outcome,
    OwnReport? Report = null,
    TimeSpan? RetryAfter = null,
    string Message = ""
)
{
    /// <summary>The whole status, of the answer that was asked for it; null if it cannot be read.</summary>
    internal NodeForkReportStatus? Earlier { get; init; }
}

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

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(OpenEnumConverter<EvaluationMode>)]
)]
[JsonSerializable(typeof(OwnReport))]
internal sealed partial class OwnReportJson : JsonSerializerContext;
