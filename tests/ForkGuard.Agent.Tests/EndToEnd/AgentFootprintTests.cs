using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>A thousand processes, metrics that are scraped, and an API server that takes a report at every scan.</summary>
[Trait("Needs", "Machine")]
public class AgentFootprintTests
{
    private const int Processes = 1000;

    [Fact]
    public async Task The_agent_stays_small()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        List<Victim> idle = [];
        try
        {
            for (var i = 0; i < Processes; i++)
            {
                idle.Add(await Victim.StartAsync(VictimLayout.Idle, 0, cancellationToken: Check.Stop));
            }

            await using var leak = await Victim.StartAsync(
                VictimLayout.OneMapping,
                MemoryLimit.Pages() / 2,
                cancellationToken: Check.Stop
            );
            await using var server = new FakeApiServer
            {
                Spec = new() { ["scanSeconds"] = 1, ["everyScanAtPercent"] = 40 },
            };
            await using var agent = await AgentRun.StartAsync(server);
            await Condition.HoldsAsync(
                async _ =>
                {
                    await agent.MetricsAsync();
                    return server.Written.Count >= 10;
                },
                "ten reports",
                cancellationToken: Check.Stop
            );
            AgentFootprint.MustBeSmall(agent.Pid);
        }
        finally
        {
            foreach (var victim in idle)
            {
                await victim.DisposeAsync();
            }
        }
    }
}
