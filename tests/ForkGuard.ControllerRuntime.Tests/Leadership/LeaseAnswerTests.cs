using ForkGuard.Testing;

namespace ForkGuard.ControllerRuntime.Tests.Leadership;

/// <summary>Answers about a lease that no API server gives, as those of a proxy, end no election.</summary>
public sealed class LeaseAnswerTests
{
    private const string Held = """
        {"metadata":{"name":"lease","uid":"uid-1","resourceVersion":"7"},"spec":{"holderIdentity":"first","renewTime":"2026-01-31T12:00:00.000000Z","leaseTransitions":0}}
        """;
    private const string Missing = """{"kind":"Status","code":404}""";
    private const string Modified = """{"kind":"Status","code":409}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"metadata":{"uid":"uid-1"},"spec":{"holderIdentity":5}}""")]
    [InlineData("""{"metadata":{"uid":"uid-1"},"spec":{"leaseTransitions":"many"}}""")]
    [InlineData("""{"metadata":{"uid":5},"spec":{}}""")]
    [InlineData("""{"metadata":"none"}""")]
    [InlineData("""{"status":"ok"}""")]
    public async Task A_candidate_asks_again(string answer)
    {
        await using ScriptedServer server = new(
            lease => lease.SendAsync("200 OK", answer),
            lease => lease.SendAsync("404 Not Found", Missing),
            lease => lease.SendAsync("201 Created", Held),
            lease => lease.SendAsync("200 OK", Held)
        );
        await using Runtime runtime = Runtime.On(server);

        LeaderTerm term = await LeadAsync(runtime);

        Assert.Equal("uid-1", term.LeaseUid);
        Assert.Equal(
            "GET GET POST",
            string.Join(' ', server.Requests.Take(3).Select(request => request.Split(' ')[0]))
        );
    }

    [Theory]
    [InlineData("""{"metadata":{"uid":"uid-1"},"spec":{"holderIdentity":5}}""")]
    [InlineData("""{"metadata":"none"}""")]
    [InlineData("""{"status":"ok"}""")]
    public async Task A_leader_leads_on(string answer)
    {
        await using ScriptedServer server = new(
            lease => lease.SendAsync("404 Not Found", Missing),
            lease => lease.SendAsync("201 Created", Held),
            lease => lease.SendAsync("409 Conflict", Modified),
            lease => lease.SendAsync("200 OK", answer),
            lease => lease.SendAsync("200 OK", Held)
        );
        await using Runtime runtime = Runtime.On(server);
        LeaderTerm term = await LeadAsync(runtime);

        await Condition.HoldsAsync(() => server.Requests.Count >= 7, "renewals after the answer", Cancelled);

        Assert.True(term.IsCurrent);
    }

    private static async Task<LeaderTerm> LeadAsync(Runtime runtime)
    {
        LeaderElection election = new(
            runtime.Client,
            new LeaderElectionOptions
            {
                Namespace = "default",
                Name = "lease",
                Identity = "first",
                LeaseDuration = TimeSpan.FromSeconds(30),
                RenewDeadline = TimeSpan.FromSeconds(20),
                RetryPeriod = TimeSpan.FromMilliseconds(50),
            },
            runtime.Services
        );
        runtime.Run(election.RunAsync);
        return await election.WaitForTermAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }
}
