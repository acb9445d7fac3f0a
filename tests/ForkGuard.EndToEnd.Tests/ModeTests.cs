using System.Text.Json.Nodes;
using ForkGuard.EndToEnd.Tests.Cluster;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>
/// What the overcommit mode decides. The mode of this machine never changes: an agent is shown another one, so what is seen here
/// of mode 1 is what ForkGuard says in it, and not what its kernel does.
/// </summary>
[Trait("Needs", "Machine")]
public sealed class ModeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_mode_one_accounting_puts_nothing_at_risk_and_the_node_says_since_when()
    {
        VictimPods victims = await VictimPods.StartAsync("mode", VictimPods.TooManyPages, Cancelled);
        string pod = Assert.Single(await victims.PodsAsync(Cancelled));
        Watch watch = await Watch.ApplyAsync(victims.Namespace, Cancelled);
        await watch.DescribedAsync(pod, "ForkImpossible", Cancelled);
        JsonNode process = await Node.ProcessAsync(
            process => string.Equals((string?)process["pod"]?["name"], pod, StringComparison.Ordinal),
            "of the pod",
            Cancelled
        );

        await using (await ModeOfAgent.SetToOneAsync(Cancelled))
        {
            await watch.SaysAsync("AtRisk", "False", "BelowThreshold", Cancelled);
            string ofNode = await Description.HasAsync("node", Node.Name, "OvercommitModeChanged", Cancelled);
            string ofPod = await watch.DescribedAsync(pod, "ForkRecovered", Cancelled);
            JsonNode report = await Node.ReportAsync(report => Mode(report) == 1, "of mode 1", Cancelled);

            JsonNode verdict = Assert.Single(await AgentCheck.RunAsync([(int)process["pid"]!], Cancelled));
            Assert.Equal("CanFork", (string?)verdict["verdict"]);
            Description.Line(ofNode, "OvercommitModeChanged", "from 0 to 1");
            Description.Line(
                ofPod,
                "ForkRecovered",
                "the overcommit mode changed, and the kernel no longer applies this constraint"
            );
            Assert.All(
                Node.ProcessesOf(report),
                reported => Assert.Null(Node.ConstraintOf(reported, "LargestMapping"))
            );
        }

        await Description.HasAsync("node", Node.Name, "from 1 to 0", Cancelled);
        await watch.SaysAsync("AtRisk", "True", "ForkImpossible", Cancelled);
    }

    [Fact]
    public async Task A_kubelet_sets_mode_one_for_itself_and_the_machine_keeps_its_own()
    {
        string ofKubelet = await Shell.InsideAsync("cat $0", ["/proc/sys/vm/overcommit_memory"], "", Cancelled);

        Assert.Equal("1", ofKubelet.Trim(), StringComparer.Ordinal);
        Assert.Equal(MachineMode.Before, MachineMode.Now);
    }

    private static int? Mode(JsonNode report) => (int?)report["status"]?["kernel"]?["overcommitMode"];
}
