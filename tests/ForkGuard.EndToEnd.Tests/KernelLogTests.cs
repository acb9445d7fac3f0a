using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>Refused forks that the kernel's log shows, which the chart's <c>agent.kernelLog</c> turns on.</summary>
[Trait("Needs", "Machine")]
public sealed class KernelLogTests
{
    // capabilities(7): CAP_SYS_PTRACE is bit 19, CAP_SYSLOG bit 34.
    private const string PtraceAndSyslog = "0000000400080000";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_fork_of_a_pod_is_in_the_report_of_its_node_and_an_event()
    {
        VictimPods victims = await VictimPods.StartAsync("refused", VictimPods.TooManyPages, Cancelled);
        string pod = Assert.Single(await victims.PodsAsync(Cancelled));
        await Installation.UpgradeAsync("agent.kernelLog=true", Cancelled);
        try
        {
            Assert.Equal(PtraceAndSyslog, NodeProcess.StatusOf("/usr/bin/forkguard")["CapEff"], StringComparer.Ordinal);
            // The kernel logs ten refusals in five seconds, of all programs of the machine.
            await Condition.HoldsAsync(
                async token =>
                {
                    Assert.Equal("fork 12 ENOMEM", await victims.ForkAsync(pod, token));
                    return Refusal(await Node.FindReportAsync(token)) is not null;
                },
                $"a refusal of {VictimPods.Command} in the report",
                TimeSpan.FromMinutes(2),
                Cancelled
            );

            JsonNode refusal = Refusal(await Node.FindReportAsync(Cancelled))!;
            Assert.Equal("Memory", (string?)refusal["kind"]);
            Assert.InRange((long)refusal["count"]!, 1, long.MaxValue);
            Assert.True(
                (DateTimeOffset)refusal["since"]! <= (DateTimeOffset)refusal["lastTime"]!,
                refusal.ToJsonString()
            );
            string ofNode = await Description.HasAsync("node", Node.Name, "ForkRefused", Cancelled);
            Assert.Contains("as its log shows", ofNode, StringComparison.Ordinal);
            Assert.Contains(VictimPods.Command, ofNode, StringComparison.Ordinal);
        }
        finally
        {
            // The other tests are of an agent without it.
            await Installation.UpgradeAsync("agent.kernelLog=false", CancellationToken.None);
            await Shell.SucceedAsync(
                ["kubectl", "delete", "namespace", victims.Namespace, "--wait=false"],
                cancellationToken: CancellationToken.None
            );
        }
    }

    private static JsonNode? Refusal(JsonNode? report) =>
        (report?["status"]?["refusals"]?.AsArray() ?? [])
            .OfType<JsonNode>()
            .FirstOrDefault(refusal =>
                string.Equals((string?)refusal["name"], VictimPods.Command, StringComparison.Ordinal)
            );
}
