using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts.Tests;

public sealed class UnreadableRunTests
{
    private static readonly DateTimeOffset Decided = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly RestartOwner Owner = new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Name = "redis",
    };
    private static readonly RestartWriter Writer = new()
    {
        LeaseNamespace = "forkguard",
        LeaseUid = "lease-1",
        LeaseTransitions = 3,
        Identity = "pod-1",
    };

    [Theory]
    [InlineData(RestartState.Called, 600, RestartResult.CallFailed)]
    [InlineData(RestartState.Replacing, 900, RestartResult.NotReplaced)]
    [InlineData(RestartState.Proving, 1200, RestartResult.Unproven)]
    public void Ends_once_the_time_out_has_passed(RestartState state, int timeout, RestartResult result)
    {
        Assert.Null(UnreadableRun.End(Input(state, timeout - 1), Owner));
        Assert.Equal(result, UnreadableRun.End(Input(state, timeout + 16), Owner)?.Put?.Result?.Known);
    }

    [Fact]
    public void Leaves_the_record_of_another_Lease_alone()
    {
        var input = Input(RestartState.Replacing, 5000);
        var other = input.Record! with { Writer = Writer with { LeaseUid = "lease-2" } };

        Assert.Null(UnreadableRun.End(input with { Record = other }, Owner));
    }

    private static RestartInput Input(RestartState state, int second) =>
        new()
        {
            Record = new ForkRestartStatus
            {
                State = state,
                Writer = Writer,
                Restart = new RestartRun
                {
                    Watch = new WatchReference
                    {
                        Kind = "ForkWatch",
                        Namespace = "shop",
                        Name = "redis",
                        Uid = "watch-1",
                    },
                    Pod = PodOf("uid-1"),
                    Node = "node-a",
                    Constraint = ConstraintType.Pids,
                    ActAtPercent = 90,
                    Method = RestartMethod.Evict,
                    Reason = "95 %",
                    OwnerUid = "owner-1",
                    ControllerUid = "set-1",
                    Siblings = ["uid-1"],
                    ReplaceWithinSeconds = 900,
                    DecidedTime = Decided,
                    CalledTime = Decided,
                    LastCallTime = Decided,
                    CallCount = 1,
                    AcceptedTime = Decided,
                    Replacement =
                        state == RestartState.Proving
                            ? new ReplacementPod
                            {
                                Pod = PodOf("uid-2"),
                                Node = "node-a",
                                SeenTime = Decided,
                            }
                            : null,
                },
            },
            Facts = new RestartFacts { IsLeader = true },
            Writer = Writer,
            Now = Decided.AddSeconds(second),
        };

    private static PodReference PodOf(string uid) =>
        new()
        {
            Namespace = "shop",
            Name = uid,
            Uid = uid,
        };
}
