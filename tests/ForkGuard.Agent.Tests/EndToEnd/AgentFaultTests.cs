using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>An API server that is away, slow, refuses or talks nonsense stops no scan, and is told once.</summary>
public abstract class AgentFaultTests : IAsyncDisposable
{
    private protected FakeApiServer Server { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <param name="name">What it is called in a failure.</param>
    /// <param name="fault">The bytes of the answer; none: never.</param>
    /// <param name="said">What the log says.</param>
    private protected async Task MustGoOnScanningAndWriteOnceItCanAsync(string name, byte[] fault, string said)
    {
        await using var victim = await StartAboveThresholdAsync();
        await using var agent = await AgentRun.StartAsync(Server);
        await Condition.HoldsAsync(() => Server.Written.Count > 0, $"a report before {name}", Check.Stop);
        await agent.WaitForLineAsync("scans every 1 s");
        Server.Fault = fault;
        await agent.WaitForLineAsync(said);
        await agent.ScansGoOnAsync();
        Assert.Single(agent.Lines, line => line.Contains(said, StringComparison.Ordinal));
        var before = Server.Written.Count;
        Server.Fault = null;
        await Condition.HoldsAsync(() => Server.Written.Count > before, $"a report after {name}", Check.Stop);
        await agent.WaitForLineAsync("takes reports again");
        AgentFootprint.MustBeSmall(agent.Pid);
    }

    /// <summary>A process that is written at every scan.</summary>
    private protected async Task<Victim> StartAboveThresholdAsync()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        Server.Spec = new() { ["scanSeconds"] = 1, ["everyScanAtPercent"] = 15 };
        return await Victim.StartAsync(
            VictimLayout.OneMapping,
            MemoryLimit.Pages() / 5,
            Victim.UniqueName(),
            cancellationToken: Check.Stop
        );
    }
}
