using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Cli.Commands;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Kubectl;

/// <summary><c>kubectl forkguard top pods|nodes</c>: the reports of all agents, worst first.</summary>
internal static class ClusterTopCommand
{
    internal static Command Create(KubectlOptions options)
    {
        var what = CommandLine.ChoiceArgument("kind", "pods|nodes");
        what.Description = "Pods (the default) or nodes.";
        what.Arity = ArgumentArity.ZeroOrOne;
        var everywhere = new Option<bool>("--all-namespaces", "-A") { Description = "Pods of all namespaces." };
        var output = KubectlOptions.Output("json|yaml|wide");
        var command = new ExampleCommand(
            "top",
            "List pods or nodes by how close they are to a limit, worst first.",
            "top                                  # pods of the namespace",
            "top pods -A -o wide                  # of all namespaces, with nodes and growth",
            "top nodes                            # limits that all pods of a node share"
        )
        {
            what,
            everywhere,
            output,
        };
        command.SetAction(
            (result, stop) =>
                options.RunAsync(
                    result,
                    async session =>
                    {
                        await ClusterObjects.RequireInstalledAsync(session.Reader, stop);
                        var reports = await session.Reader.ListAsync(
                            $"{ClusterObjects.Group}/nodeforkreports",
                            "",
                            stop
                        );
                        var isWide = result.GetValue(output) == "wide";
                        if (result.GetValue(what) == "nodes")
                        {
                            Write(Nodes(reports), result.GetValue(output), rows => WriteNodes(rows, isWide));
                        }
                        else
                        {
                            var ns = result.GetValue(everywhere) ? null : session.Namespace;
                            Write(Pods(reports, ns), result.GetValue(output), rows => WritePods(rows, ns, isWide));
                        }

                        return ExitCode.Fine;
                    }
                )
        );
        return command;
    }

    private static List<ReportRow> Pods(IEnumerable<JsonObject> reports, string? ns) =>
        [
            .. reports
                .SelectMany(ReportRows.BindingOf)
                .Where(row => row.Process!.Pod is { } pod && (ns is null || pod.Namespace == ns))
                .WorstFirst(),
        ];

    /// <summary>The worst constraint of each node: its own, or that of a host process.</summary>
    private static List<ReportRow> Nodes(IEnumerable<JsonObject> reports) =>
        [
            .. reports
                .Select(report =>
                    report.HasCondition("Ready")
                        ? ReportRows.AllOf(report).Where(row => row.Process?.Pod is null).WorstFirst().FirstOrDefault()
                        : ReportRows.Silent(report)
                )
                .OfType<ReportRow>()
                .WorstFirst(),
        ];

    private static void Write(List<ReportRow> rows, string? format, Action<List<ReportRow>> writeTable)
    {
        if (format is null or "wide")
        {
            writeTable(rows);
            return;
        }

        var items = new JsonArray([.. rows.Select(ToJson)]);
        ObjectOutput.Write(Console.Out, new JsonObject { ["kind"] = "List", ["items"] = items }, format);
    }

    private static void WritePods(List<ReportRow> rows, string? ns, bool isWide)
    {
        if (rows.Count == 0)
        {
            // As kubectl: the message about an empty list goes to standard error.
            StandardError.WriteText(
                ns is null
                    ? "No pods in the reports"
                    : $"No pods in the reports of namespace {PrintableText.Escape(ns)}"
            );
            return;
        }

        string[] wide = isWide ? ["NODE", "GROWTH", "LEFT"] : [];
        string[] first = ns is null ? ["NAMESPACE"] : [];
        TextTable.Write(
            Console.Out,
            [.. first, "POD", "CONTAINER", "COMMAND", "CONSTRAINT", "%", "USAGE", "VERDICT", .. wide],
            [.. rows.Select(Cells)]
        );

        string[] Cells(ReportRow row)
        {
            var process = row.Process!;
            string[] more = isWide ? [row.Node, row.Growth, row.Left] : [];
            string[] of = ns is null ? [process.Pod!.Namespace] : [];
            return
            [
                .. of,
                process.Pod!.Name,
                process.Container?.Name ?? "",
                process.Command,
                row.Constraint,
                row.Percent,
                row.Usage,
                row.Verdict,
                .. more,
            ];
        }
    }

    private static void WriteNodes(List<ReportRow> rows, bool isWide)
    {
        string[] wide = isWide ? ["GROWTH", "LEFT"] : [];
        TextTable.Write(
            Console.Out,
            ["NODE", "CONSTRAINT", "%", "USAGE", "PROCESS", "VERDICT", .. wide],
            [
                .. rows.Select(row =>
                    (string[])
                        [
                            row.Node,
                            row.Constraint,
                            row.Percent,
                            row.Usage,
                            row.Process is { } process
                                ? $"{process.Command} ({process.Pid.ToString(CultureInfo.InvariantCulture)})"
                                : "",
                            row.Verdict,
                            .. isWide ? (string[])[row.Growth, row.Left] : [],
                        ]
                ),
            ]
        );
    }

    internal static JsonObject ToJson(ReportRow row)
    {
        var json = new JsonObject
        {
            ["node"] = row.Node,
            ["constraint"] = row.Constraint,
            ["percent"] = row.Reading.Percent,
            ["used"] = row.Reading.Used,
            ["limit"] = row.Reading.Limit,
            ["unit"] = row.Reading.Unit.Text,
            ["verdict"] = row.Verdict,
        };
        if (row.Reading.GrowthPerMinute is { } growth)
        {
            json["growthPerMinute"] = growth;
        }

        if (row.Reading.SecondsToLimit is { } seconds)
        {
            json["secondsToLimit"] = seconds;
        }

        if (row.Process is not { } process)
        {
            return json;
        }

        json["pid"] = process.Pid;
        json["command"] = process.Command;
        if (process.Pod is { } pod)
        {
            json["namespace"] = pod.Namespace;
            json["pod"] = pod.Name;
            json["container"] = process.Container?.Name;
        }

        return json;
    }
}
