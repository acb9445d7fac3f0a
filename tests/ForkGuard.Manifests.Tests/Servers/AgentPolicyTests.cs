using System.Net;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>An agent writes the report of its own node only, as the chart's policy says and Kubernetes' own CEL judges.</summary>
[Collection<OnRealServers>]
[Trait("Needs", "Machine")]
public sealed class AgentPolicyTests(AgentPolicy policy) : IClassFixture<AgentPolicy>
{
    [Theory]
    [InlineData(AgentPolicy.Node)]
    [InlineData(AgentPolicy.OtherNode)]
    public async Task An_agent_writes_the_report_of_its_node(string node)
    {
        var answer = await policy.WriteAsAgentOfAsync(node, node);
        Assert.True(answer.Code == HttpStatusCode.OK, answer.Message);
    }

    [Fact]
    public async Task An_agent_cannot_write_the_report_of_another_node()
    {
        var answer = await policy.WriteAsAgentOfAsync(AgentPolicy.Node, AgentPolicy.OtherNode);
        AssertRefused("the agent of node node-a may not write the report of node-b", answer);
    }

    [Fact]
    public async Task A_token_of_no_pod_cannot_write_a_report()
    {
        var answer = await policy.WriteAsync(policy.Agent(), AgentPolicy.Node);
        AssertRefused("the token names no node; it must be that of a pod of the agent", answer);
    }

    [Fact]
    public async Task A_token_that_says_nothing_but_the_account_cannot_write_a_report()
    {
        var answer = await policy.WriteAsync(policy.Agent() with { Extra = null }, AgentPolicy.Node);
        AssertRefused("the token names no node; it must be that of a pod of the agent", answer);
    }

    [Fact]
    public async Task The_controller_writes_every_report()
    {
        var answer = await policy.WriteAsync(policy.Controller(), AgentPolicy.Node);
        Assert.True(answer.Code == HttpStatusCode.OK, answer.Message);
    }

    [Fact]
    public async Task An_administrator_writes_every_report()
    {
        var answer = await policy.WriteAsync(user: null, AgentPolicy.Node);
        Assert.True(answer.Code == HttpStatusCode.OK, answer.Message);
    }

    private static void AssertRefused(string why, ServerAnswer answer)
    {
        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
        Assert.EndsWith("denied request: " + why, answer.Message, StringComparison.Ordinal);
    }
}
