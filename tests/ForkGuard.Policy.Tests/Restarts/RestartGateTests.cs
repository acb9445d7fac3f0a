using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public class RestartGateTests
{
    public static TheoryData<string> Names => [.. RestartGateCases.All.Keys];

    public static TheoryData<string> PassingNames => [.. RestartGateCases.Passing.Keys];

    [Fact]
    public void Where_nothing_speaks_against_it_a_pod_is_restarted() =>
        Assert.Empty(RestartGates.Blocks(RestartGateCases.Given));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_gate_says_no_alone_with_its_reason(string name)
    {
        var gate = RestartGateCases.All[name];

        var blocks = RestartGates.Blocks(gate.Input);

        Assert.Equal(new RestartBlock(gate.Reason, gate.Message), Assert.Single(blocks));
    }

    [Theory]
    [MemberData(nameof(PassingNames))]
    public void Just_inside_its_bound_no_gate_says_no(string name) =>
        Assert.Empty(RestartGates.Blocks(RestartGateCases.Passing[name]));

    [Fact]
    public void Every_reason_is_that_of_a_gate_that_was_seen_to_say_no() =>
        Assert.Equal(
            Enum.GetValues<BlockReason>(),
            RestartGateCases.All.Values.Select(gate => gate.Reason).Concat(ActionGateTests.Reasons).Distinct().Order()
        );

    [Fact]
    public void The_reasons_come_in_their_order_so_that_users_read_the_most_telling_first()
    {
        var input = RestartGateCases.Given with
        {
            Record = GivenRestart.Cooling(-60, 3600),
            Request = GivenRestart.Request with
            {
                BlockedBy = [BlockReason.NotGrowing, BlockReason.NotApplicable],
                ReadingAge = TimeSpan.FromHours(1),
                IsDryRun = true,
            },
            Facts = new RestartFacts
            {
                IsLeader = false,
                SwitchedOff = "off",
                StaleCache = "stale",
                Pod = new PodFacts
                {
                    Uid = "another",
                    Node = "node-b",
                    IsTerminating = true,
                    IsCritical = true,
                    HasLocalStorage = true,
                    OptOut = "annotation",
                },
                Owner = GivenRestart.Workload with { Owner = GivenRestart.Owner with { Kind = "Job" } },
                Open = [GivenRestart.Open(watch: "watch-1")],
                DisruptionBudgets = 2,
            },
        };

        var reasons = RestartGates.Blocks(input).Select(block => block.Reason).ToList();

        Assert.Equal(reasons.Order(), reasons);
        Assert.Equal(
            [
                BlockReason.NotLeader,
                BlockReason.SwitchedOff,
                BlockReason.StaleReading,
                BlockReason.StaleCache,
                BlockReason.ReportMismatch,
                BlockReason.Terminating,
                BlockReason.NodeNotReady,
                BlockReason.NotApplicable,
                BlockReason.NotGrowing,
                BlockReason.Critical,
                BlockReason.Job,
                BlockReason.OptedOut,
                BlockReason.LocalStorage,
                BlockReason.MinReadyReplicas,
                BlockReason.Cooldown,
                BlockReason.Budget,
                BlockReason.DisruptionBudget,
                BlockReason.DryRun,
            ],
            reasons
        );
    }

    [Theory]
    [InlineData("6", false)]
    [InlineData("10", true)]
    public void Of_two_restarts_that_were_decided_at_once_the_later_one_withdraws(string other, bool passes)
    {
        var decided = GivenRestart.Written(GivenRestart.Input with { Request = GivenRestart.Request });
        var input = RestartGateCases.Given with
        {
            Record = decided,
            Version = "9",
            Facts = GivenRestart.Facts with
            {
                Open = [GivenRestart.Open("watch-1", state: RestartState.Decided, version: other)],
            },
        };

        Assert.Equal(passes, RestartGates.Blocks(input).Count == 0);
    }
}
