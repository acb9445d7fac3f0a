using ForkGuard.EndToEnd.Tests.Cluster;

namespace ForkGuard.EndToEnd.Tests;

/// <summary>What the two accounts may do beside what every account may: that, and nothing else.</summary>
[Trait("Needs", "Machine")]
public sealed class AccountTests
{
    // It has no role but those of every account.
    private const string Nobody = "default";
    private const string Agent = Installation.Release + "-agent";
    private const string Controller = Installation.Release + "-controller";

    private static readonly string[] OfAgent =
    [
        "nodeforkreports.forkguard.io get",
        "nodeforkreports.forkguard.io/status patch",
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Installation.Namespace)]
    [InlineData("default")]
    [InlineData("kube-system")]
    public async Task The_agent_may_read_reports_and_write_their_status(string ns) =>
        Assert.Equivalent(OfAgent, await BesidesEveryAccountAsync(Agent, ns), strict: true);

    [Fact]
    public async Task The_controller_may_do_what_its_role_says() =>
        Assert.Equivalent(
            await AccessList.OfRolesAsync("controller.yaml", "ClusterRole", Cancelled),
            await BesidesEveryAccountAsync(Controller, "default"),
            strict: true
        );

    [Fact]
    public async Task The_controller_may_lead_in_its_own_namespace()
    {
        IReadOnlySet<string> elsewhere = await BesidesEveryAccountAsync(Controller, "default");
        IReadOnlySet<string> here = await BesidesEveryAccountAsync(Controller, Installation.Namespace);
        IReadOnlySet<string> ofRole = await AccessList.OfRolesAsync("controller.yaml", "Role", Cancelled);

        // A right that the cluster role gives as well is no difference between namespaces.
        Assert.Equivalent(
            ofRole.Except(elsewhere, StringComparer.Ordinal),
            here.Except(elsewhere, StringComparer.Ordinal),
            strict: true
        );
        Assert.Superset(elsewhere.ToHashSet(StringComparer.Ordinal), here.ToHashSet(StringComparer.Ordinal));
    }

    private static async Task<IReadOnlySet<string>> BesidesEveryAccountAsync(string account, string ns)
    {
        IReadOnlySet<string> everyone = await AccessList.OfAsync(Nobody, ns, Cancelled);
        IReadOnlySet<string> all = await AccessList.OfAsync(account, ns, Cancelled);
        return all.Except(everyone, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
    }
}
