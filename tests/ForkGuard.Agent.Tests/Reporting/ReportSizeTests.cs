using System.Text.Json;
using ForkGuard.Agent.Reporting;
using ForkGuard.Api;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Agent.Tests.Reporting;

public sealed class ReportSizeTests
{
    /// <summary>The answer to a write carries it back, with a little of the server's own.</summary>
    [Fact]
    public void The_longest_report_is_one_that_the_agent_reads_back_and_the_store_takes()
    {
        // Each of these is six bytes in JSON.
        var longest = BoundedText.Of(new string('<', 4096))!;
        var process = Scans.Process(new string('<', 15), 100) with
        {
            MeasuredTime = Scans.Start.AddTicks(1),
            StartTime = long.MaxValue,
            Unit = longest,
            Pod = new PodReference
            {
                Namespace = new string('n', 63),
                Name = new string('n', 253),
                Uid = new string('0', 36),
            },
            Container = new ContainerReference { Name = new string('n', 63), Id = new string('0', 128) },
            ErrorBytes = long.MaxValue,
            OwnBytes = long.MaxValue,
            LimitBytes = long.MaxValue,
            UsedBytes = long.MaxValue,
            GrowthBytesPerMinute = long.MinValue,
            SecondsToLimit = long.MaxValue,
            Mapping = new MappingReport
            {
                Start = new string('f', 16),
                End = new string('f', 16),
                Name = longest,
            },
        };
        ProcessReport[] processes = [.. Enumerable.Repeat(process, WorstOfEach.Most)];
        var status = Scans.Of(processes).ToStatus([]) with
        {
            WhatIf =
            [
                .. Enum.GetValues<WhatIfRule>()
                    .Select(rule => new WhatIfReport { EvaluateAs = rule, Processes = processes }),
            ],
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(status, ApiJson.Default.NodeForkReportStatus);
        Assert.InRange(json.Length, 0, ApiServer.LongestAnswer * 9 / 10);
    }
}
