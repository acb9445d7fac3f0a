using System.Text.Json.Nodes;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Memory;
using ForkGuard.Node.Readings;

namespace ForkGuard.Cli.Checking;

/// <summary>The result of check as one JSON object: that of a process, and what only check knows.</summary>
internal static class CheckJson
{
    internal static JsonObject Of(ProcessCheck check, in KernelState state, ProbeResult? probe)
    {
        var json = ReportJson.Of(check.Report, state);
        if (check.Problem is { } problem)
        {
            json["problem"] = problem;
        }

        if (check.RefusedByPolicy is { } refusal)
        {
            json["refusedByPolicy"] = refusal;
        }

        if (check.Confidence is { } confidence)
        {
            json["confidence"] = confidence.ToString();
        }

        if (check.ForkTime is { } time)
        {
            json["forkTimeMilliseconds"] = ToJson(time);
        }

        if (probe is { } p)
        {
            json["probe"] = ToJson(p);
        }

        if (check.SaveAdvice is { } save)
        {
            json["saveAdvice"] = save;
        }

        if (check.Advice.Count > 0)
        {
            json["advice"] = new JsonArray([.. check.Advice.Select(sentence => JsonValue.Create(sentence))]);
        }

        return json;
    }

    private static JsonObject ToJson(ForkTime time) =>
        new()
        {
            ["low"] = Math.Round(time.Shortest.TotalMilliseconds, 2),
            ["high"] = Math.Round(time.Longest.TotalMilliseconds, 2),
        };

    private static JsonObject ToJson(ProbeResult probe) =>
        new()
        {
            ["bytes"] = KernelConversion.Signed(probe.Bytes),
            ["granted"] = probe.IsGranted,
            ["errno"] = probe.Errno,
            ["agrees"] = probe.Agrees,
        };
}
