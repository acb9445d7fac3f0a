using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Commands;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Cli.Checking;

/// <summary>The result of check as one JSON object: the record of the API, and a summary of it.</summary>
internal static class CheckJson
{
    internal static JsonObject Of(ProcessCheck check, in KernelState state, ProbeResult? probe)
    {
        var report = check.Report;
        var json = JsonSerializer.SerializeToNode(report, ApiJson.Default.ProcessReport)!.AsObject();
        Set(json, "problem", check.Problem);
        if (!check.Exists)
        {
            return json;
        }

        Set(json, "confidence", check.Confidence?.ToString());
        Set(json, "percent", report.Binding()?.Percent);
        Set(json, "limitBytes", AccountingOf(report)?.Limit);
        json["overcommitMode"] = (int)state.Mode;
        if (check.ForkTime is { } time)
        {
            json["forkTimeMilliseconds"] = new JsonObject
            {
                ["low"] = Math.Round(time.Shortest.TotalMilliseconds, 2),
                ["high"] = Math.Round(time.Longest.TotalMilliseconds, 2),
            };
        }

        if (probe is { } p)
        {
            json["probe"] = new JsonObject
            {
                ["bytes"] = (long)Math.Min(p.Bytes, long.MaxValue),
                ["granted"] = p.IsGranted,
                ["errno"] = p.Errno,
                ["agrees"] = p.Agrees,
            };
        }

        if (check.Advice.Count > 0)
        {
            json["advice"] = new JsonArray([.. check.Advice.Select(sentence => JsonValue.Create(sentence))]);
        }

        return json;
    }

    private static void Set<T>(JsonObject json, string name, T? value)
    {
        if (value is not null)
        {
            json[name] = JsonValue.Create(value);
        }
    }

    /// <summary>The constraint of memory accounting; null in mode 1, which has none.</summary>
    private static ConstraintReport? AccountingOf(ProcessReport report) =>
        report.Constraint(ConstraintType.LargestMapping) ?? report.Constraint(ConstraintType.CommitCharge);
}
