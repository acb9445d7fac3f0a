using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Cli.Remedies;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;

namespace ForkGuard.Cli.Commands;

/// <summary>The answer of check as one JSON object: the record of the API, and what only check knows.</summary>
internal static class CheckResult
{
    internal static JsonObject ToJson(in ProcessReading reading, in KernelState state, ProbeResult? probe)
    {
        var json = JsonSerializer.SerializeToNode(reading.ToReport(), ApiJson.Default.ProcessReport)!.AsObject();
        if (reading.Status != ReadStatus.Ok)
        {
            json["problem"] = ProblemText.Of(reading.Status);
        }
        else if (state.Distrust is { } distrust)
        {
            json["problem"] = distrust;
        }

        if (reading.Status == ReadStatus.Gone)
        {
            return json;
        }

        json["overcommitMode"] = (int)state.Mode;
        json["isBound"] = reading.Assessment.IsBound;
        if (reading.Assessment.Constraint != ForkConstraint.None)
        {
            json["headroomBytes"] = Headroom(reading.Assessment);
        }

        if (probe is { } p)
        {
            json["probe"] = new JsonObject
            {
                ["bytes"] = ReportConversion.Signed(p.Bytes),
                ["granted"] = p.IsGranted,
                ["errno"] = p.Errno,
                ["agrees"] = p.Agrees,
            };
        }

        var remedies = Remedy.For(reading, state);
        if (remedies.Count > 0)
        {
            json["remedies"] = new JsonArray([.. remedies.Select(r => JsonValue.Create(r))]);
        }

        return json;
    }

    /// <summary>What is left to the limit, in bytes; negative above it.</summary>
    internal static long Headroom(in Assessment assessment) =>
        ReportConversion.Signed(assessment.Limit) - ReportConversion.Signed(assessment.Used);
}
