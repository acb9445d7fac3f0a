using System.Text.Json;
using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Readings;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Agent.Tests.Reporting;

public sealed class ReportSizeTests
{
    /// <summary>The answer to a write carries it back, with a little of the server's own.</summary>
    [Fact]
    public void The_longest_report_is_one_that_the_agent_reads_back_and_the_store_takes()
    {
        var process = Longest();
        var lists = Enumerable.Range(0, 3).Select(_ => Trimmed(process)).ToList();
        var status = Scans.Of().ToStatus([]) with
        {
            Processes = lists[0],
            WhatIf =
            [
                new WhatIfReport { EvaluateAs = EvaluationMode.Heuristic, Processes = lists[1] },
                new WhatIfReport { EvaluateAs = EvaluationMode.Strict, Processes = lists[2] },
            ],
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(status, ApiJson.Default.NodeForkReportStatus);
        Assert.InRange(json.Length, 0, (3 * EntryLimits.Report.Bytes) + 4096);
        Assert.InRange(json.Length, 0, ApiServer.LongestAnswer / 2);
    }

    private static IReadOnlyList<ProcessReport> Trimmed(ProcessReport process)
    {
        List<ScannedProcess> entries =
        [
            .. Enumerable.Repeat(new ScannedProcess(default, default, process), EntryLimits.Report.Entries),
        ];
        EntrySelection.Trim(entries, omittedBelowPercent: null, EntryLimits.Report);
        return [.. entries.Select(entry => entry.Report)];
    }

    private static ProcessReport Longest()
    {
        // Each of these is six bytes in JSON.
        var longest = BoundedText.Of(new string('<', 4096))!;
        var constraints = Enum.GetValues<ConstraintType>()
            .Select(type =>
                Scans.Constraint(type, 100) with
                {
                    ScopeName = longest,
                    Uncertainty = long.MaxValue,
                    Own = long.MaxValue,
                    Limit = long.MaxValue,
                    Used = long.MaxValue,
                    GrowthPerMinute = long.MinValue,
                    SecondsToLimit = long.MaxValue,
                    Mapping = new MappingReport
                    {
                        Start = new string('f', 16),
                        End = new string('f', 16),
                        Name = longest,
                        Kind = MappingKind.Anonymous,
                    },
                }
            );
        return Scans.With(new string('<', 15), [.. constraints]) with
        {
            MeasuredTime = Scans.Start.AddTicks(1),
            StartTimeTicks = long.MaxValue,
            SystemdUnit = longest,
            Pod = new PodReference
            {
                Namespace = new string('n', 63),
                Name = new string('n', 253),
                Uid = new string('0', 36),
            },
            Container = new ContainerReference { Name = new string('n', 63), Id = new string('0', 128) },
        };
    }
}
