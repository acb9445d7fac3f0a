using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Cli.Checking;

/// <summary>A process as one JSON object: the record of the API, and a summary of it.</summary>
internal static class ReportJson
{
    /// <summary>
    /// The record with <c>percent</c> of the binding constraint, <c>limitBytes</c> of memory accounting (absent in mode 1), and
    /// <c>overcommitMode</c>.
    /// </summary>
    internal static JsonObject Of(ProcessReport report, in KernelState state)
    {
        var json = JsonSerializer.SerializeToNode(report, ApiJson.Default.ProcessReport)!.AsObject();
        if (report.Binding() is { } binding)
        {
            json["percent"] = binding.Percent;
        }

        if (AccountingOf(report) is { Problem: null } accounting)
        {
            json["limitBytes"] = accounting.Limit;
        }

        json["overcommitMode"] = (int)state.Mode;
        return json;
    }

    private static ConstraintReport? AccountingOf(ProcessReport report) =>
        report.Constraint(ConstraintType.LargestMapping) ?? report.Constraint(ConstraintType.CommitCharge);
}
