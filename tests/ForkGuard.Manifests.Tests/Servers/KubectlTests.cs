using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.ApiReference;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>What a user sees of the resources in kubectl.</summary>
[Collection<OnRealServers>]
[Trait("Needs", "Machine")]
public sealed class KubectlTests(RealServers servers)
{
    private const int TerminalWidth = 80;

    private static readonly DateTimeOffset LongAgo = new(2020, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly WatchStatus AtRisk = new()
    {
        PodsAtRisk = 12,
        WorstPercent = 104,
        WorstConstraint = ConstraintType.Pids,
        Conditions =
        [
            new() { Type = "Ready", Status = "True" },
            new()
            {
                Type = "ActionSuppressed",
                Status = "True",
                Reason = "MinReadyReplicas",
            },
        ],
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fw", "restart.yaml")]
    [InlineData("cfw", "namespaces.yaml")]
    public async Task A_watch_fits_a_terminal(string shortName, string sample)
    {
        var watch = YamlDocuments.ReadFile(Path.Combine(ManifestPaths.Samples, sample));
        await ShowAsync(
            watch,
            JsonSerializer.SerializeToNode(AtRisk, ApiJson.Default.WatchStatus)!,
            async name =>
            {
                var shown = await TableAsync("get", shortName, name);
                Assert.Equal(["NAME", "AT RISK", "WORST %", "ACTION", "READY", "AGE"], shown[0]);
                var action = watch["spec"]!["action"]?.GetValue<string>() ?? "Event";
                Assert.Equal([name, "12", "104", action, "True"], shown[1][..5]);
                var wide = await TableAsync("get", shortName, name, "-o", "wide");
                Assert.Equal(["CONSTRAINT", "WARN %", "ACT %", "EVALUATE AS", "PAUSED", "SUPPRESSED"], wide[0][6..]);
                Assert.Equal("Pids", wide[1][6]);
                Assert.Equal(["Actual", "false", "MinReadyReplicas"], wide[1][9..]);
            }
        );
    }

    [Fact]
    public async Task A_restart_record_fits_a_terminal()
    {
        var pod = new PodReference { Namespace = "default", Name = "redis-0" };
        var status = new ForkRestartStatus
        {
            State = RestartState.Idle,
            Pod = pod,
            Result = RestartResult.Helped,
            Cooldown = new()
            {
                Since = LongAgo,
                Until = LongAgo + TimeSpan.FromHours(1),
                Watch = "ForkWatch default/redis",
            },
            History =
            [
                new()
                {
                    Pod = pod,
                    Watch = "ForkWatch default/redis",
                    DecidedTime = LongAgo,
                    EndedTime = LongAgo,
                    Result = RestartResult.Helped,
                    Message = "pod redis-1 stayed below 90 % for 60 min",
                    Method = RestartMethod.Evict,
                },
            ],
        };
        var record = Documents.Of(
            ForkGuardApi.ForkRestartKind,
            "statefulset-redis-0123456789abcdef",
            JsonNode.Parse("""{"owner": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "redis"}}""")
        );
        await ShowAsync(
            record,
            JsonSerializer.SerializeToNode(status, ApiJson.Default.ForkRestartStatus)!,
            async name =>
            {
                var shown = await TableAsync("get", "fr", name, "-o", "wide");
                Assert.Equal(
                    ["NAME", "KIND", "OWNER", "STATE", "POD", "RESULT", "COOLDOWN UNTIL", "AGE", "MESSAGE"],
                    shown[0]
                );
                Assert.Equal([name, "StatefulSet", "redis", "Idle", "redis-0", "Helped"], shown[1][..6]);

                var described = await servers.Whole.KubectlAsync("describe", "forkrestart", name);
                Assert.Contains("stayed below 90 %", described.StandardOutput, StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public async Task A_report_fits_a_terminal()
    {
        var status = new NodeForkReportStatus
        {
            ObservedTime = LongAgo,
            Kernel = new() { OvercommitMode = 2, Release = "6.1.0" },
            Scan = new() { Processes = 600, Unreadable = 3 },
            Processes = [Process(7, 91), Process(8, 80)],
            Conditions = [new() { Type = "Ready", Status = "True" }, new() { Type = "Degraded", Status = "False" }],
        };
        await ShowAsync(
            Documents.Of(
                ForkGuardApi.NodeForkReportKind,
                "worker-1.example.com",
                new JsonObject { ["everyScanAtPercent"] = 65 }
            ),
            JsonSerializer.SerializeToNode(status, ApiJson.Default.NodeForkReportStatus)!,
            async name =>
            {
                var shown = await TableAsync("get", "nfr", name);
                Assert.Equal(["NAME", "READY", "DEGRADED", "MODE", "WORST %", "OBSERVED", "AGE"], shown[0]);
                Assert.Equal([name, "True", "False", "2", "91"], shown[1][..5]);

                var wide = await TableAsync("get", "nfr", name, "-o", "wide");
                Assert.Equal(
                    ["CONSTRAINT", "COMMAND", "KERNEL", "PROCESSES", "UNREADABLE", "EVERY SCAN %"],
                    wide[0][7..]
                );
                Assert.Equal(["Pids", "redis-server", "6.1.0", "600", "3", "65"], wide[1][7..]);
            }
        );
    }

    [Fact]
    public async Task A_field_that_there_is_not_is_refused()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("forkguard-").FullName, "watch.yaml");
        var sample = await File.ReadAllTextAsync(Path.Combine(ManifestPaths.Samples, "warn.yaml"), Cancelled);
        await File.WriteAllTextAsync(
            file,
            sample.Replace("warnAtPercent", "warnAtPercnt", StringComparison.Ordinal),
            Cancelled
        );
        // kubectl knows the fields from the server's OpenAPI document, which has those of a CRD a while after the CRD is established.
        await Testing.Condition.HoldsAsync(
            async _ => (await servers.Whole.KubectlAsync("explain", "forkwatch.spec.warnAtPercent")).ExitCode == 0,
            "the server documents the fields of a watch",
            TimeSpan.FromMinutes(2),
            Cancelled
        );
        var answer = await servers.Whole.KubectlAsync("apply", "--dry-run=server", "-f", file);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.NotEqual(0, answer.ExitCode);
        Assert.Contains("warnAtPercnt", answer.StandardError, StringComparison.Ordinal);
    }

    private static ProcessReport Process(int pid, int percent) =>
        new()
        {
            Command = "redis-server",
            Pid = pid,
            Verdict = Verdict.CanFork,
            BindingConstraint = ConstraintType.Pids,
            Constraints =
            [
                new()
                {
                    Type = ConstraintType.Pids,
                    Unit = ConstraintUnit.Tasks,
                    Scope = ConstraintScope.Pod,
                    Used = percent,
                    Limit = 100,
                    Percent = percent,
                    Confidence = Confidence.Exact,
                },
            ],
        };

    private async Task ShowAsync(JsonObject document, JsonNode status, Func<string, Task> look)
    {
        var collection = Resources.PathOf(document);
        var made = await servers.Whole.SendAsync(HttpMethod.Post, collection, document.ToJsonString());
        var stored = made.Read<JsonObject>();
        var name = stored["metadata"]!["name"]!.GetValue<string>();
        try
        {
            stored["status"] = status;
            var written = await servers.Whole.SendAsync(
                HttpMethod.Put,
                $"{collection}/{name}/status",
                stored.ToJsonString()
            );
            Assert.True(written.Code == HttpStatusCode.OK, written.Message);
            await look(name);
            Assert.Contains(
                await TableAsync("get", "forkguard", "-A"),
                row => row.Any(cell => cell.EndsWith(name, StringComparison.Ordinal))
            );
        }
        finally
        {
            await servers.Whole.SendAsync(HttpMethod.Delete, $"{collection}/{name}");
        }
    }

    /// <summary>The cells of each line; without <c>-o wide</c> and <c>-A</c> the lines fit a terminal.</summary>
    private async Task<IReadOnlyList<string[]>> TableAsync(params string[] arguments)
    {
        var answer = await servers.Whole.KubectlAsync(arguments);
        Assert.True(answer.ExitCode == 0, answer.StandardError);
        var lines = answer.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (!arguments.Contains("wide") && !arguments.Contains("-A"))
        {
            Assert.All(lines, line => Assert.True(line.TrimEnd().Length <= TerminalWidth, line));
        }

        return
        [
            .. lines.Select(line =>
                line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            ),
        ];
    }
}
