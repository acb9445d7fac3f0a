using ForkGuard.Api;
using ForkGuard.Faults.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Checking;

/// <summary>The checker counts what it is there for.</summary>
public sealed class RestartCheckTests
{
    private const string Controller = "system:serviceaccount:first:forkguard-controller";

    private static readonly DateTimeOffset Begin = TimeProvider.System.GetUtcNow();

    [Fact]
    public void A_restart_of_a_leaking_pod_is_one_restart_and_no_defect()
    {
        var outcome = Check([Request("a")], [Pod("a")], [Record("a")]).Outcome(null, default, [RestartResult.Helped]);

        Assert.Equal(1, outcome.Restarts);
        Assert.Empty(outcome.Defects);
    }

    [Fact]
    public void Two_restarts_of_a_workload_are_a_double_one()
    {
        var check = Check(
            [Request("a"), Request("b") with { Time = Begin.AddSeconds(1) }],
            [Pod("a"), Pod("b")],
            [Record("a", "b")]
        );

        Assert.Single(check.Outcome(null, default, [RestartResult.Helped]).Double);
    }

    [Fact]
    public void A_restart_of_a_pod_that_does_not_leak_is_false()
    {
        var check = Check([Request("c")], [Pod("c")], [Record("c")]);

        Assert.Single(check.Outcome(null, default, [RestartResult.Helped]).False);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(6, 1)]
    public void A_restart_while_a_gate_says_no_is_false_after_the_five_seconds_that_a_call_may_take(
        int seconds,
        int wrong
    )
    {
        var allowed = new AllowedTimes();
        allowed.Forbid("paused");
        var call = Request("a") with { Time = TimeProvider.System.GetUtcNow().AddSeconds(seconds) };
        var check = Check([call], [Pod("a")], [Record("a")], allowed);

        Assert.Equal(wrong, check.Outcome(null, default, [RestartResult.Helped]).False.Count);
    }

    [Fact]
    public void A_call_with_a_lost_answer_is_a_restart_if_the_pod_went()
    {
        Assert.Single(Check([Request("a") with { Code = null }], [Pod("a")], [Record("a")]).Restarts);
        Assert.Single(Check([Request("a") with { Code = 500 }], [Pod("a")], [Record("a")]).Restarts);
        Assert.Empty(Check([Request("a") with { Code = null }], [], []).Restarts);
    }

    [Fact]
    public void A_deletion_by_others_a_refusal_and_a_dry_run_are_no_restarts()
    {
        Assert.Empty(Check([Request("a") with { User = "admin" }], [Pod("a")], []).Restarts);
        Assert.Empty(Check([Request("a") with { Code = 429 }], [Pod("a")], []).Restarts);
        Assert.Empty(Check([Request("a") with { IsTrial = true }], [Pod("a")], []).Restarts);
        Assert.Empty(Check([Request("a") with { Uid = "another" }], [Pod("a")], []).Restarts);
    }

    [Fact]
    public void A_restart_without_a_record_is_lost()
    {
        Assert.Single(Check([Request("a")], [Pod("a")], []).Outcome(null, default, []).Lost);
        Assert.Single(Check([], [], []).Outcome("a leak that no restart follows", default, []).Lost);
    }

    [Fact]
    public void A_result_that_the_story_rules_out_is_a_defect()
    {
        var check = Check([Request("a")], [Pod("a")], [Record("a")]);

        Assert.Equal(["Helped"], check.Outcome(null, default, [RestartResult.Unproven]).Unexpected);
    }

    [Fact]
    public async Task The_audit_log_is_read_by_request_and_half_a_line_is_left_out()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            """
            {"stage":"RequestReceived","auditID":"1","requestURI":"/api/v1/namespaces/ns/pods/a/eviction?dryRun=All","verb":"create","user":{"username":"u"},"objectRef":{"resource":"pods","namespace":"ns","name":"a","subresource":"eviction"},"requestReceivedTimestamp":"2026-01-02T03:04:05.678901Z"}
            {"stage":"ResponseComplete","auditID":"1","requestURI":"/api/v1/namespaces/ns/pods/a/eviction?dryRun=All","verb":"create","user":{"username":"u"},"objectRef":{"resource":"pods","namespace":"ns","name":"a","subresource":"eviction"},"responseStatus":{"code":201},"requestObject":{"deleteOptions":{"preconditions":{"uid":"x"}}},"requestReceivedTimestamp":"2026-01-02T03:04:05.678901Z"}
            {"stage":"ResponseComplete","auditID":"2","verb":"create","user":{"username":"u"},"objectRef":{"resource":"pods","namespace":"ns","name":"made"},"requestReceivedTimestamp":"2026-01-02T03:04:05.678901Z"}
            {"stage":"RequestReceived","auditID":"3","verb":"delete","user":{"userna
            """,
            TestContext.Current.CancellationToken
        );

        var request = Assert.Single(await AuditLog.ReadAsync(file, "ns"));

        File.Delete(file);
        Assert.Equal(("a", "x", true, 201), (request.Pod, request.Uid, request.IsTrial, request.Code));
    }

    private static RestartCheck Check(
        IReadOnlyList<RemovalRequest> requests,
        IReadOnlyList<RemovedPod> removed,
        IReadOnlyList<ForkRestart> records,
        AllowedTimes? allowed = null
    ) => new(requests, [Controller], removed, records, uid => uid is "uid-a" or "uid-b", allowed ?? new AllowedTimes());

    private static RemovalRequest Request(string pod) =>
        new(pod, Controller, pod, "uid-" + pod, IsTrial: false, Begin, Code: 201);

    private static RemovedPod Pod(string name) => new("uid-" + name, name, "redis", Begin);

    private static ForkRestart Record(params string[] pods) =>
        new()
        {
            Spec = new ForkRestartSpec
            {
                Owner = new RestartOwner
                {
                    ApiVersion = "apps/v1",
                    Kind = "Deployment",
                    Name = "redis",
                },
            },
            Status = new ForkRestartStatus { History = [.. pods.Select(Past)] },
        };

    private static PastRestart Past(string pod) =>
        new()
        {
            Pod = new PodReference
            {
                Namespace = "ns",
                Name = pod,
                Uid = "uid-" + pod,
            },
            Watch = "ForkWatch ns/leaks",
            DecidedTime = Begin,
            EndedTime = Begin,
            Result = RestartResult.Helped,
        };
}
