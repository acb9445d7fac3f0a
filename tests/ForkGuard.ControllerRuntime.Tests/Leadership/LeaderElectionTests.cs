using System.Text.Json.Nodes;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.ControllerRuntime.Tests.Leadership;

/// <summary>At most one process leads, on the real server.</summary>
[Trait("Needs", "Machine")]
public sealed class LeaderElectionTests(ControlPlane cluster)
{
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_leads_and_the_other_waits()
    {
        string ns = await cluster.CreateNamespaceAsync("election");
        await using Runtime first = Runtime.On(cluster);
        await using Runtime second = Runtime.On(cluster);
        LeaderElection leader = Elect(first, ns, "first");
        first.Run(leader.RunAsync);
        LeaderTerm term = await leader.WaitForTermAsync(Cancelled);

        LeaderElection waiting = Elect(second, ns, "second");
        second.Run(waiting.RunAsync);
        await Condition.HoldsAsync(() => second.Network.Requests.Count >= 3, "three looks at the lease", Cancelled);

        Assert.True(term.IsCurrent);
        Assert.Null(waiting.CurrentTerm);
        Assert.DoesNotContain(second.Network.Requests, request => !request.StartsWith("GET", StringComparison.Ordinal));
        V1LeaseSpec lease = (await ReadAsync(ns, Cancelled)).Spec;
        Assert.Equal("first", lease.HolderIdentity);
        Assert.Equal(15, lease.LeaseDurationSeconds);
        Assert.Equal(0, lease.LeaseTransitions);
    }

    /// <summary>A process that is killed does nothing any more, as one whose clock stands still; its clock is wrong, too.</summary>
    [Fact]
    public async Task The_other_takes_over_from_one_that_was_killed()
    {
        string ns = await cluster.CreateNamespaceAsync("killed");
        await using Runtime killed = Runtime.On(cluster, new TestTime());
        LeaderElection first = Elect(killed, ns, "killed");
        killed.Run(first.RunAsync);
        await first.WaitForTermAsync(Cancelled);

        await using Runtime runtime = Runtime.On(cluster);
        LeaderElection second = Elect(runtime, ns, "heir");
        runtime.Run(second.RunAsync);

        await Condition.HoldsAsync(
            _ => Task.FromResult(second.CurrentTerm is not null),
            "the other one leads",
            TakeOver,
            Cancelled
        );
        Assert.Equal(1, second.CurrentTerm!.Transitions);
    }

    [Fact]
    public async Task The_other_takes_over_at_once_from_one_that_stops_and_the_work_has_ended_before()
    {
        string ns = await cluster.CreateNamespaceAsync("released");
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await using Runtime first = Runtime.On(cluster);
        await using Runtime second = Runtime.On(cluster);
        LeaderElection leader = Elect(first, ns, "first", longerThanTheTest: true);
        TaskCompletionSource finishing = new();
        bool workEnded = false;
        Task running = leader.RunAsync(
            async term =>
            {
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, term.Lost);
                }
                finally
                {
                    await finishing.Task;
                    workEnded = true;
                }
            },
            stop.Token
        );
        await leader.WaitForTermAsync(Cancelled);
        LeaderElection heir = Elect(second, ns, "second", longerThanTheTest: true);
        bool? hadEnded = null;
        second.Run(stopped =>
            heir.RunAsync(
                term =>
                {
                    hadEnded = workEnded;
                    return Task.Delay(Timeout.InfiniteTimeSpan, term.Lost);
                },
                stopped
            )
        );

        await stop.CancelAsync();
        await Condition.HoldsAsync(() => leader.CurrentTerm is null, "the end of the term", Cancelled);
        int looks = second.Network.Requests.Count;
        await Condition.HoldsAsync(() => second.Network.Requests.Count > looks + 1, "another look", Cancelled);
        Assert.Equal("first", (await ReadAsync(ns, Cancelled)).Spec.HolderIdentity);
        finishing.SetResult();
        await running;

        await Condition.HoldsAsync(() => hadEnded is not null, "the other one leads", Cancelled);
        Assert.True(hadEnded);
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_has_lost_its_term_before_the_other_one_leads_and_never_writes_again()
    {
        string ns = await cluster.CreateNamespaceAsync("cutoff");
        await using Runtime old = Runtime.On(cluster);
        await using Runtime other = Runtime.On(cluster);
        LeaderElection first = Elect(old, ns, "old");
        Task running = first.RunAsync(Cancelled);
        LeaderTerm term = await first.WaitForTermAsync(Cancelled);
        LeaderElection second = Elect(other, ns, "new");
        bool? wasLost = null;
        bool? wasCurrent = null;
        other.Run(stopped =>
            second.RunAsync(
                heir =>
                {
                    wasLost = term.Lost.IsCancellationRequested;
                    wasCurrent = term.IsCurrent;
                    return Task.Delay(Timeout.InfiniteTimeSpan, heir.Lost);
                },
                stopped
            )
        );

        old.Network.Hang();
        await Assert.ThrowsAsync<LeadershipLostException>(() => running);
        int requests = old.Network.Requests.Count;
        old.Network.Mend();
        await Condition.HoldsAsync(
            _ => Task.FromResult(wasLost is not null),
            "the other one leads",
            TakeOver,
            Cancelled
        );

        Assert.True(wasLost);
        Assert.False(wasCurrent);
        Assert.Throws<LeadershipLostException>(term.ThrowIfLost);
        Assert.Null(first.CurrentTerm);
        await Condition.HoldsAsync(
            async token => (await ReadAsync(ns, token)).Spec.RenewTime > (await ReadAsync(ns, token)).Spec.AcquireTime,
            "the new leader renews",
            TakeOver,
            Cancelled
        );
        Assert.Equal(requests, old.Network.Requests.Count);
    }

    [Fact]
    public async Task A_short_failure_costs_nothing()
    {
        string ns = await cluster.CreateNamespaceAsync("hiccup");
        await using Runtime runtime = Runtime.On(cluster);
        LeaderElection election = Elect(runtime, ns, "steady");
        runtime.Run(election.RunAsync);
        LeaderTerm term = await election.WaitForTermAsync(Cancelled);

        runtime.Network.Cut();
        int requests = runtime.Network.Requests.Count;
        await Condition.HoldsAsync(() => runtime.Network.Requests.Count > requests, "a renewal that fails", Cancelled);
        runtime.Network.Mend();
        DateTime? renewed = (await ReadAsync(ns, Cancelled)).Spec.RenewTime;

        await Condition.HoldsAsync(
            async token => (await ReadAsync(ns, token)).Spec.RenewTime > renewed,
            "a renewal that succeeds",
            TakeOver,
            Cancelled
        );
        Assert.True(term.IsCurrent);
    }

    [Fact]
    public async Task A_lease_that_somebody_annotates_is_kept_and_so_is_the_annotation()
    {
        string ns = await cluster.CreateNamespaceAsync("annotated");
        await using Runtime runtime = Runtime.On(cluster);
        LeaderElection election = Elect(runtime, ns, "steady");
        runtime.Run(election.RunAsync);
        LeaderTerm term = await election.WaitForTermAsync(Cancelled);

        await cluster.KubectlAsync("-n", ns, "annotate", "lease", "test", "note=kept");
        DateTime? renewed = (await ReadAsync(ns, Cancelled)).Spec.RenewTime;

        await Condition.HoldsAsync(
            async token => (await ReadAsync(ns, token)).Spec.RenewTime > renewed,
            "a renewal after it",
            TakeOver,
            Cancelled
        );
        Assert.True(term.IsCurrent);
        Assert.Equal("kept", (await ReadAsync(ns, Cancelled)).Metadata.Annotations["note"]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"spec":{}}""")]
    [InlineData("""{"spec":{"holderIdentity":"","leaseDurationSeconds":3600}}""")]
    public async Task A_lease_without_a_holder_is_acquired(string lease)
    {
        string ns = await cluster.CreateNamespaceAsync("empty");
        JsonObject body = JsonNode.Parse(lease)!.AsObject();
        body["metadata"] = new JsonObject { ["name"] = "test" };
        await cluster.Admin.CustomObjects.CreateNamespacedCustomObjectAsync(
            body,
            "coordination.k8s.io",
            "v1",
            ns,
            "leases",
            cancellationToken: Cancelled
        );
        await using Runtime runtime = Runtime.On(cluster);
        LeaderElection election = Elect(runtime, ns, "first");
        runtime.Run(election.RunAsync);

        LeaderTerm term = await election.WaitForTermAsync(Cancelled);

        Assert.Equal(1, term.Transitions);
    }

    [Fact]
    public async Task A_leader_whose_lease_is_deleted_ends_and_does_not_make_it_again()
    {
        string ns = await cluster.CreateNamespaceAsync("deleted");
        await using Runtime runtime = Runtime.On(cluster);
        LeaderElection election = Elect(runtime, ns, "first");
        Task running = election.RunAsync(Cancelled);
        await election.WaitForTermAsync(Cancelled);

        await DeleteAsync(ns);

        LeadershipLostException lost = await Assert.ThrowsAsync<LeadershipLostException>(() => running);
        Assert.Contains("deleted", lost.Message, StringComparison.Ordinal);
        Assert.Null(election.CurrentTerm);
        Assert.Equal(
            1,
            runtime.Network.Requests.Count(request => request.StartsWith("POST", StringComparison.Ordinal))
        );
    }

    /// <summary>The lease was replaced by an empty one, and objects are of a term that it does not count any more.</summary>
    [Theory]
    [InlineData("first", 7)]
    [InlineData("other", 0)]
    public async Task A_term_that_ends_for_a_later_one_leaves_its_count_unless_another_holds_the_lease(
        string holder,
        int transitions
    )
    {
        string ns = await cluster.CreateNamespaceAsync("counted");
        await using Runtime runtime = Runtime.On(cluster);
        LeaderElection election = Elect(runtime, ns, "first", longerThanTheTest: true);
        Task running = election.RunAsync(Cancelled);
        LeaderTerm term = await election.WaitForTermAsync(Cancelled);
        await cluster.KubectlAsync(
            "-n",
            ns,
            "patch",
            "lease",
            "test",
            "--type=merge",
            "--patch",
            $$"""{"spec":{"holderIdentity":"{{holder}}"} }"""
        );

        term.EndBefore(7);

        await Assert.ThrowsAsync<LeadershipLostException>(() => running);
        V1LeaseSpec lease = (await ReadAsync(ns, Cancelled)).Spec;
        Assert.Equal((holder, transitions), (lease.HolderIdentity, lease.LeaseTransitions));
    }

    [Fact]
    public async Task A_lease_that_is_deleted_is_not_made_again_before_its_holder_must_have_noticed()
    {
        string ns = await cluster.CreateNamespaceAsync("unnoticed");
        await using Runtime first = Runtime.On(cluster);
        await using Runtime second = Runtime.On(cluster);
        LeaderElection leader = Elect(first, ns, "first");
        Task running = leader.RunAsync(Cancelled);
        LeaderTerm term = await leader.WaitForTermAsync(Cancelled);
        LeaderElection waiting = Elect(second, ns, "second");
        bool? wasLost = null;
        second.Run(stopped =>
            waiting.RunAsync(
                heir =>
                {
                    wasLost = term.Lost.IsCancellationRequested;
                    return Task.Delay(Timeout.InfiniteTimeSpan, heir.Lost);
                },
                stopped
            )
        );
        await Condition.HoldsAsync(() => second.Network.Requests.Count > 1, "a look at the lease", Cancelled);

        first.Network.Hang();
        await DeleteAsync(ns);

        await Condition.HoldsAsync(
            _ => Task.FromResult(wasLost is not null),
            "the other one leads",
            TakeOver,
            Cancelled
        );
        Assert.True(wasLost);
        await Assert.ThrowsAsync<LeadershipLostException>(() => running);
    }

    [Fact]
    public async Task The_writing_client_of_one_that_does_not_lead_reads_and_does_not_write()
    {
        string ns = await cluster.CreateNamespaceAsync("gate");
        await using Runtime runtime = Runtime.On(cluster);
        LeaderElection election = Elect(runtime, ns, "first");
        using LeaderWritesOnly gate = new(() => election.CurrentTerm);
        using ApiClient client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig), gate);
        V1ConfigMap map = new() { Metadata = new() { Name = "written" } };

        await Assert.ThrowsAsync<LeadershipLostException>(() => WriteAsync());
        Assert.Empty(
            (
                await client.CoreV1.ListNamespacedConfigMapAsync(
                    ns,
                    fieldSelector: "metadata.name=written",
                    cancellationToken: Cancelled
                )
            ).Items
        );
        runtime.Run(election.RunAsync);
        await election.WaitForTermAsync(Cancelled);
        await WriteAsync();

        Task<V1ConfigMap> WriteAsync() =>
            client.CoreV1.CreateNamespacedConfigMapAsync(map, ns, cancellationToken: Cancelled);
    }

    [Fact]
    public void Times_that_would_let_two_lead_are_refused()
    {
        using ApiClient client = new(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });
        using RuntimeMetrics metrics = new();
        RuntimeServices services = new(
            TimeProvider.System,
            metrics,
            new(TimeProvider.System),
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance
        );
        LeaderElectionOptions options = new()
        {
            Namespace = "a",
            Name = "b",
            RenewDeadline = TimeSpan.FromSeconds(15),
        };

        ArgumentException refused = Assert.Throws<ArgumentException>(() =>
            new LeaderElection(client, options, services)
        );

        Assert.Contains("RenewDeadline", refused.Message, StringComparison.Ordinal);
    }

    private static LeaderElection Elect(Runtime runtime, string ns, string identity, bool longerThanTheTest = false) =>
        new(
            runtime.Client,
            new()
            {
                Namespace = ns,
                Name = "test",
                Identity = identity,
                LeaseDuration = longerThanTheTest ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(15),
            },
            runtime.Services
        );

    private Task<V1Status> DeleteAsync(string ns) =>
        cluster.Admin.CoordinationV1.DeleteNamespacedLeaseAsync("test", ns, cancellationToken: Cancelled);

    private Task<V1Lease> ReadAsync(string ns, CancellationToken cancellationToken) =>
        cluster.Admin.CoordinationV1.ReadNamespacedLeaseAsync("test", ns, cancellationToken: cancellationToken);
}
